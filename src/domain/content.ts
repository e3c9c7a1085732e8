/**
 * Content as the platform hands it over: inline, or a reference with digest and size where it does not fit a
 * record. Only `meter` and `classify` ever see it (P9).
 */
export const CONTENT_ROLES = ['system', 'user', 'tool', 'retrieved', 'assistant'] as const
export type ContentRole = (typeof CONTENT_ROLES)[number]

/** One message or part of one, in conversation order. Exactly one of `text` and `reference` is set. */
export interface ContentPart {
  readonly role: ContentRole
  readonly text: string | null
  readonly reference: ContentReference | null
}

/** Where the platform keeps a text that is too long to travel. */
export interface ContentReference {
  readonly uri: string
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** Hashes and facts about one picture or video that the platform computed; never the medium itself. */
export interface MediaFact {
  readonly sha256: string | null
  readonly md5: string | null
  /** 256-bit PDQ hash, lower-case hex. */
  readonly pdq: string | null
  readonly pdqQuality: number | null
  readonly facePresent: boolean | null
  /** The platform's own score that the medium is sexual, 0 to 1. */
  readonly sexualScore: number | null
  readonly direction: 'upload' | 'output'
}
