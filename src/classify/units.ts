/** Text that is written unit by unit (UTF-16): no string a piece, whatever the pieces. */
const LEAST_UNITS = 64

export class UnitWriter {
  #units: Units
  #size = 0
  /** All units written, or-ed: says whether they fit a byte each. */
  #bits = 0

  constructor(expectedUnits: number) {
    this.#units = new Uint16Array(Math.max(LEAST_UNITS, expectedUnits))
  }

  get size(): number {
    return this.#size
  }

  push(unit: number): void {
    if (this.#size === this.#units.length) this.#grow()
    this.#units[this.#size++] = unit
    this.#bits |= unit
  }

  append(text: string): void {
    for (let at = 0; at < text.length; at++) this.push(text.charCodeAt(at))
  }

  /** `text` from `start` to `end`. */
  appendUnits(text: ArrayLike<number>, start: number, end: number): void {
    for (let at = start; at < end; at++) this.push(text[at] ?? 0)
  }

  unitAt(at: number): number {
    return this.#units[at] ?? 0
  }

  /** Forgets what follows the first `size` units. */
  truncate(size: number): void {
    this.#size = size
  }

  /** A copy of what was written from `start` on. */
  unitsFrom(start: number): Units {
    return this.#units.slice(start, this.#size)
  }

  toString(): string {
    return textOf(this.#units.subarray(0, this.#size), this.#bits)
  }

  #grow(): void {
    const larger = new Uint16Array(this.#units.length * 2)
    larger.set(this.#units)
    this.#units = larger
  }
}

/** A text's UTF-16 units: read several times faster than the text, whatever it was put together from. */
export type Units = Uint16Array<ArrayBuffer>

export function unitsOf(text: string): Units {
  const units = new Uint16Array(text.length)
  Buffer.from(units.buffer).write(text, 'utf16le')
  return units
}

/** The text of `units`; where `bits`, all of them or-ed, fits a byte, a string of bytes: it is half as long and read faster. */
export function textOf(units: Units, bits = 0xffff): string {
  if (bits < 0x100) return Buffer.from(units).toString('latin1')
  return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le')
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
