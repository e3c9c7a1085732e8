/**
 * Characters that a reader does not see. What carries a payload is decoded to text, what merely hides is removed.
 */
import type { Disguise } from './disguise.ts'

const TAGGED_FLAG = /\u{1f3f4}[\u{e0020}-\u{e007f}]{1,16}/gu
const TAGS = /[\u{e0000}-\u{e007f}]+/gu
const SELECTOR_RUN = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu
const BIDI = /[\u202a-\u202e\u2066-\u2069\u061c\u200e\u200f]/g
const INVISIBLE =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]/g
/** Joiners and selectors belong to emoji and to some scripts: taken out there too, but no disguise. */
const SUSPICIOUS =
  /[A-Za-z][\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b-\u200d\u2060-\u2065\u3164\ufeff\uffa0]+[A-Za-z]/

export interface Uncovered {
  /** Without anything invisible; what was smuggled stands where it was. */
  readonly text: string
  /** What was smuggled, alone: what it was hidden behind says nothing about it. */
  readonly smuggled: string
}

/** What a reader sees of `text`, and what one does not; the disguises that were found are added to `found`. */
export function uncover(text: string, found: Set<Disguise>): Uncovered {
  const payloads: string[] = []
  const decoding = (decode: (run: string) => string) => (run: string) => {
    const payload = decode(run)
    payloads.push(payload.trim())
    return payload
  }
  const flagless = text.replace(TAGGED_FLAG, '\u{1f3f4}')
  const tagged = replaceNoting(flagless, TAGS, decoding(decodeTags), 'tags', found)
  const selected = replaceNoting(
    tagged,
    SELECTOR_RUN,
    decoding(decodeSelectors),
    'variation-selectors',
    found,
  )
  const straight = replaceNoting(selected, BIDI, () => '', 'bidi', found)
  if (SUSPICIOUS.test(straight)) found.add('invisible')
  return { text: straight.replace(INVISIBLE, ''), smuggled: payloads.join('\n') }
}

function replaceNoting(
  text: string,
  pattern: RegExp,
  replace: (match: string) => string,
  disguise: Disguise,
  found: Set<Disguise>,
): string {
  const replaced = text.replace(pattern, replace)
  if (replaced !== text) found.add(disguise)
  return replaced
}

function decodeTags(run: string): string {
  const codes = Array.from(run, (tag) => (tag.codePointAt(0) ?? 0) - 0xe0000)
  return codes.map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '')).join('')
}

/** Selectors 1 to 256 smuggle the bytes 0 to 255 behind one visible character. */
function decodeSelectors(run: string): string {
  const bytes = Array.from(run, (selector) => {
    const code = selector.codePointAt(0) ?? 0
    return code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00
  })
  return ` ${Buffer.from(bytes).toString('utf8')} `
}
