/**
 * Text inside text: base64, hex, percent and backslash escapes, rot13. One layer of it; canonicalise.ts asks again.
 *
 * D1. Every decoding is shorter than what it was decoded from, or as long: output is bounded by input.
 * D2. Every scan is linear, with no string for each piece.
 * D3. What does not decode to mostly printable text is not text and is left alone.
 */
import { findBase64 } from './base64.ts'
import type { Disguise } from './disguise.ts'
import { unescapeCodes, unescapePercent, type Unescaped } from './escapes.ts'
import { hexPayloads, rotatedHex } from './hex.ts'
import { rot13Lines } from './rot13.ts'
import { ESCAPE_SIGN, PERCENT_SIGN, type Survey } from './survey.ts'

export interface Decoded {
  readonly disguise: Disguise
  readonly text: string
  /** Where something else may be hidden: all of `text`, or what of it was escaped. */
  readonly payload: string
}

/**
 * Everything that decodes: payloads alone for base64, hex and rot13, the text in place for escapes. What is base64 or hex only when
 * its letters are rotated is told rotated, and decoded when it is asked about in turn.
 */
export function decodeAll({ text, units, traits }: Survey): readonly Decoded[] {
  const base64 = findBase64(units)
  const decoded: Decoded[] = [
    alone('base64', base64.payloads),
    alone('hex', hexPayloads(units)),
    ...((traits & PERCENT_SIGN) === 0 ? [] : [inPlace('percent', unescapePercent(units))]),
    ...((traits & ESCAPE_SIGN) === 0 ? [] : [inPlace('escapes', unescapeCodes(units))]),
    alone('rot13', rot13Lines(units)),
    alone('rot13', base64.rotated),
    alone('rot13', rotatedHex(units)),
  ]
  return decoded.filter((candidate) => candidate.text !== '' && candidate.text !== text)
}

function alone(disguise: Disguise, payload: string): Decoded {
  return { disguise, text: payload, payload }
}

function inPlace(disguise: Disguise, { text, stretches }: Unescaped): Decoded {
  return { disguise, text, payload: stretches }
}
