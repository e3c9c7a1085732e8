/** Lists of known media wired: their broadcast feeds the snapshot that `classify` asks. */
import type { KnownMediaSnapshot } from '../../classify/media/known-media.ts'
import type { Codec } from '../../codec/codec.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import type { Rejection, SourceRecord } from '../../engine/record.ts'
import type { Broadcast } from './broadcast.ts'
import { decodeEvent, NEVER_LATE_MS, sourceOf } from './flow.ts'

const LISTS_TOPIC = 'abuse.media-lists.v1'

/** `changed` is told the number of entries. An entry that cannot be read leaves the one before it in force. */
export function mediaListsBroadcast(
  table: TopicTable,
  codec: Codec,
  snapshot: KnownMediaSnapshot,
  changed: (entries: number) => void,
): Broadcast {
  const { deadLetterTopic } = sourceOf(table, LISTS_TOPIC, NEVER_LATE_MS)
  const take = (record: SourceRecord): Rejection | null => {
    if (record.value === null) {
      snapshot.remove(record.key?.toString() ?? '')
      return null
    }
    const decoded = decodeEvent(codec, LISTS_TOPIC, record, (body) => ({ timeMs: body.addedAtMs, body }))
    if (decoded.outcome === 'rejected') return decoded.rejection
    if (decoded.outcome === 'event') snapshot.apply(decoded.body)
    return null
  }
  const settled = async (): Promise<void> => {
    changed(snapshot.size)
    await snapshot.settled()
  }
  return { topic: LISTS_TOPIC, deadLetterTopic, reader: 'classify', take, settled }
}
