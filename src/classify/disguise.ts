/** Ways to hide a text from a classifier that this folder knows how to undo, by the names that verdicts carry. */
export const DISGUISES = [
  'tags',
  'variation-selectors',
  'bidi',
  'invisible',
  'confusables',
  'leetspeak',
  'spacing',
  'base64',
  'hex',
  'percent',
  'escapes',
  'rot13',
] as const
export type Disguise = (typeof DISGUISES)[number]

/** Of them those that put a text into other signs, which a reader has to decode. */
export const ENCODINGS: ReadonlySet<Disguise> = new Set([
  'tags',
  'variation-selectors',
  'base64',
  'hex',
  'percent',
  'escapes',
  'rot13',
])
