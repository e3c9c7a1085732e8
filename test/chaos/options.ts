/** The command line of the chaos run. */
import { parseArgs } from 'node:util'
import { FAULT_KINDS } from './lanes.ts'
import type { FaultKind } from './faults/fault.ts'

export interface ChaosOptions {
  readonly minutes: number
  readonly seed: number
  readonly workers: number
  readonly faults: readonly FaultKind[]
  /** Where inputs, outputs and logs are left; null makes one under .cache/chaos. */
  readonly folder: string | null
  /** Leave the servers' own data too. */
  readonly keep: boolean
}

export const HELP = `Kills, stops, cuts and slows everything under usage and enforcement on real servers, then has a
verifier that shares no code with src work out what had to come out, and compare.

  npm run chaos -- --minutes 2 --seed 7

  --minutes N     how long the load and the faults last (2)
  --seed N        decides the load and the faults (7)
  --workers N     worker processes (4)
  --faults A,B    only these kinds, or none (all)
  --folder DIR    where inputs, outputs and logs are left (.cache/chaos/seed-N-TIME)
  --keep          leave the servers' data and logs there too, as a run does that fails
  --help

Kinds of faults:
${FAULT_KINDS.map(({ name, title }) => `  ${name.padEnd(15)} ${title}`).join('\n')}

Needs Java 17, redis-server, and Toxiproxy or Go. Ends with 0 where the last line says
\`lost 0 doubled 0 wrong 0\` and no worker ended by itself (trouble that passes is waited out), with 1
where not, with 2 on a wrong command line.
`

export class WrongOptions extends Error {}

/** Null: help was asked for. */
export function readOptions(args: readonly string[]): ChaosOptions | null {
  const { values } = parse(args)
  if (values.help === true) return null
  return {
    minutes: whole('--minutes', values.minutes, 1),
    seed: whole('--seed', values.seed, 0),
    workers: whole('--workers', values.workers, 2),
    faults: kindsOf(values.faults),
    folder: values.folder ?? null,
    keep: values.keep === true,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '2' },
        seed: { type: 'string', default: '7' },
        workers: { type: 'string', default: '4' },
        faults: { type: 'string' },
        folder: { type: 'string' },
        keep: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new WrongOptions(error instanceof Error ? error.message : String(error))
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new WrongOptions(`${name} must be a whole number from ${least} on, not "${text}"`)
}

function kindsOf(text: string | undefined): readonly FaultKind[] {
  if (text === undefined) return FAULT_KINDS
  if (text === 'none') return []
  return text.split(',').map((name) => {
    const found = FAULT_KINDS.find((kind) => kind.name === name.trim())
    if (found !== undefined) return found
    const known = FAULT_KINDS.map((kind) => kind.name).join(', ')
    throw new WrongOptions(`there is no fault ${name.trim()}; known: ${known}, none`)
  })
}
