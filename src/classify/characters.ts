/**
 * What kind of character a code point is, from a table in place of a regular expression a character.
 *
 * K1. Unicode decides, by the properties that regular expressions know; the table is made of them, once, when first asked.
 * K2. Planes 4 to 13 and those of private use hold no character that is of any kind here.
 */
export const LETTER = 1
export const NUMBER = 2
/** Letters, marks, digits, punctuation, emoji and white space: what readable text is made of. */
export const PRINTABLE = 4
export const WHITE_SPACE = 8

const KINDS: readonly (readonly [number, RegExp])[] = [
  [LETTER, /\p{L}+/gu],
  [NUMBER, /\p{N}+/gu],
  [PRINTABLE, /[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{Emoji}$+<=>^`|~\s]+/gu],
  [WHITE_SPACE, /\s+/gu],
]
const PLANE = 0x10000
/** Planes 0 to 3, then plane 14. */
const LOW_PLANES = 4
const SPECIAL_PLANE = 14

/** Looks code points up; see the kinds above. */
export interface CharacterKinds {
  of(code: number): number
}

let known: CharacterKinds | null = null

export function characterKinds(): CharacterKinds {
  known ??= kindsOf(tableOfAll())
  return known
}

function kindsOf(table: Uint8Array): CharacterKinds {
  const special = SPECIAL_PLANE * PLANE
  const shift = special - LOW_PLANES * PLANE
  return {
    of: (code) => {
      if (code < LOW_PLANES * PLANE) return table[code] ?? 0
      return code >= special ? (table[code - shift] ?? 0) : 0
    },
  }
}

function tableOfAll(): Uint8Array {
  const table = new Uint8Array((LOW_PLANES + 1) * PLANE)
  for (let plane = 0; plane < LOW_PLANES; plane++) fill(table.subarray(plane * PLANE), plane)
  fill(table.subarray(LOW_PLANES * PLANE), SPECIAL_PLANE)
  return table
}

/** Each kind's runs in a text of all the plane's characters. */
function fill(table: Uint8Array, plane: number): void {
  const codes = Array.from({ length: PLANE }, (_, low) => plane * PLANE + low)
  const text = codes.map((code) => String.fromCodePoint(isSurrogate(code) ? 0 : code)).join('')
  const units = plane === 0 ? 1 : 2
  for (const [kind, runs] of KINDS) {
    for (const { 0: run, index } of text.matchAll(runs)) {
      const end = (index + run.length) / units
      for (let at = index / units; at < end; at++) table[at] = (table[at] ?? 0) | kind
    }
  }
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000
}
