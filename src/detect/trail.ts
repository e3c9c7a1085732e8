/**
 * Where the proof lies: the last few records that a feature has counted.
 *
 * T1. How many there are is written as a number above `WITH_TEMPLATES`; one below it was written before templates were kept.
 */
import type { EvidencePointer } from '../domain/signal.ts'
import type { ByteReader, ByteWriter } from '../windows/bytes.ts'

/** Pointers that a signal carries, and a pane keeps of one feature, at most. */
export const MAX_POINTERS = 5

/** T1. No less than a trail can hold. */
const WITH_TEMPLATES = 16

export type Trail = EvidencePointer[]

export function leaveTrail(trail: Trail, pointer: EvidencePointer): void {
  trail.push(pointer)
  if (trail.length > MAX_POINTERS) trail.shift()
}

export function encodeTrail(trail: Readonly<Trail>, sources: readonly string[], writer: ByteWriter): void {
  const known = trail.filter(({ topic }) => sources.includes(topic))
  writer.varint(WITH_TEMPLATES + known.length)
  for (const { requestId, topic, partition, offset, templateHash } of known) {
    writer.text(requestId)
    writer.varint(sources.indexOf(topic))
    writer.varint(partition)
    writer.varint(offset)
    writer.text(templateHash ?? '')
  }
}

export function decodeTrail(sources: readonly string[], reader: ByteReader): Trail {
  const number = reader.varint()
  const hasTemplates = number >= WITH_TEMPLATES
  return Array.from({ length: hasTemplates ? number - WITH_TEMPLATES : number }, () => ({
    requestId: reader.text(),
    topic: sources[reader.varint()] ?? '',
    partition: reader.varint(),
    offset: reader.varint(),
    templateHash: (hasTemplates ? reader.text() : '') || null,
  }))
}
