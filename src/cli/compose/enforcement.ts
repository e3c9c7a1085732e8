/** `enforcement` wired: signals and people's words in; sanctions, standing, reviews, preservation, referrals out. */
import type { Codec } from '../../codec/codec.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { Topic, TopicTypes } from '../../codec/topic-types.ts'
import type { AccountState } from '../../domain/account.ts'
import type { Decoded, Topology } from '../../engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../../engine/record.ts'
import type { DelayShare } from '../../enforce/delay.ts'
import {
  ENFORCEMENT_SOURCES,
  ENFORCEMENT_STATE_VERSION,
  enforcementLogic,
  type AccountCell,
  type EnforcementObserver,
} from '../../enforce/enforcement-logic.ts'
import type { EnforcementInput } from '../../enforce/event.ts'
import { ENFORCEMENT_OUTPUTS, type EnforcementOutput } from '../../enforce/publication.ts'
import type { SanctionIds } from '../../enforce/sanction-ids.ts'
import type { Switches } from '../../enforce/switches.ts'
import type { Policy } from '../../topology/policy.ts'
import { decodeEvent, encodeOutput, NEVER_LATE_MS, sourceOf, type Read } from './flow.ts'
import type { Words } from './signed-words.ts'

export interface EnforcementWiring {
  readonly table: TopicTable
  readonly codec: Codec
  /** Of the bundle: rises with each that is published. */
  readonly edition: number
  readonly policy: Policy
  readonly words: Words
  readonly switches: Switches
  readonly sanctionIds: SanctionIds
  readonly delayShare: DelayShare
  readonly observer: EnforcementObserver
}

export function enforcementTopology(wiring: EnforcementWiring): Topology<AccountCell, EnforcementInput> {
  const { table, codec, policy, words, switches, sanctionIds, delayShare, observer } = wiring
  return {
    name: 'enforcement',
    stateVersion: ENFORCEMENT_STATE_VERSION,
    edition: wiring.edition,
    sources: ENFORCEMENT_SOURCES.map((topic) => sourceOf(table, topic, NEVER_LATE_MS)),
    outputs: ENFORCEMENT_OUTPUTS,
    logic: (_partition, former) =>
      enforcementLogic(
        {
          prepare: async (records) => {
            await codec.prepare(records)
            await words.prepare(records)
          },
          decode: (record) => decodeWord(words, record) ?? decodeInput(codec, record),
          output: (output) => encodeEnforcement(codec, output),
          ownOutput: (record) => ownOutput(codec, record),
          policy: () => policy,
          tasks: table.entry('abuse.signals.v1').partitions,
          enabledBy: (detectorId) => switches.enabledBy(detectorId),
          sanctionIds,
          delayShare,
          switchedOff: (detectorId, clause, nowMs) => switches.switchedOff(detectorId, clause, nowMs),
          observer,
        },
        former,
      ),
  }
}

type Input<T extends Topic> = Read<T, EnforcementInput>

type Told = ReturnType<Input<Topic>>
type OtherSource = Exclude<(typeof ENFORCEMENT_SOURCES)[number], 'accounts.state.v1'>

const READERS: { readonly [T in OtherSource]: Input<T> } = {
  'accounts.events.v1': (event) => ({ timeMs: event.occurredAtMs, body: { kind: 'accountEvent', event } }),
  'abuse.signals.v1': (signal) => ({ timeMs: signal.occurredAtMs, body: { kind: 'signal', signal } }),
  'abuse.signals.shadow.v1': (signal) => ({ timeMs: signal.occurredAtMs, body: { kind: 'signal', signal } }),
  'abuse.complaints.v1': (complaint) => ({
    timeMs: complaint.receivedAtMs,
    body: { kind: 'complaint', complaint },
  }),
  'abuse.appeals.v1': (appeal) => ({ timeMs: appeal.submittedAtMs, body: { kind: 'appeal', appeal } }),
  'abuse.decisions.v1': (decision) => ({
    timeMs: decision.decidedAtMs,
    body: { kind: 'decision', decision },
  }),
}

