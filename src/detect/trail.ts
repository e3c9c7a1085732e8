/** Where the proof lies: the last few records that a feature has counted. */
import type { EvidencePointer } from '../domain/signal.ts'
import type { ByteReader, ByteWriter } from '../windows/bytes.ts'

/** Pointers that a signal carries, and a pane keeps of one feature, at most. */
export const MAX_POINTERS = 5

export type Trail = EvidencePointer[]

export function leaveTrail(trail: Trail, pointer: EvidencePointer): void {
  trail.push(pointer)
  if (trail.length > MAX_POINTERS) trail.shift()
}

export function encodeTrail(trail: Readonly<Trail>, sources: readonly string[], writer: ByteWriter): void {
  const known = trail.filter(({ topic }) => sources.includes(topic))
  writer.varint(known.length)
  for (const { requestId, topic, partition, offset } of known) {
    writer.text(requestId)
    writer.varint(sources.indexOf(topic))
    writer.varint(partition)
    writer.varint(offset)
  }
}

export function decodeTrail(sources: readonly string[], reader: ByteReader): Trail {
  return Array.from({ length: reader.varint() }, () => ({
    requestId: reader.text(),
    topic: sources[reader.varint()] ?? '',
    partition: reader.varint(),
    offset: reader.varint(),
  }))
}
