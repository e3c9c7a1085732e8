/**
 * One account was seen with one fingerprint within one hour. What linkage, and linkage alone, joins accounts by.
 */
export const FINGERPRINT_KINDS = [
  'clientAddress',
  'clientNetwork',
  'userAgent',
  'template',
  'content',
  'payment',
  'device',
  'media',
] as const
export type FingerprintKind = (typeof FINGERPRINT_KINDS)[number]

export interface Sighting {
  readonly accountId: string
  readonly fingerprintKind: FingerprintKind
  /** Keyed hash, lower-case hex, under the key named by `hashKeyId`. */
  readonly fingerprintHash: string
  readonly hashKeyId: string
  /** Hour edge; the hour is half open. */
  readonly hourStartMs: number
  /** Times that the account was seen with it in the hour, so far. */
  readonly count: number
}

/** The record's key: the same fingerprint of any account is the same key. */
export function fingerprintKey(sighting: Sighting): string {
  return `${sighting.fingerprintKind}:${sighting.fingerprintHash}`
}
