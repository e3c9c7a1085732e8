/** The keyed hashes of scenarios: nothing in them is keyed, and nothing needs to be. */
export const HASH_KEY_ID = 'scenario'

/** Stands for the keyed hash of a thing: 64 bits of lower-case hex (FNV-1a, twice). */
export function hash(of: string): string {
  return fnv1a(of, 0x811c9dc5) + fnv1a(of, 0x01000193)
}

function fnv1a(text: string, start: number): string {
  let value = start
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return (value >>> 0).toString(16).padStart(8, '0')
}
