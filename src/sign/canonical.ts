/**
 * A record as it is signed: JSON with its fields in order of their names and without spaces (RFC 8785, for the values
 * that our records hold), and without the signature itself.
 */

/** The bytes that a signature is over. */
export function canonicalBytes(value: object): Buffer {
  return Buffer.from(canonical({ ...value, signature: undefined }))
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
