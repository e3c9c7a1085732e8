/**
 * What kind of character a code point is, from a table in place of a regular expression a character.
 *
 * K1. Unicode decides, by the properties that regular expressions know; a plane's table is made of them when first asked.
 * K2. Planes 4 to 13 and those of private use hold no character that is of any kind here.
 */
export const LETTER = 1
export const NUMBER = 2
/** Letters, marks, digits, punctuation, emoji and white space: what readable text is made of. */
export const PRINTABLE = 4
export const WHITE_SPACE = 8
/** Letters of the Latin script. */
export const LATIN = 16
/** What a reader does not see: joiners, zero widths, directions, tags. */
export const FORMAT = 32

const KINDS: readonly (readonly [number, RegExp])[] = [
  [LETTER, /\p{L}+/gu],
  [NUMBER, /\p{N}+/gu],
  [PRINTABLE, /[\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{Emoji}$+<=>^`|~\s]+/gu],
  [WHITE_SPACE, /\s+/gu],
  [LATIN, /\p{Script=Latin}+/gu],
  [FORMAT, /\p{Cf}+/gu],
]
const PLANE = 0x10000
/** Planes 0 to 3, then plane 14. */
const LOW_PLANES = 4
const SPECIAL_PLANE = 14

/** Looks code points up; see the kinds above. */
export class CharacterKinds {
  readonly #basic = tableOf(0)
  readonly #others: (Uint8Array | undefined)[] = []

  of(code: number): number {
    return code < PLANE ? (this.#basic[code] ?? 0) : this.#beyond(code)
  }

  /** Makes all tables now; each takes some 20 ms, which whoever asks first would wait for. */
  makeTables(): void {
    for (let plane = 0; plane <= SPECIAL_PLANE; plane++) this.of(plane * PLANE)
  }

  #beyond(code: number): number {
    const plane = code >> 16
    if (plane >= LOW_PLANES && plane !== SPECIAL_PLANE) return 0
    const table = (this.#others[plane] ??= tableOf(plane))
    return table[code & (PLANE - 1)] ?? 0
  }
}

let known: CharacterKinds | null = null

export function characterKinds(): CharacterKinds {
  known ??= new CharacterKinds()
  return known
}

/** Each kind's runs in a text of all the plane's characters. */
function tableOf(plane: number): Uint8Array {
  const table = new Uint8Array(PLANE)
  const codes = Array.from({ length: PLANE }, (_, low) => plane * PLANE + low)
  const text = codes.map((code) => String.fromCodePoint(isSurrogate(code) ? 0 : code)).join('')
  const units = plane === 0 ? 1 : 2
  for (const [kind, runs] of KINDS) {
    for (const { 0: run, index } of text.matchAll(runs)) {
      const end = (index + run.length) / units
      for (let at = index / units; at < end; at++) table[at] = (table[at] ?? 0) | kind
    }
  }
  return table
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xe000
}
