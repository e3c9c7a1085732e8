/**
 * A record as it is signed: JSON with its fields in order of their names and without spaces (RFC 8785, for the values
 * that our records hold), and without the signature itself. A field that records have not always had is left out while it
 * is null: what was signed before there was such a field still counts.
 */

const ADDED_LATER: readonly string[] = ['snooze', 'list']

/** The bytes that a signature is over. */
export function canonicalBytes(value: object): Buffer {
  const fields = Object.entries(value).filter(
    ([name, field]) => field !== null || !ADDED_LATER.includes(name),
  )
  return Buffer.from(canonical({ ...Object.fromEntries(fields), signature: undefined }))
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
  return `{${fields.join(',')}}`
}
