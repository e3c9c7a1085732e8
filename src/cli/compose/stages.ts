/** `meter` and `classify` wired: the two stages that see text, each record to its outputs. */
import type { Classifier } from '../../classify/classifier.ts'
import { inSlices } from '../../classify/in-slices.ts'
import type { Codec } from '../../codec/codec.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { Topic, TopicTypes } from '../../codec/topic-types.ts'
import { keyOf } from '../../codec/topics.ts'
import type { InferenceRequest, InferenceResponse } from '../../domain/inference.ts'
import type { Verdict } from '../../domain/verdict.ts'
import { future } from '../../engine/intake.ts'
import type { Source, Stage, StageOutcome } from '../../engine/logic.ts'
import type { Headers, Rejection, SourceRecord } from '../../engine/record.ts'
import type { Meter } from '../../meter/meter.ts'
import { encodeOutput, keyMismatch, NEVER_LATE_MS, sourceOf } from './flow.ts'

const REQUESTS = 'inference.requests.v1'
const RESPONSES = 'inference.responses.v1'
/** What reading a record and writing a verdict take, in characters of text that is looked at. */
const RECORD_UNITS = 20
const BYTES_A_UNIT = 8
const VERDICT_UNITS = 100

export interface StageWiring {
  readonly table: TopicTable
  readonly codec: Codec
}

/** An inference event that may pass, or why it may not. */
type Admitted =
  | { readonly kind: 'request'; readonly event: InferenceRequest }
  | { readonly kind: 'response'; readonly event: InferenceResponse }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }

export function meterStage({ table, codec }: StageWiring, meter: Meter): Stage {
  const sources = inferenceSources(table)
  const toUsage = (record: SourceRecord): StageOutcome => {
    const admitted = admit(codec, sources, record)
    if (admitted.kind === 'rejected') return { outcome: 'rejected', rejection: admitted.rejection }
    const usage =
      admitted.kind === 'request' ? meter.arrived(admitted.event) : meter.completed(admitted.event)
    return {
      outcome: 'outputs',
      outputs: [encodeOutput(codec, 'inference.usage.v1', usage, 'meter', record.headers)],
    }
  }
  return {
    name: 'meter',
    sources,
    outputs: ['inference.usage.v1'],
    setsAside: true,
    transform: async (records) => {
      await codec.prepare(records)
      return records.map(toUsage)
    },
  }
}

export function classifyStage({ table, codec }: StageWiring, classifier: Classifier): Stage {
  const sources = inferenceSources(table)
  return {
    name: 'classify',
    sources,
    outputs: ['inference.verdicts.v1'],
    // `meter` reads the same records and sets the damaged ones aside.
    setsAside: false,
    transform: async (records) => {
      await codec.prepare(records)
      const admitted = await inSlices(records, recordUnits, (record) => admit(codec, sources, record))
      const events = admitted.flatMap((one) => (one.kind === 'rejected' ? [] : [one.event]))
      const verdicts = (await classifier.classify(events)).values()
      const judged = admitted.map((one, index): Judged => ({
        headers: records[index]?.headers ?? {},
        told: one.kind === 'rejected' ? one.rejection : (verdicts.next().value ?? []),
      }))
      return inSlices(judged, judgedUnits, (one) => toOutcome(codec, one))
    },
  }
}

/** A record's headers, and the verdicts on its event, or why it has none. */
interface Judged {
  readonly headers: Headers
  readonly told: readonly Verdict[] | Rejection
}

function toOutcome(codec: Codec, { headers, told }: Judged): StageOutcome {
  if ('reason' in told) return { outcome: 'rejected', rejection: told }
  const outputs = told.map((verdict) =>
    encodeOutput(codec, 'inference.verdicts.v1', verdict, 'classify', headers),
  )
  return { outcome: 'outputs', outputs }
}

function judgedUnits({ told }: Judged): number {
  return 'reason' in told ? 0 : VERDICT_UNITS * told.length
}

function recordUnits({ value }: SourceRecord): number {
  return RECORD_UNITS + (value?.length ?? 0) / BYTES_A_UNIT
}

function inferenceSources(table: TopicTable): readonly Source[] {
  return [sourceOf(table, REQUESTS, NEVER_LATE_MS), sourceOf(table, RESPONSES, NEVER_LATE_MS)]
}

function admit(codec: Codec, sources: readonly Source[], record: SourceRecord): Admitted {
  return record.topic === REQUESTS
    ? admitOne(
        codec,
        REQUESTS,
        sources,
        record,
        (event) => ({ kind: 'request', event }),
        (event) => event.requestedAtMs,
      )
    : admitOne(
        codec,
        RESPONSES,
        sources,
        record,
        (event) => ({ kind: 'response', event }),
        (event) => event.completedAtMs,
      )
}

function admitOne<T extends Topic>(
  codec: Codec,
  topic: T,
  sources: readonly Source[],
  record: SourceRecord,
  as: (value: TopicTypes[T]) => Admitted,
  timeOf: (value: TopicTypes[T]) => number,
): Admitted {
  const decoded = codec.decode(topic, record)
  if (!decoded.ok) return { kind: 'rejected', rejection: decoded.rejection }
  if (record.key?.toString() !== keyOf(topic, decoded.value))
    return { kind: 'rejected', rejection: keyMismatch }
  const maxFutureMs = sources.find((source) => source.topic === topic)?.maxFutureMs ?? 0
  const aheadMs = timeOf(decoded.value) - record.appendTimeMs
  return aheadMs > maxFutureMs
    ? { kind: 'rejected', rejection: future(aheadMs, maxFutureMs) }
    : as(decoded.value)
}
