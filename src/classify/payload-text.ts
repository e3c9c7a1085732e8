/**
 * Bytes that were decoded, run by run, as text: a line for each run that reads as one.
 *
 * P1. What is shorter than eight bytes, or not mostly printable, is no text and is left out.
 */
import { characterKinds, LETTER, PRINTABLE, type CharacterKinds } from './characters.ts'
import { codeAt, unitsOf, unitsOfCode, UnitWriter } from './units.ts'

const LEAST_BYTES = 8
const LEAST_PRINTABLE_SHARE = 0.9
const NEW_LINE = 10

export class PayloadText {
  /** Where a run is decoded into, from its first byte. */
  readonly bytes: Buffer
  readonly #text = new UnitWriter(0)

  /** For at most `mostBytes` in a run. */
  constructor(mostBytes: number) {
    this.bytes = Buffer.allocUnsafe(mostBytes)
  }

  /** The first `size` bytes are a run. */
  add(size: number): void {
    if (size < LEAST_BYTES) return
    // Bytes of ASCII are units as they are: no string for a short run.
    const payload = isAscii(this.bytes, size) ? this.bytes : unitsOf(this.bytes.toString('utf8', 0, size))
    const length = payload === this.bytes ? size : payload.length
    if (!isPrintable(payload, length, characterKinds())) return
    if (this.#text.size > 0) this.#text.push(NEW_LINE)
    this.#text.appendUnits(payload, 0, length)
  }

  toString(): string {
    return this.#text.toString()
  }
}

function isAscii(bytes: Buffer, size: number): boolean {
  for (let at = 0; at < size; at++) if ((bytes[at] ?? 0) >= 0x80) return false
  return true
}

/** P1: nine tenths of it are printable, and two letters stand together. */
function isPrintable(text: ArrayLike<number>, length: number, kinds: CharacterKinds): boolean {
  let strange = 0
  let hasPair = false
  let afterLetter = false
  for (let at = 0; at < length;) {
    const code = codeAt(text, at)
    const kind = kinds.of(code)
    const isLetter = (kind & LETTER) !== 0
    if ((kind & PRINTABLE) === 0) strange++
    if (isLetter && afterLetter) hasPair = true
    afterLetter = isLetter
    at += unitsOfCode(code)
  }
  return hasPair && strange <= (1 - LEAST_PRINTABLE_SHARE) * length
}
