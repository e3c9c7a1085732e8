/**
 * Bytes that were decoded, run by run, as text: a line for each run that reads as one.
 *
 * P1. What is shorter than eight bytes, or not mostly printable, is no text and is left out.
 */
import { characterKinds, LETTER, PRINTABLE, type CharacterKinds } from './characters.ts'
import { codeAt, UnitWriter, unitsOfCode } from './units.ts'

const LEAST_BYTES = 8
const LEAST_PRINTABLE_SHARE = 0.9
const NEW_LINE = 10

export class PayloadText {
  readonly #bytes: Buffer
  readonly #text: UnitWriter
  #size = 0
  /** All bytes of the run, or-ed: says whether it is ASCII. */
  #bits = 0

  /** For at most `mostBytes` in a run. */
  constructor(mostBytes: number) {
    this.#bytes = Buffer.allocUnsafe(mostBytes)
    this.#text = new UnitWriter(0)
  }

  push(byte: number): void {
    this.#bytes[this.#size++] = byte
    this.#bits |= byte
  }

  /** Forgets the bytes since the last run. */
  dropRun(): void {
    this.#size = 0
    this.#bits = 0
  }

  /** The bytes since the last run are one. */
  endRun(): void {
    if (this.#size >= LEAST_BYTES) this.#keep()
    this.dropRun()
  }

  toString(): string {
    return this.#text.toString()
  }

  #keep(): void {
    const encoding = this.#bits < 0x80 ? 'latin1' : 'utf8'
    const payload = this.#bytes.toString(encoding, 0, this.#size)
    if (!isPrintable(payload, characterKinds())) return
    if (this.#text.size > 0) this.#text.push(NEW_LINE)
    this.#text.append(payload)
  }
}

/** P1: nine tenths of it are printable, and two letters stand together. */
function isPrintable(text: string, kinds: CharacterKinds): boolean {
  let strange = 0
  let hasPair = false
  let afterLetter = false
  for (let at = 0; at < text.length;) {
    const code = codeAt(text, at)
    const kind = kinds.of(code)
    const isLetter = (kind & LETTER) !== 0
    if ((kind & PRINTABLE) === 0) strange++
    if (isLetter && afterLetter) hasPair = true
    afterLetter = isLetter
    at += unitsOfCode(code)
  }
  return hasPair && strange <= (1 - LEAST_PRINTABLE_SHARE) * text.length
}
