/** `usage` wired: its sources decoded, its signals encoded, the pool board fed by the broadcast of pressure. */
import type { Codec } from '../../codec/codec.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { Topic } from '../../codec/topic-types.ts'
import type { WeeklyHash } from '../../detect/jitter.ts'
import type { SignalId } from '../../detect/signal-ids.ts'
import type { KeyState } from '../../detect/key-state.ts'
import type { ListBoard } from '../../detect/list-board.ts'
import type { PoolBoard } from '../../detect/pool-board.ts'
import type { UsageEvent } from '../../detect/usage-event.ts'
import { usageLogic, type GapWatch } from '../../detect/usage-logic.ts'
import type { Signal } from '../../domain/signal.ts'
import { future } from '../../engine/intake.ts'
import type { Decoded, Topology } from '../../engine/logic.ts'
import type { Rejection, SourceRecord } from '../../engine/record.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import type { Broadcast } from './broadcast.ts'
import { decodeEvent, encodeOutput, idOf, NEVER_LATE_MS, NO_ID, sourceOf } from './flow.ts'

export const PRESSURE_TOPIC = 'abuse.pool-pressure.v1'
const STATE_VERSION = 1

export interface UsageWiring {
  readonly table: TopicTable
  readonly codec: Codec
  /** Of the bundle: rises with each that is published. */
  readonly edition: number
  readonly compiled: CompiledTopology
  readonly policyVersion: number
  readonly bundleSha256: string
  readonly board: PoolBoard
  readonly lists: ListBoard
  readonly weeklyHash: WeeklyHash
  readonly signalId: SignalId
  readonly onSignal: (signal: Signal) => void
  readonly onDetectorOff: (detectorId: string, error: unknown) => void
  readonly gaps: GapWatch
}

export function usageTopology(wiring: UsageWiring): Topology<KeyState, UsageEvent> {
  const { table, codec, compiled } = wiring
  return {
    name: 'usage',
    stateVersion: STATE_VERSION,
    edition: wiring.edition,
    // Who an account is, and what is closed to it, comes before what it did, where times are equal.
    sources: [
      sourceOf(table, 'accounts.state.v1', NEVER_LATE_MS),
      sourceOf(table, 'abuse.standing.v1', NEVER_LATE_MS),
      sourceOf(table, 'accounts.events.v1', compiled.latenessMs),
      sourceOf(table, 'inference.verdicts.v1', compiled.latenessMs),
      sourceOf(table, 'inference.usage.v1', compiled.latenessMs),
    ],
    outputs: ['abuse.signals.v1', 'abuse.signals.shadow.v1'],
    logic: (_partition, former) =>
      usageLogic(compiled, former, {
        prepare: (records) => codec.prepare(records),
        decode: (record) => decodeUsage(codec, record),
        signalOutput: (signal, withheld) => {
          if (!withheld) wiring.onSignal(signal)
          return encodeOutput(codec, signalTopic(signal), signal, 'usage')
        },
        readSignal: (record) => readSignal(codec, record),
        board: wiring.board,
        lists: wiring.lists,
        weeklyHash: wiring.weeklyHash,
        signalId: wiring.signalId,
        policyVersion: wiring.policyVersion,
        bundleSha256: wiring.bundleSha256,
        onDetectorOff: wiring.onDetectorOff,
        gaps: wiring.gaps,
        dropRepeats: true,
      }),
  }
}

/** The broadcast of pool pressure, onto the board that all tasks of the process look at. */
export function pressureBroadcast(table: TopicTable, codec: Codec, board: PoolBoard): Broadcast {
  const { deadLetterTopic, maxFutureMs } = sourceOf(table, PRESSURE_TOPIC, NEVER_LATE_MS)
  const take = (record: SourceRecord): Rejection | null => {
    const decoded = decodeEvent(codec, PRESSURE_TOPIC, record, (body) => ({ timeMs: body.startMs, body }))
    if (decoded.outcome === 'rejected') return decoded.rejection
    if (decoded.outcome === 'skipped') return null
    const aheadMs = decoded.timeMs - record.appendTimeMs
    // One minute from the far future would push all others of its pool off the board.
    if (aheadMs > maxFutureMs) return future(aheadMs, maxFutureMs)
    board.apply(decoded.body, record)
    return null
  }
  return { topic: PRESSURE_TOPIC, deadLetterTopic, reader: 'usage', take }
}

/** Shadow results go to a topic of their own (P11). */
function signalTopic(signal: Signal): 'abuse.signals.v1' | 'abuse.signals.shadow.v1' {
  return signal.mode === 'shadow' ? 'abuse.signals.shadow.v1' : 'abuse.signals.v1'
}

function readSignal(codec: Codec, record: SourceRecord): Signal | null {
  if (record.topic !== 'abuse.signals.v1' && record.topic !== 'abuse.signals.shadow.v1') return null
  const decoded = codec.decode(record.topic, record)
  return decoded.ok ? decoded.value : null
}

const DECODERS: Readonly<
  Partial<Record<Topic, (codec: Codec, record: SourceRecord) => Decoded<UsageEvent>>>
> = {
  'inference.usage.v1': (codec, record) =>
    decodeEvent(codec, 'inference.usage.v1', record, (body) => ({
      timeMs: body.occurredAtMs,
      body: { kind: 'usage', body },
    })),
  'inference.verdicts.v1': (codec, record) =>
    decodeEvent(codec, 'inference.verdicts.v1', record, (body) => ({
      timeMs: body.occurredAtMs,
      body: { kind: 'verdict', body },
    })),
  'accounts.events.v1': (codec, record) =>
    decodeEvent(codec, 'accounts.events.v1', record, (body) => ({
      timeMs: body.occurredAtMs,
      body: { kind: 'accountEvent', body },
    })),
  'accounts.state.v1': (codec, record) => {
    // The platform has removed the account.
    if (record.value === null) return tombstone(record, { kind: 'account', body: null })
    return decodeEvent(codec, 'accounts.state.v1', record, (body) => ({
      timeMs: Math.min(body.updatedAtMs, record.appendTimeMs),
      body: { kind: 'account', body },
    }))
  },
  'abuse.standing.v1': (codec, record) => {
    if (record.value === null) return tombstone(record, { kind: 'standing', body: null })
    return decodeEvent(codec, 'abuse.standing.v1', record, (body) => ({
      timeMs: Math.min(body.updatedAtMs, record.appendTimeMs),
      body: { kind: 'standing', body },
    }))
  },
}

/** Nothing but its key says whom it is about: one that no account can have would get a state of its own. */
function tombstone(record: SourceRecord, body: UsageEvent): Decoded<UsageEvent> {
  const key = idOf(record.key)
  if (key === null) return { outcome: 'rejected', rejection: NO_ID }
  return { outcome: 'event', key, timeMs: record.appendTimeMs, body }
}

function decodeUsage(codec: Codec, record: SourceRecord): Decoded<UsageEvent> {
  const decode = Object.entries(DECODERS).find(([topic]) => topic === record.topic)?.[1]
  return decode === undefined ? { outcome: 'skipped' } : decode(codec, record)
}
