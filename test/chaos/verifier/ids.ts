/** The ids of DESIGN section 5, worked out anew: UUID version 5 of RFC 9562 under Bailiff's namespace. */
import { createHash } from 'node:crypto'

const NAMESPACE = '8a3f6f0e-5d0c-4b7e-9a51-6b1d2f4c7e90'
/** The unit separator, which no id holds. */
const BETWEEN = String.fromCharCode(0x1f)

export function nameBasedId(...parts: readonly (string | number)[]): string {
  const digest = createHash('sha1')
    .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
    .update(Buffer.from(parts.map(String).join(BETWEEN), 'utf8'))
    .digest()
  const versioned = [...digest.subarray(0, 16)].map((byte, at) => {
    if (at === 6) return (byte % 16) + 0x50
    return at === 8 ? (byte % 64) + 0x80 : byte
  })
  const hex = Buffer.from(versioned).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
