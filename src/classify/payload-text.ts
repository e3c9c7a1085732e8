/**
 * Bytes that were decoded, run by run, as text: a paragraph for each run that reads as one. A line each would not do: lines
 * of base64 that follow each other are one run.
 *
 * P1. What is shorter than eight bytes, or not mostly printable, is no text and is left out. What no reader sees counts as
 *     printable: a text may have been hidden before it was encoded.
 * P2. Bytes are read as UTF-8, and what is none is U+FFFD as the standard says (Unicode, section 3.9): no string a run, and no
 *     more of a long one than it takes to see that it is no text.
 */
import { characterKinds, FORMAT, LETTER, NUMBER, PRINTABLE } from './characters.ts'
import { smuggles } from './invisible.ts'
import { roomFor, textOf, type Units } from './units.ts'

/** Of rotated runs in a text: more would not be looked into (canonicalise.ts, C3). */
export const MOST_ROTATED_UNITS = 262_144
const LEAST_BYTES = 8
/** Of characters that smuggle: fewer belong to emoji. */
const LEAST_SMUGGLING = 4
const MOST_STRANGE_SHARE = 1 - 0.9
const WORD = LETTER | NUMBER
const NEW_LINE = 10
const REPLACEMENT = 0xfffd

export class PayloadText {
  /** Where a run is decoded into, from its first byte. */
  readonly bytes: Buffer
  readonly #units: Units
  readonly #kinds = characterKinds()
  /** Of the units, those of runs that are text. */
  #size = 0
  /** All units, or-ed. */
  #bits = 0
  #at = 0

  /** For at most `mostBytes` in all runs and two line breaks for each. */
  constructor(mostBytes: number) {
    this.bytes = Buffer.allocUnsafe(mostBytes)
    this.#units = roomFor(mostBytes)
  }

  /** The first `size` bytes are a run; false where it reads as no text. */
  add(size: number): boolean {
    if (size < LEAST_BYTES) return false
    const begin = this.#size
    const text = begin === 0 ? 0 : begin + 2
    const end = this.#readText(text, size)
    if (end < 0) return false
    if (begin > 0) this.#units.fill(NEW_LINE, begin, text)
    this.#size = end
    return true
  }

  /** Whether a run of the first `size` bytes would read as one; nothing is added. */
  reads(size: number): boolean {
    return size >= LEAST_BYTES && this.#readText(this.#size === 0 ? 0 : this.#size + 2, size) >= 0
  }

  toString(): string {
    return textOf(this.#units.subarray(0, this.#size), this.#bits | NEW_LINE)
  }

  /** P1: writes the run from `start` on; where it ends, -1 where it is no text. Two letters or digits of a text stand together (the digits may be a code's), or it smuggles one. */
  #readText(start: number, size: number): number {
    const { bytes } = this
    const units = this.#units
    const kinds = this.#kinds
    // No text has more units than bytes.
    const mostStrange = MOST_STRANGE_SHARE * size
    let end = start
    let bits = 0
    let strange = 0
    let hasPair = false
    let smuggling = 0
    let before = 0
    for (this.#at = 0; this.#at < size;) {
      const byte = bytes[this.#at] ?? 0
      const code = byte < 0x80 ? byte : this.#readCode(size)
      if (byte < 0x80) this.#at++
      const kind = kinds.of(code)
      if ((kind & (PRINTABLE | FORMAT)) === 0 && ++strange > mostStrange) return -1
      if ((kind & WORD) !== 0 && (before & WORD) !== 0) hasPair = true
      if ((kind & FORMAT) === 0) before = kind
      if (code >= 0x80 && smuggles(code)) smuggling++
      bits |= code
      if (code > 0xffff) {
        units[end++] = 0xd800 + ((code - 0x10000) >> 10)
        units[end++] = 0xdc00 + (code & 0x3ff)
      } else units[end++] = code
    }
    if ((!hasPair && smuggling < LEAST_SMUGGLING) || strange > MOST_STRANGE_SHARE * (end - start)) return -1
    this.#bits |= bits
    return end
  }

  /** P2: the character beyond ASCII at `#at`, which moves behind it. */
  #readCode(size: number): number {
    const lead = this.bytes[this.#at++] ?? 0
    const following = followingBytes(lead)
    let code = lead & (0x3f >> following)
    for (let read = 0; read < following; read++) {
      const next = this.#at < size ? (this.bytes[this.#at] ?? 0) : 0
      const [least, most] = read === 0 ? secondByteOf(lead) : ANY_FOLLOWING
      if (next < least || next > most) return REPLACEMENT
      code = (code << 6) | (next & 0x3f)
      this.#at++
    }
    return following === 0 ? REPLACEMENT : code
  }
}

const ANY_FOLLOWING: readonly [number, number] = [0x80, 0xbf]
/** Neither longer than needed, nor a surrogate, nor beyond the last character. */
const SECOND_BYTES = new Map<number, readonly [number, number]>([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
])

function secondByteOf(lead: number): readonly [number, number] {
  return SECOND_BYTES.get(lead) ?? ANY_FOLLOWING
}

/** How many bytes belong to a character that begins with this one; 0 where none does. */
function followingBytes(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0
  if (lead < 0xe0) return 1
  return lead < 0xf0 ? 2 : 3
}
