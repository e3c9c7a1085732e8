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
