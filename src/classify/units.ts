/** Text that is written unit by unit (UTF-16): no string a piece, whatever the pieces. */
const LEAST_UNITS = 64

export class UnitWriter {
  #units: Uint16Array
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

  /** `text` from `start` to `end`. */
  append(text: string, start = 0, end = text.length): void {
    for (let at = start; at < end; at++) this.push(text.charCodeAt(at))
  }

  unitAt(at: number): number {
    return this.#units[at] ?? 0
  }

  /** Forgets what follows the first `size` units. */
  truncate(size: number): void {
    this.#size = size
  }

  textFrom(start: number): string {
    return textOf(this.#units.subarray(start, this.#size), this.#bits)
  }

  toString(): string {
    return this.textFrom(0)
  }

  #grow(): void {
    const larger = new Uint16Array(this.#units.length * 2)
    larger.set(this.#units)
    this.#units = larger
  }
}

/** A copy of the text's units, to be changed in place. */
export function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length)
  for (let at = 0; at < units.length; at++) units[at] = text.charCodeAt(at)
  return units
}

/** The text of `units`; where `bits`, all of them or-ed, fits a byte, a string of bytes: it is half as long and read faster. */
export function textOf(units: Uint16Array, bits = 0xffff): string {
  if (bits < 0x100) return Buffer.from(units).toString('latin1')
  return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le')
}

/** The code point at `at`; a lone surrogate is one by itself. As `codePointAt`, without its checks. */
export function codeAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if ((unit & 0xfc00) !== 0xd800 || at + 1 >= text.length) return unit
  const low = text.charCodeAt(at + 1)
  return (low & 0xfc00) === 0xdc00 ? ((unit & 0x3ff) << 10) + (low & 0x3ff) + 0x10000 : unit
}

/** How many units a code point takes. */
export function unitsOfCode(code: number): number {
  return code > 0xffff ? 2 : 1
}
