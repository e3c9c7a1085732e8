/** `npm run chaos`: see `options.ts` for what can be asked. */
import { mkdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { VERSIONS } from '../../scripts/services/settings.mjs'
import { HELP, readOptions, WrongOptions, type ChaosOptions } from './options.ts'
import { isClean, Run, Stopped, type Outcome } from './run.ts'

const ROOT = join(import.meta.dirname, '..', '..')

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2))
  if (options === null) {
    process.stdout.write(HELP)
    return 0
  }
  const folder = resolve(options.folder ?? join(ROOT, '.cache', 'chaos', `seed-${options.seed}-${stamp()}`))
  mkdirSync(folder, { recursive: true })
  const startMs = Date.now()
  const tell = (text: string): void => {
    const at = ((Date.now() - startMs) / 1000).toFixed(1).padStart(7)
    process.stdout.write(`${at} s  ${text}\n`)
  }
  tell(
    `seed ${options.seed}, ${options.minutes} min, ${options.workers} workers, folder ${relative(ROOT, folder)}`,
  )
  const run = new Run(options, folder, tell)
  process.on('SIGINT', () => stop(run, tell))
  process.on('SIGTERM', () => stop(run, tell))
  const outcome = await run.run()
  return report(options, folder, outcome)
}

function stop(run: Run, tell: (text: string) => void): void {
  tell('stopping everything')
  run.stop()
}

/** The last line is what counts; everything that a person needs to look further stands before it. */
function report(options: ChaosOptions, folder: string, outcome: Outcome): number {
  const { judgement, faults, crashes, calm, events } = outcome
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  const made = [...faults.values()].reduce((sum, count) => sum + count, 0)
  for (const problem of judgement.problems.slice(0, 50)) say(problem)
  if (judgement.problems.length > 50) say(`... and ${judgement.problems.length - 50} more`)
  for (const crash of crashes) say(`ended by itself: ${crash}`)
  if (!calm) say('it did not become calm in time')
  say(`machine: ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
  say(`servers: Kafka ${VERSIONS.kafka} (three brokers), Apicurio ${VERSIONS.registry}`)
  say(
    `seed ${options.seed}, ${options.minutes} min, ${events} events; right: ${JSON.stringify(judgement.held)}`,
  )
  say(
    `latest lifting ${judgement.latestLiftingMs} ms after its term; workers that ended by themselves ${crashes.length}`,
  )
  say(`faults: ${JSON.stringify(Object.fromEntries(faults))}`)
  say(`inputs, outputs and logs: ${relative(ROOT, folder)}`)
  const { lost, doubled, wrong } = judgement
  say(`lost ${lost} doubled ${doubled} wrong ${wrong} faults ${made}`)
  return isClean(outcome) ? 0 : 1
}

function stamp(): string {
  return new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 15)
}

const EXIT = { failed: 1, usage: 2, interrupted: 130 }

function exitCodeOf(error: unknown): number {
  if (error instanceof WrongOptions) return EXIT.usage
  return error instanceof Stopped ? EXIT.interrupted : EXIT.failed
}

try {
  process.exit(await main())
} catch (error) {
  const code = exitCodeOf(error)
  const told = error instanceof Error ? (code === EXIT.failed ? error.stack : error.message) : String(error)
  process.stderr.write(`${told ?? ''}\n`)
  process.exit(code)
}