/** A word that does not count goes no further. */
function decodeWord(words: Words, record: SourceRecord): Decoded<EnforcementInput> | null {
  const rejection = words.refusalOf(record)
  return rejection === null ? null : { outcome: 'rejected', rejection }
}

function decodeInput(codec: Codec, record: SourceRecord): Decoded<EnforcementInput> {
  const topic = ENFORCEMENT_SOURCES.find((source) => source === record.topic)
  // A removed account keeps its standing: who was sanctioned stays so.
  if (topic === undefined || (topic === 'accounts.state.v1' && record.value === null))
    return { outcome: 'skipped' }
  if (topic === 'accounts.state.v1')
    return decodeEvent(codec, topic, record, (state) => stateOf(state, record))
  return decodeOne(codec, topic, record)
}

/** A fact counts when it comes. One from a clock that is ahead must not be set aside, nor stop those that follow. */
function stateOf(told: AccountState, { appendTimeMs }: SourceRecord): Told {
  const updatedAtMs = Math.min(told.updatedAtMs, appendTimeMs)
  return { timeMs: updatedAtMs, body: { kind: 'accountState', state: { ...told, updatedAtMs } } }
}

function decodeOne<T extends OtherSource>(
  codec: Codec,
  topic: T,
  record: SourceRecord,
): Decoded<EnforcementInput> {
  const read: Input<T> = READERS[topic]
  return decodeEvent(codec, topic, record, read)
}

function encodeEnforcement(codec: Codec, output: EnforcementOutput): OutputRecord {
  switch (output.topic) {
    case 'abuse.standing.v1':
    case 'abuse.standing.shadow.v1':
      return output.value === null
        ? { topic: output.topic, key: output.accountId, value: null, headers: {} }
        : encodeOutput(codec, output.topic, output.value, 'enforcement')
    case 'abuse.sanctions.v1':
    case 'abuse.sanctions.shadow.v1':
      return encodeOutput(codec, output.topic, output.value, 'enforcement')
    case 'abuse.reviews.v1':
      return encodeOutput(codec, output.topic, output.value, 'enforcement')
    case 'abuse.preservation.v1':
      return encodeOutput(codec, output.topic, output.value, 'enforcement')
    case 'abuse.referrals.v1':
      return encodeOutput(codec, output.topic, output.value, 'enforcement')
  }
}

/** An own output as it stands in the log; null for what cannot be read. */
function ownOutput(codec: Codec, record: SourceRecord): EnforcementOutput | null {
  const topic = ENFORCEMENT_OUTPUTS.find((output) => output === record.topic)
  if (topic === undefined) return null
  if (record.value === null) return tombstone(topic, record)
  switch (topic) {
    case 'abuse.standing.v1':
    case 'abuse.standing.shadow.v1':
      return read(codec, topic, record, (value) => ({ topic, accountId: value.accountId, value }))
    case 'abuse.sanctions.v1':
    case 'abuse.sanctions.shadow.v1':
      return read(codec, topic, record, (value) => ({ topic, value }))
    case 'abuse.reviews.v1':
      return read(codec, topic, record, (value) => ({ topic, value }))
    case 'abuse.preservation.v1':
      return read(codec, topic, record, (value) => ({ topic, value }))
    case 'abuse.referrals.v1':
      return read(codec, topic, record, (value) => ({ topic, value }))
  }
}

function tombstone(topic: EnforcementOutput['topic'], { key }: SourceRecord): EnforcementOutput | null {
  if (topic !== 'abuse.standing.v1' && topic !== 'abuse.standing.shadow.v1') return null
  return { topic, accountId: key?.toString() ?? '', value: null }
}

function read<T extends Topic>(
  codec: Codec,
  topic: T,
  record: SourceRecord,
  as: (value: TopicTypes[T]) => EnforcementOutput,
): EnforcementOutput | null {
  const decoded = codec.decode(topic, record)
  return decoded.ok ? as(decoded.value) : null
}
