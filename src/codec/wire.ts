/**
 * The registry's wire format: a zero byte, the writer schema's id as 32 bits big-endian, then the Avro body.
 */
export const WIRE_HEADER_BYTES = 5
const MAGIC = 0

/** The writer schema's id, read in place; -1 where the bytes are not in wire format. */
export function wireSchemaId(value: Buffer): number {
  if (value.length < WIRE_HEADER_BYTES || value[0] !== MAGIC) return -1
  const id = value.readInt32BE(1)
  return id < 0 ? -1 : id
}

/** Writes the header at the start of `target`. */
export function writeWireHeader(target: Buffer, schemaId: number): void {
  target[0] = MAGIC
  target.writeInt32BE(schemaId, 1)
}
