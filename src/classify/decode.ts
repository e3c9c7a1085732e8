/**
 * Text inside text: base64, hex, percent and backslash escapes, rot13. One level deep.
 *
 * D1. Every decoding is shorter than what it was decoded from, or as long: output is bounded by input.
 * D2. Every scan is linear, with no string for each piece.
 * D3. What does not decode to mostly printable text is not text and is left alone.
 */
import { base64Payloads } from './base64.ts'
import type { Disguise } from './disguise.ts'
import { unescapeCodes, unescapePercent } from './escapes.ts'
import { hexPayloads } from './hex.ts'
import { rot13Lines } from './rot13.ts'
import { ESCAPE_SIGN, PERCENT_SIGN, type Survey } from './survey.ts'

export interface Decoded {
  readonly disguise: Disguise
  readonly text: string
}

/** Everything that decodes: payloads alone for base64, hex and rot13, the text in place for escapes. */
export function decodeAll({ text, units, traits }: Survey): readonly Decoded[] {
  const decoded: Decoded[] = [
    { disguise: 'base64', text: base64Payloads(units) },
    { disguise: 'hex', text: hexPayloads(units) },
    { disguise: 'percent', text: (traits & PERCENT_SIGN) === 0 ? '' : unescapePercent(units) },
    { disguise: 'escapes', text: (traits & ESCAPE_SIGN) === 0 ? '' : unescapeCodes(units) },
    { disguise: 'rot13', text: rot13Lines(units) },
  ]
  return decoded.filter((candidate) => candidate.text !== '' && candidate.text !== text)
}
