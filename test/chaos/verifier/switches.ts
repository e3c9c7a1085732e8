/**
 * Which findings of a detector that people stop and let run again may have been heeded, and which passed over.
 *
 * Whether a finding was heeded shows in the log: the vault is asked for what is heeded, and never for what is passed
 * over. Both are decided by the switch as the deciding process knew it then, and it may know it late by `WITHIN_MS`
 * and no more. So a finding that was heeded at a known time wants a moment within that time before at which the
 * detector ran. One that was passed over was so after it had been told and before the next finding in its partition
 * was heeded, for they are judged in their order: there must have been a moment in between at which it was stopped.
 */
import { nameBasedId } from './ids.ts'
import { fieldsOf, number, readLines, text, type Line } from './lines.ts'

export const SWITCHED_DETECTOR = 'chaos.switched'
/** The two seconds that are promised, and eight for which a process may be cut off from the log. */
export const WITHIN_MS = 10_000

interface State {
  readonly fromMs: number
  readonly stopped: boolean
}

export interface SwitchedFindings {
  /** Ids of the signals that were heeded. */
  readonly heeded: ReadonlySet<string>
  readonly passedOver: number
  /** By how much a switch was known late at the most, to explain all. */
  readonly latestMs: number
  readonly problems: readonly string[]
}

export function switchedFindings(folder: string, askedAtMs: ReadonlyMap<string, number>): SwitchedFindings {
  const states = statesOf(folder)
  const heeded = new Set<string>()
  const problems: string[] = []
  let [passedOver, latestMs] = [0, 0]
  for (const { line, signalId, untilMs } of bounded(folder, askedAtMs)) {
    if (line.value === null || text(line.value, 'detectorId') !== SWITCHED_DETECTOR) continue
    const atMs = askedAtMs.get(preservationOf(signalId))
    if (atMs === undefined) passedOver++
    else heeded.add(signalId)
    const lateMs =
      atMs === undefined ? lateBy(states, true, line.timestampMs, untilMs) : lateBy(states, false, atMs, atMs)
    if (lateMs <= WITHIN_MS) latestMs = Math.max(latestMs, lateMs)
    else
      problems.push(
        `${signalId} was ${atMs === undefined ? 'passed over' : 'heeded'}: switch ${lateMs} ms late`,
      )
  }
  return { heeded, passedOver, latestMs, problems }
}

function preservationOf(signalId: string): string {
  return nameBasedId('preservation', signalId)
}

/** The detector runs until it is first stopped; a lower version or the same again changes nothing. */
function statesOf(folder: string): readonly State[] {
  const states: State[] = [{ fromMs: -Infinity, stopped: false }]
  let version = 0
  for (const { value, timestampMs } of readLines(folder, 'bailiff.control.v1')) {
    if (value === null || value['killSwitch'] === null) continue
    const killSwitch = fieldsOf(value, 'killSwitch')
    if (killSwitch['target'] !== SWITCHED_DETECTOR || number(value, 'version') <= version) continue
    version = number(value, 'version')
    states.push({ fromMs: timestampMs, stopped: killSwitch['engaged'] === true })
  }
  return states
}

/** How far before the span the detector last was so; 0 where it was within it, `Infinity` where it never was. */
function lateBy(states: readonly State[], stopped: boolean, fromMs: number, untilMs: number): number {
  const ends = states.flatMap((state, at) => {
    const endMs = states[at + 1]?.fromMs ?? Infinity
    return state.stopped === stopped && state.fromMs <= untilMs ? [endMs] : []
  })
  return Math.max(0, fromMs - Math.max(-Infinity, ...ends))
}

interface Bounded {
  readonly line: Line
  readonly signalId: string
  /** By when it was judged: a later one of its partition was heeded then. */
  readonly untilMs: number
}

function bounded(folder: string, askedAtMs: ReadonlyMap<string, number>): readonly Bounded[] {
  const partitions = Map.groupBy(readLines(folder, 'abuse.signals.v1'), ({ partition }) => partition)
  return [...partitions.values()].flatMap((lines) => {
    let untilMs = Infinity
    return lines.toReversed().map((line) => {
      const signalId = line.value === null ? '' : text(line.value, 'id')
      const one = { line, signalId, untilMs }
      untilMs = Math.min(untilMs, askedAtMs.get(preservationOf(signalId)) ?? Infinity)
      return one
    })
  })
}
