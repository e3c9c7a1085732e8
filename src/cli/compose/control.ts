/** The control topic wired: what governs all processes, to those in this one that are governed by it. */
import type { Codec } from '../../codec/codec.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { ListBoard } from '../../detect/list-board.ts'
import type { Control } from '../../domain/control.ts'
import type { Switches } from '../../enforce/switches.ts'
import type { Rejection, SourceRecord } from '../../engine/record.ts'
import type { Broadcast } from './broadcast.ts'
import { decodeEvent, NEVER_LATE_MS, sourceOf } from './flow.ts'
import type { Words } from './signed-words.ts'

const CONTROL_TOPIC = 'bailiff.control.v1'

/** What is governed from here beside the bundle that runs. */
export interface Governed {
  readonly switches: Switches | null
  readonly lists: ListBoard | null
}

export function govern({ switches, lists }: Governed, control: Control, record: SourceRecord): void {
  switches?.apply(control)
  lists?.apply(control, record)
}

export interface ControlWiring {
  readonly table: TopicTable
  readonly codec: Codec
  readonly words: Words
  /** Who follows, as dead letters name it. */
  readonly reader: string
  readonly apply: (control: Control, record: SourceRecord) => void
  /** All that has come together has been applied. */
  readonly settled: () => void
}

/** A word that does not count leaves the one before it in force; so does a tombstone, which nobody can sign. */
export function controlBroadcast(wiring: ControlWiring): Broadcast {
  const { table, codec, words, reader } = wiring
  const { deadLetterTopic } = sourceOf(table, CONTROL_TOPIC, NEVER_LATE_MS)
  const take = (record: SourceRecord): Rejection | null => {
    if (record.value === null) return null
    const decoded = decodeEvent(codec, CONTROL_TOPIC, record, (body) => ({ timeMs: body.issuedAtMs, body }))
    if (decoded.outcome === 'rejected') return decoded.rejection
    const refusal = words.refusalOf(record)
    if (refusal !== null || decoded.outcome === 'skipped') return refusal
    wiring.apply(decoded.body, record)
    return null
  }
  const prepare = (records: readonly SourceRecord[]): Promise<void> => words.prepare(records)
  const settled = (): Promise<void> => Promise.resolve(wiring.settled())
  return { topic: CONTROL_TOPIC, deadLetterTopic, reader, prepare, take, settled }
}
