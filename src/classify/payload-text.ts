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
  readonly #text: UnitWriter
  readonly #kinds = characterKinds()

  /** For at most `mostBytes` in all. */
  constructor(mostBytes: number) {
    this.bytes = Buffer.allocUnsafe(mostBytes)
    this.#text = new UnitWriter(mostBytes)
  }

  /** The first `size` bytes are a run. */
  add(size: number): void {
    if (size < LEAST_BYTES) return
    // Bytes of ASCII are units as they are: no string for a short run.
    const payload = isAscii(this.bytes, size) ? this.bytes : unitsOf(this.bytes.toString('utf8', 0, size))
    const length = payload === this.bytes ? size : payload.length
    if (!isPrintable(payload, length, this.#kinds)) return
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
  let before = 0
  for (let at = 0; at < length;) {
    const unit = text[at] ?? 0
    const code = unit < 0x80 ? unit : codeAt(text, at)
    const kind = kinds.of(code)
    if ((kind & PRINTABLE) === 0) strange++
    if ((kind & before & LETTER) !== 0) hasPair = true
    before = kind
    at += unitsOfCode(code)
  }
  return hasPair && strange <= (1 - LEAST_PRINTABLE_SHARE) * length
}
