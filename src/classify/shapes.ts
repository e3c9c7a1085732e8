/**
 * Characters that are another shape of one character: full width, mathematical letters, circled ones. NFKC as far as it gives one
 * unit for a character.
 *
 * S1. As long as it was, or shorter; linear time. What NFKC takes apart or puts together stays: its cost would be the sender's to choose.
 */
import { roomFor, type Units } from './units.ts'

/** Blocks beyond the first plane, by the high half that all of their characters have, and their first and last low halves. */
const BLOCKS: readonly (readonly [high: number, first: number, last: number])[] = [
  [0xd835, 0xdc00, 0xdfff],
  [0xd83c, 0xdd00, 0xddff],
]
const BEYOND_ASCII = 0x80
/** The upper bits of a pair's first half. */
const HIGH_HALF = 0xd800
/** Ideographs and Hangul syllables, which have one shape each: most of all characters. */
const SINGLE_SHAPES: readonly (readonly [number, number])[] = [
  [0x3400, 0x9fff],
  [0xac00, 0xdfff],
]
/** What each unit becomes. */
const PLAIN = Uint16Array.from({ length: 0x10000 }, (_, unit) => (isSingle(unit) ? unit : plainOf(unit)))
/** What each low half becomes, by its high half; 0 where both stay. */
const PLAIN_LOW = new Map(
  BLOCKS.map(([high, first, last]) => {
    const plain = new Uint16Array(0x10000)
    for (let low = first; low <= last; low++) plain[low] = unitOf(String.fromCharCode(high, low))
    return [high, plain]
  }),
)

function isSingle(unit: number): boolean {
  return unit < BEYOND_ASCII || SINGLE_SHAPES.some(([first, last]) => unit >= first && unit <= last)
}

function plainOf(unit: number): number {
  return unitOf(String.fromCharCode(unit)) || unit
}

/** The one unit that NFKC gives; 0 where it gives more. */
function unitOf(character: string): number {
  const plain = character.normalize('NFKC')
  return plain.length === 1 ? plain.charCodeAt(0) : 0
}

/** A text without any has nothing that `inPlainShape` would change. */
export function isShaped(unit: number): boolean {
  return PLAIN[unit] !== unit || PLAIN_LOW.has(unit)
}

/** The text with one shape for each character. */
export function inPlainShape(text: Units): Units {
  const plain = roomFor(text.length)
  let size = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text[at] ?? 0
    const low = (unit & 0xfc00) === HIGH_HALF ? (PLAIN_LOW.get(unit)?.[text[at + 1] ?? 0] ?? 0) : 0
    if (low > 0) at++
    plain[size++] = low > 0 ? low : (PLAIN[unit] ?? unit)
  }
  return plain.subarray(0, size)
}
