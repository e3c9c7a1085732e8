/**
 * The ids of DESIGN section 5, worked out anew: UUID version 5 of RFC 9562 under Bailiff's namespace, and of signals
 * and sanctions version 8 under the key of the run.
 */
import { createHash, createHmac } from 'node:crypto'

const NAMESPACE = '8a3f6f0e-5d0c-4b7e-9a51-6b1d2f4c7e90'
/** The key under which a chaos run hashes. */
export const RUN_HASH_KEY = 'a hash key for the chaos run'
/** The unit separator, which no id holds. */
const BETWEEN = String.fromCharCode(0x1f)

export function nameBasedId(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha1').update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
  return uuid(hash.update(joined(parts)).digest(), 5)
}

/** Of signals and of sanctions, under the key of the run. */
export function keyedId(...parts: readonly (string | number)[]): string {
  return uuid(createHmac('sha256', RUN_HASH_KEY).update(joined(parts)).digest(), 8)
}

function joined(parts: readonly (string | number)[]): Buffer {
  return Buffer.from(parts.map(String).join(BETWEEN), 'utf8')
}

function uuid(digest: Buffer, version: number): string {
  const versioned = [...digest.subarray(0, 16)].map((byte, at) => {
    if (at === 6) return (byte % 16) + version * 16
    return at === 8 ? (byte % 64) + 0x80 : byte
  })
  const hex = Buffer.from(versioned).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
