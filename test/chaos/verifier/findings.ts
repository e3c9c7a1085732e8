/**
 * What the detectors of the run must have found, from the platform's records alone. Each burst lies within one
 * pane, so that counting by pane is all there is to it.
 *
 * A finding names the moments at which its condition may have become true. Where one source decides, that is one
 * record, exactly: a record that was counted twice would have come too early, a lost one too late.
 */
import { keyedId } from './ids.ts'
import { fieldsOf, listOf, number, readLines, text, type Fields } from './lines.ts'

export interface Moment {
  readonly atMs: number
  readonly requestId: string
}

export interface Finding {
  readonly id: string
  readonly detectorId: string
  readonly accountId: string
  readonly actorLevel: 'account' | 'key'
  readonly actorId: string
  readonly windowMs: number
  /** Any of these may have completed the condition. */
  readonly moments: readonly Moment[]
}

const SLOT_MS = 20_000
const MINUTE_MS = 60_000
const BURST = 6
const PAIR = 4
const JOIN = 3
const POOL = 5
const FLAGGED = 0.9

interface Input {
  readonly usage: readonly Fields[]
  readonly verdicts: readonly Fields[]
  readonly pressure: readonly Fields[]
}

export function expectedFindings(folder: string): readonly Finding[] {
  const input: Input = {
    usage: unique(folder, 'inference.usage.v1'),
    verdicts: unique(folder, 'inference.verdicts.v1'),
    pressure: values(folder, 'abuse.pool-pressure.v1'),
  }
  return [
    ...bursts(input, 'burst'),
    ...bursts(input, 'stopped'),
    ...bursts(input, 'switched'),
    ...bursts(input, 'case'),
    ...pairs(input),
    ...joins(input),
    ...pools(input),
  ]
}

function values(folder: string, topic: string): readonly Fields[] {
  return readLines(folder, topic).flatMap(({ value }) => (value === null ? [] : [value]))
}

/** A record that the platform sent twice counts once. */
function unique(folder: string, topic: string): readonly Fields[] {
  const seen = new Set<string>()
  return values(folder, topic).filter((value) => {
    const id = text(value, 'eventId')
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

function ofModel(records: readonly Fields[], model: string): readonly Fields[] {
  return records.filter((record) => text(record, 'model') === model)
}

const atMs = (record: Fields): number => number(record, 'occurredAtMs')
const pane = (record: Fields, lengthMs: number): number => Math.floor(atMs(record) / lengthMs)

function momentOf(record: Fields | undefined): Moment[] {
  return record === undefined ? [] : [{ atMs: atMs(record), requestId: text(record, 'requestId') }]
}

function grouped(records: readonly Fields[], name: (record: Fields) => string): (readonly Fields[])[] {
  return [...Map.groupBy(records, name).values()]
}

function finding(
  detectorId: string,
  record: Fields,
  actor: Pick<Finding, 'actorLevel' | 'actorId'>,
  paneMs: number,
  moments: readonly Moment[],
): Finding {
  const accountId = text(record, 'accountId')
  const path = actor.actorLevel === 'account' ? accountId : `${accountId}/key:${actor.actorId}`
  const id = keyedId('signal', detectorId, path, pane(record, paneMs), 'live')
  return { id, detectorId, accountId, ...actor, windowMs: paneMs, moments }
}

function accountOf(record: Fields): Pick<Finding, 'actorLevel' | 'actorId'> {
  return { actorLevel: 'account', actorId: text(record, 'accountId') }
}

/** Of a detector that people have stopped, findings are told too: it is enforcement that makes nothing of them. */
function bursts({ usage }: Input, model: 'burst' | 'stopped' | 'switched' | 'case'): readonly Finding[] {
  const name = (record: Fields): string => `${text(record, 'accountId')} ${pane(record, SLOT_MS)}`
  return grouped(ofModel(usage, model), name).flatMap((records) => {
    const completing = records[BURST - 1]
    if (completing === undefined) return []
    return finding(`chaos.${model}`, completing, accountOf(completing), SLOT_MS, momentOf(completing))
  })
}

function pairs({ usage }: Input): readonly Finding[] {
  const name = (record: Fields): string =>
    `${text(record, 'accountId')} ${text(record, 'keyId')} ${pane(record, SLOT_MS)}`
  return grouped(ofModel(usage, 'pair'), name).flatMap((records) => {
    const completing = records[PAIR - 1]
    if (completing === undefined) return []
    const actor = { actorLevel: 'key', actorId: text(completing, 'keyId') } as const
    return finding('chaos.pair', completing, actor, SLOT_MS, momentOf(completing))
  })
}

/** The later of the two sources completes it, and either may be read later. */
function joins({ usage, verdicts }: Input): readonly Finding[] {
  const name = (record: Fields): string => `${text(record, 'accountId')} ${pane(record, SLOT_MS)}`
  const flagged = Map.groupBy(ofModel(verdicts, 'join').filter(isFlagged), name)
  return grouped(ofModel(usage, 'join'), name).flatMap((records) => {
    const used = records[JOIN - 1]
    const flag = used === undefined ? undefined : flagged.get(name(used))?.[JOIN - 1]
    if (used === undefined || flag === undefined) return []
    return finding('chaos.join', used, accountOf(used), SLOT_MS, [...momentOf(used), ...momentOf(flag)])
  })
}

function isFlagged(verdict: Fields): boolean {
  return listOf(verdict, 'scores').some(
    (score) => text(score, 'label') === 'malware' && number(score, 'score') >= FLAGGED,
  )
}

/** Asked again at the minute's end where the pool's minute had not been told in time. */
function pools({ usage, pressure }: Input): readonly Finding[] {
  const saturated = new Set(
    pressure
      .filter((minute) => minute['saturated'] === true)
      .map((minute) => `${text(minute, 'poolId')} ${number(minute, 'startMs') / MINUTE_MS}`),
  )
  const name = (record: Fields): string =>
    `${text(record, 'accountId')} ${text(record, 'poolId')} ${pane(record, MINUTE_MS)}`
  return grouped(ofModel(usage, 'pool'), name).flatMap((records) => {
    const completing = records[POOL - 1]
    if (completing === undefined) return []
    const minute = pane(completing, MINUTE_MS)
    if (!saturated.has(`${text(completing, 'poolId')} ${minute - 1}`)) return []
    const late = { atMs: (minute + 1) * MINUTE_MS - 1, requestId: text(completing, 'requestId') }
    const moments = [...records.slice(POOL - 1).flatMap(momentOf), late]
    return finding('chaos.pool', completing, accountOf(completing), MINUTE_MS, moments)
  })
}

/** Whether a signal says what the finding says it must; the first thing that differs, or null. */
export function signalProblem(signal: Fields, expected: Finding): string | null {
  const actor = fieldsOf(signal, 'actor')
  const completing = listOf(signal, 'pointers')[0]
  const requestId = completing === undefined ? '' : text(completing, 'requestId')
  const at = number(signal, 'occurredAtMs')
  if (text(signal, 'detectorId') !== expected.detectorId) return 'another detector'
  if (text(actor, 'accountId') !== expected.accountId) return 'another account'
  if (text(actor, 'level') !== expected.actorLevel || text(actor, 'id') !== expected.actorId)
    return 'another actor'
  if (expected.moments.some((moment) => moment.atMs === at && moment.requestId === requestId)) return null
  const wanted = expected.moments.map((moment) => `${moment.requestId}@${moment.atMs}`).join(' or ')
  return `completed by ${requestId}@${at}, not by ${wanted}`
}
