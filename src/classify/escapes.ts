/** Percent signs, backslashes and entities that stand for characters, undone where they stand. */
import { hexByte, hexDigit } from './hex.ts'
import { UnitWriter, type Units } from './units.ts'

/** One pair alone, or a few together once, is what any address has. */
const LEAST_RUNS = 2
const LEAST_BYTES = 4
const PERCENT = '%'.charCodeAt(0)
const BACKSLASH = '\\'.charCodeAt(0)
const AMPERSAND = '&'.charCodeAt(0)
const HASH = '#'.charCodeAt(0)
const SEMICOLON = ';'.charCodeAt(0)
const SMALL_U = 'u'.charCodeAt(0)
const SMALL_X = 'x'.charCodeAt(0)
const LAST_CODE = 0x10ffff

/** Without one there is nothing to undo for `unescapePercent`. */
export function isPercentSign(unit: number): boolean {
  return unit === PERCENT
}

/** Without one there is nothing to undo for `unescapeCodes`. */
export function isEscapeSign(unit: number): boolean {
  return unit === BACKSLASH || unit === AMPERSAND
}

/** The text with its percent escapes undone; empty where it has hardly any. */
export function unescapePercent(text: Units): string {
  const plain = new UnitWriter(text.length)
  const bytes = Buffer.allocUnsafe(text.length)
  let runs = 0
  let longest = 0
  for (let at = 0; at < text.length;) {
    const size = percentBytes(text, at, bytes)
    if (size === 0) plain.push(text[at++] ?? 0)
    else {
      appendUtf8(bytes, size, plain)
      at += 3 * size
      runs++
      longest = Math.max(longest, size)
    }
  }
  return runs < LEAST_RUNS && longest < LEAST_BYTES ? '' : plain.toString()
}

/** How many bytes the run at `start` stands for; they are put into `bytes`. */
function percentBytes(text: Units, start: number, bytes: Buffer): number {
  let size = 0
  for (let at = start; (text[at] ?? 0) === PERCENT; at += 3) {
    const byte = hexByte(text, at + 1)
    if (byte < 0) break
    bytes[size++] = byte
  }
  return size
}

function appendUtf8(bytes: Buffer, size: number, plain: UnitWriter): void {
  for (let at = 0; at < size; at++)
    if ((bytes[at] ?? 0) >= 0x80) return plain.append(bytes.toString('utf8', 0, size))
  for (let at = 0; at < size; at++) plain.push(bytes[at] ?? 0)
}

/** The text with `\u0041`, `&#x41;` and `&#65;` undone. */
export function unescapeCodes(text: Units): string {
  const plain = new UnitWriter(text.length)
  const escape = new EscapeReader(text)
  for (let at = 0; at < text.length;) {
    const unit = text[at] ?? 0
    if (isEscapeSign(unit) && escape.read(at)) {
      plain.pushCode(escape.code)
      at = escape.end
    } else {
      plain.push(unit)
      at++
    }
  }
  return plain.toString()
}

/** Reads one escape after the other: what was read last stands in its fields. */
class EscapeReader {
  code = 0
  end = 0
  readonly #text: Units

  constructor(text: Units) {
    this.#text = text
  }

  /** False where the backslash or ampersand at `at` begins none. */
  read(at: number): boolean {
    const sign = this.#text[at + 1] ?? 0
    if ((this.#text[at] ?? 0) === BACKSLASH) return sign === SMALL_U && this.#readNumber(at + 2, 16, 4, 4)
    if (sign !== HASH) return false
    const isHex = (this.#text[at + 2] ?? 0) === SMALL_X
    const isNumber = isHex ? this.#readNumber(at + 3, 16, 2, 6) : this.#readNumber(at + 2, 10, 2, 7)
    if (!isNumber || (this.#text[this.end] ?? 0) !== SEMICOLON || this.code > LAST_CODE) return false
    this.end++
    return true
  }

  /** A number of `least` to `most` digits. */
  #readNumber(start: number, base: number, least: number, most: number): boolean {
    let code = 0
    let end = start
    for (; end - start < most; end++) {
      const digit = hexDigit(this.#text, end)
      if (digit >= base) break
      code = code * base + digit
    }
    this.code = code
    this.end = end
    return end - start >= least
  }
}
