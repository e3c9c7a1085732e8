/**
 * Lists of known media: hashes that others have vetted, each list with its own clause and how far it is trusted; and
 * what a comparison with them says. Hashes only, never a medium; the lists themselves are restricted.
 */
import type { MediaFact } from './content.ts'

/** One entry of one list. It takes effect as it is read, and is gone with its tombstone. */
export interface MediaEntry {
  /** Unique over all lists; the record's key. */
  readonly id: string
  /** Who vouches for the entry. */
  readonly list: string
  readonly clause: string
  /** Vetted entries may suspend by themselves where both cryptographic hashes match; others never do. */
  readonly vetted: boolean
  /** A quarantined entry is matched and told, and nothing is enforced on it. */
  readonly quarantined: boolean
  readonly sha256: string | null
  readonly md5: string | null
  /** 256-bit PDQ hash, lower-case hex. */
  readonly pdq: string | null
  readonly addedAtMs: number
  readonly addedBy: string
  /** From when it no longer holds; null where it holds until removed. */
  readonly expiresAtMs: number | null
}

/**
 * How an item is known. `exact`: MD5 and SHA-256 both match. `oneHash`: one of them does, the other is not known.
 * `perceptual`: PDQ hashes of good quality differ in at most 31 of 256 bits.
 */
export const MEDIA_MATCHES = ['exact', 'oneHash', 'perceptual'] as const
export type MediaMatch = (typeof MEDIA_MATCHES)[number]

/** One list's word about one item: its nearest entry. */
export interface KnownMedia {
  readonly match: MediaMatch
  readonly list: string
  readonly entryId: string
  readonly clause: string
  readonly vetted: boolean
  readonly quarantined: boolean
  /** Bits that differ, of a perceptual match; else null. */
  readonly distance: number | null
}

/** What a verdict says of one picture or video. */
export interface MediaFinding {
  readonly direction: MediaFact['direction']
  readonly facePresent: boolean | null
  /** The platform's own score, quantised to three decimals. */
  readonly sexualScore: number | null
  /** Whether a medium with a face was brought along with the request; null where nobody looked. */
  readonly faceUploaded: boolean | null
  /** Null where no list knows it. */
  readonly known: KnownMedia | null
}

/**
 * Evidence whose name begins so, above zero, says that both cryptographic hashes of a vetted entry match: the one finding
 * on which a machine may suspend an account alone.
 */
const EXACT_MATCH = 'exactMatch'

export function tellsExactMatch(evidenceName: string): boolean {
  return evidenceName.startsWith(EXACT_MATCH)
}
