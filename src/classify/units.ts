/** Text that is written unit by unit (UTF-16): no string a piece, whatever the pieces. */
import { unitAt } from '../domain/unit-at.ts'

const LEAST_UNITS = 64

export class UnitWriter {
  #units: Units
  #size = 0
  /** All units written, or-ed: says whether they fit a byte each. */
  #bits = 0

  constructor(expectedUnits: number) {
    this.#units = roomFor(Math.max(LEAST_UNITS, expectedUnits))
  }

  get size(): number {
    return this.#size
  }

  push(unit: number): void {
    if (this.#size === this.#units.length) this.#makeRoom(1)
    this.#units[this.#size++] = unit
    this.#bits |= unit
  }

  /** A code point: one unit or two. */
  pushCode(code: number): void {
    if (code <= 0xffff) return this.push(code)
    this.push(0xd800 + ((code - 0x10000) >> 10))
    this.push(0xdc00 + (code & 0x3ff))
  }

  append(text: string): void {
    const { length } = text
    this.#makeRoom(length)
    for (let at = 0; at < length; at++) this.push(unitAt(text, at))
  }

  /** `text` from `start` to `end`. */
  appendUnits(text: ArrayLike<number>, start: number, end: number): void {
    this.#makeRoom(end - start)
    const units = this.#units
    let size = this.#size
    let bits = this.#bits
    for (let at = start; at < end; at++) {
      const unit = text[at] ?? 0
      units[size++] = unit
      bits |= unit
    }
    this.#size = size
    this.#bits = bits
  }

  unitAt(at: number): number {
    return this.#units[at] ?? 0
  }

  /** Forgets what follows the first `size` units. */
  truncate(size: number): void {
    this.#size = size
  }

  /** What was written from `start` on, as long as nothing else is written. */
  writtenFrom(start: number): Units {
    return this.#units.subarray(start, this.#size)
  }

  /** What was written; to be asked once, at the end. */
  units(): Units {
    return this.writtenFrom(0)
  }

  toString(): string {
    return textOf(this.units(), this.#bits)
  }

  #makeRoom(units: number): void {
    const wanted = this.#size + units
    if (wanted <= this.#units.length) return
    const larger = roomFor(Math.max(wanted, this.#units.length * 2))
    larger.set(this.#units)
    this.#units = larger
  }
}

/** A text's UTF-16 units: read several times faster than the text, whatever it was put together from. */
export type Units = Uint16Array<ArrayBuffer>

/** Units to be written over; what they are before that says nothing. Small ones share memory: a buffer each costs more than their text. */
export function roomFor(units: number): Units {
  const bytes = Buffer.allocUnsafe(units * 2)
  return new Uint16Array(bytes.buffer, bytes.byteOffset, units)
}

export function unitsOf(text: string): Units {
  const bytes = Buffer.allocUnsafe(text.length * 2)
  bytes.write(text, 'utf16le')
  return new Uint16Array(bytes.buffer, bytes.byteOffset, text.length)
}

const NO_BYTES: Buffer<ArrayBuffer> = Buffer.alloc(0)

/** Reads pieces of a text, one after the other, into the same memory: what was read last is all that there is. */
export class PieceReader {
  #bytes = NO_BYTES

  read(text: string, start: number, end: number): Units {
    const piece = text.slice(start, end)
    if (this.#bytes.length < 2 * piece.length) this.#bytes = Buffer.allocUnsafe(2 * piece.length)
    this.#bytes.write(piece, 'utf16le')
    return new Uint16Array(this.#bytes.buffer, this.#bytes.byteOffset, piece.length)
  }
}

/** The text of `units`; where `bits`, all of them or-ed, fits a byte, a string of bytes: it is half as long and read faster. */
export function textOf(units: Units, bits = 0xffff): string {
  if (bits < 0x100) return Buffer.from(units).toString('latin1')
  return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le')
}

/** How many UTF-16 units there are. */
export const ALL_UNITS = 0x10000
const ASCII_UNITS = 0x80

/**
 * A number below 256 for each UTF-16 unit: what `numberOf` says of those of ASCII, and `others`. For all of them, because to ask whether a
 * unit is beyond ASCII would be a branch that no processor foresees.
 */
export function tableOfAscii(numberOf: (unit: number) => number, others = 0): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(ALL_UNITS).fill(others)
  for (let unit = 0; unit < ASCII_UNITS; unit++) table[unit] = numberOf(unit)
  return table
}

/** Of the alphabet. */
export const LETTERS = 26
const FIRST = 'a'.charCodeAt(0)
/** What a small letter of ASCII has and a capital has not. */
const CASE = 32

/** The number of a letter, of either case, by its UTF-16 unit; -1 for what is none. */
export function letterOf(unit: number): number {
  const letter = (unit | CASE) - FIRST
  return letter >= 0 && letter < LETTERS ? letter : -1
}

/** The code point at `at`; a lone surrogate is one by itself. */
export function codeAt(text: ArrayLike<number>, at: number): number {
  const unit = text[at] ?? 0
  if ((unit & 0xfc00) !== 0xd800 || at + 1 >= text.length) return unit
  const low = text[at + 1] ?? 0
  return (low & 0xfc00) === 0xdc00 ? ((unit & 0x3ff) << 10) + (low & 0x3ff) + 0x10000 : unit
}

/** How many units a code point takes. */
export function unitsOfCode(code: number): number {
  return code > 0xffff ? 2 : 1
}

/** Where to cut a text at `end`, or one unit before where that would halve a character; at most its length. */
export function characterEnd(text: string, end: number): number {
  if (end >= text.length) return text.length
  return (unitAt(text, end - 1) & 0xfc00) === 0xd800 ? end - 1 : end
}
