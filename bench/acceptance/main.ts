/**
 * `npm run acceptance`: judges the detectors of behaviour on a simulated platform that they have not seen. Prints
 * progress while it runs, then the bars, every finding about an honest account, and recall by level of evasion; ends
 * with 1 where a bar is not reached. See docs/acceptance.md.
 *
 *   npm run acceptance -- [--seeds 20] [--first-seed 1001] [--days 12] [--accounts 200] [--requests-per-day 17500]
 *     [--processes 2] [--keep FOLDER] [--json]
 *
 * With `--keep` each seed's outcome is kept in the folder, and a run that was cut off goes on where it was: a folder is
 * for one revision and the same figures.
 *
 * Seeds from 1001 on are kept for judging: tune on seeds below 1000.
 */
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { LEAST_DAYS } from '../../src/simulate/acceptance/world.ts'
import { keptIn, type SeedMessage, type SeedOutcome, type SeedTask } from './outcome.ts'
import { linesOf, reportOf } from './report.ts'

const SEED_PROCESS = fileURLToPath(new URL('./seed-process.ts', import.meta.url))
/** More would not be faster where others work, and each wants some memory. */
const MOST_PROCESSES = 2

interface Options {
  readonly seeds: readonly number[]
  readonly task: Omit<SeedTask, 'seed'>
  readonly processes: number
  /** Where outcomes are kept; null: nowhere. */
  readonly folder: string | null
  readonly json: boolean
}

const HELP = `Judges the detectors of behaviour on simulated days, with abusers that know the thresholds and honest customers that
look like them (docs/acceptance.md). Ends with 0 where every bar is reached, else with 1.

  npm run acceptance -- --seeds 20

  --seeds N             how many worlds (20)
  --first-seed N        the first of them (1001)
  --days N              simulated days (${LEAST_DAYS}, the least)
  --accounts N          (200)
  --requests-per-day N  (17500)
  --processes N         at once, ${MOST_PROCESSES} at most (${MOST_PROCESSES})
  --keep FOLDER         keeps each world's outcome there
  --json                the report as one JSON object
  --help
`

function optionsOf(): Options {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '20' },
      'first-seed': { type: 'string', default: '1001' },
      days: { type: 'string', default: String(LEAST_DAYS) },
      accounts: { type: 'string', default: '200' },
      'requests-per-day': { type: 'string', default: '17500' },
      processes: { type: 'string', default: String(MOST_PROCESSES) },
      keep: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const first = whole('first-seed', values['first-seed'], 0)
  const count = whole('seeds', values.seeds, 1)
  return {
    seeds: Array.from({ length: count }, (_, at) => first + at),
    task: {
      days: whole('days', values.days, LEAST_DAYS),
      accounts: whole('accounts', values.accounts, 1),
      requestsPerDay: whole('requests-per-day', values['requests-per-day'], 1),
    },
    processes: Math.min(MOST_PROCESSES, whole('processes', values.processes, 1)),
    folder: values.keep ?? null,
    json: values.json,
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= least) return value
  console.error(`--${name} must be a whole number of at least ${least}`)
  process.exit(2)
}

/** All seeds, so many at a time, each in a process of its own. */
async function outcomesOf({ seeds, task, processes, folder }: Options): Promise<readonly SeedOutcome[]> {
  const left = [...seeds]
  const outcomes: SeedOutcome[] = []
  const work = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      outcomes.push(await keptOutcomeOf({ seed, ...task }, folder))
      console.error(`seed ${seed} is done: ${outcomes.length} of ${seeds.length}`)
    }
  }
  await Promise.all(Array.from({ length: processes }, work))
  return outcomes.sort((a, b) => a.seed - b.seed)
}

async function keptOutcomeOf(task: SeedTask, folder: string | null): Promise<SeedOutcome> {
  if (folder === null) return outcomeOf(task)
  const file = join(folder, `seed-${task.seed}.json`)
  if (existsSync(file)) return keptIn(file)
  const outcome = await outcomeOf(task)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, JSON.stringify(outcome))
  return outcome
}

function outcomeOf(task: SeedTask): Promise<SeedOutcome> {
  const args = Object.entries({
    '--seed': task.seed,
    '--days': task.days,
    '--accounts': task.accounts,
    '--requests-per-day': task.requestsPerDay,
  }).flatMap(([name, value]) => [name, String(value)])
  return new Promise((resolve, reject) => {
    const child = fork(SEED_PROCESS, args, { execArgv: ['--max-semi-space-size=64'] })
    child.on('message', (message: SeedMessage) => {
      if (message.kind === 'outcome') resolve(message.outcome)
      else if (message.kind === 'failed') reject(new Error(`seed ${message.seed}: ${message.reason}`))
      else console.error(`seed ${message.seed}: day ${message.day}, ${message.requests} requests`)
    })
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`the process of seed ${task.seed} ended with ${code}`)))
  })
}

const options = optionsOf()
const report = reportOf(await outcomesOf(options), options.task.days)
if (options.json) console.log(JSON.stringify(report))
else for (const line of linesOf(report)) console.log(line)
if (!report.bars.every(({ reached }) => reached)) process.exitCode = 1
