/**
 * Records that leave the way: dead letters with their bytes unchanged and the reason in headers, and late
 * records (P1). Published before the checkpoint that passes them, at least once, keyed by source position, so
 * that a repeat can be recognised. What the log itself could not hand over has no bytes; its position stands in the headers.
 * Header names follow Kafka's own dead-letter convention (KIP-1191).
 */
import type { Event, Source } from './logic.ts'
import type { Observer } from './observer.ts'
import type { OutputRecord, Rejection, SourceRecord } from './record.ts'

const ERROR_HEADER = '__dlq.errors.'
/** Why it was set aside, and by which topology or stage. */
export const HEADER_REASON = `${ERROR_HEADER}reason`
export const HEADER_GROUP = `${ERROR_HEADER}group`

/** The source position as text: the key of everything that is set aside. */
export function sourcePosition(record: SourceRecord): string {
  return `${record.topic}/${record.partition}/${record.offset}`
}

export function deadLetter(
  record: SourceRecord,
  rejection: Rejection,
  topic: string,
  group: string,
): OutputRecord {
  return {
    topic,
    key: sourcePosition(record),
    value: record.value,
    headers: {
      ...record.headers,
      ...positionHeaders(record, group),
      [`${ERROR_HEADER}stage`]: rejection.stage,
      [HEADER_REASON]: rejection.reason,
      [`${ERROR_HEADER}message`]: rejection.detail,
    },
  }
}

export function lateRecord(record: SourceRecord, topic: string, group: string, byMs: number): OutputRecord {
  const headers = { ...record.headers, ...positionHeaders(record, group), 'bailiff-late-ms': String(byMs) }
  return { topic, key: sourcePosition(record), value: record.value, headers }
}

/** Its headers, and what they take as objects. */
const BESIDE_VALUE_BYTES = 1_000

/** What a task has set aside since its last commit. */
export class SetAside {
  readonly #group: string
  readonly #observer: Observer
  #records: OutputRecord[] = []
  #bytes = 0

  constructor(group: string, observer: Observer) {
    this.#group = group
    this.#observer = observer
  }

  /** About what is held in memory of them. */
  get bytes(): number {
    return this.#bytes
  }

  reject({ record, rejection }: { record: SourceRecord; rejection: Rejection }, source: Source): void {
    this.#observer.rejected(record, rejection)
    this.#keep(deadLetter(record, rejection, source.deadLetterTopic, this.#group))
  }

  late({ record, timeMs }: Event<unknown>, source: Source, streamTimeMs: number): void {
    this.#observer.late(source.topic)
    if (source.lateTopic === null) return
    this.#keep(lateRecord(record, source.lateTopic, this.#group, streamTimeMs - timeMs))
  }

  take(): readonly OutputRecord[] {
    const taken = this.#records
    this.#records = []
    this.#bytes = 0
    return taken
  }

  #keep(record: OutputRecord): void {
    this.#records.push(record)
    this.#bytes += BESIDE_VALUE_BYTES + (record.value?.length ?? 0)
  }
}

function positionHeaders(record: SourceRecord, group: string): Record<string, Buffer | string> {
  return {
    [`${ERROR_HEADER}topic`]: record.topic,
    [`${ERROR_HEADER}partition`]: String(record.partition),
    [`${ERROR_HEADER}offset`]: String(record.offset),
    [HEADER_GROUP]: group,
    ...(record.key === null ? {} : { [`${ERROR_HEADER}key`]: record.key }),
  }
}
