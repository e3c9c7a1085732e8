/**
 * Percent signs, backslashes and entities that stand for characters, undone where they stand.
 *
 * E1. Of each line, what reaches from the first word that held one to the last is told apart from the text around it: a
 *     preface hides nothing, and what is found elsewhere was there before.
 */
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
const TAB = 9
const NEW_LINE = 10
const CARRIAGE_RETURN = 13
const SPACE = 32

/** Without one there is nothing to undo for `unescapePercent`. */
export function isPercentSign(unit: number): boolean {
  return unit === PERCENT
}

/** Without one there is nothing to undo for `unescapeCodes`. */
export function isEscapeSign(unit: number): boolean {
  return unit === BACKSLASH || unit === AMPERSAND
}

export interface Unescaped {
  /** All of it, escapes undone. */
  readonly text: string
  /** What held escapes, undone, a line each (E1). */
  readonly stretches: string
}

const NOTHING: Unescaped = { text: '', stretches: '' }

/** The text with its percent escapes undone; empty where it has hardly any. */
export function unescapePercent(text: Units): Unescaped {
  const plain = new EscapedText(text.length)
  const bytes = Buffer.allocUnsafe(text.length)
  let runs = 0
  let longest = 0
  for (let at = 0; at < text.length;) {
    const size = percentBytes(text, at, bytes)
    if (size === 0) plain.push(text[at++] ?? 0)
    else {
      plain.noteEscape()
      appendUtf8(bytes, size, plain.text)
      at += 3 * size
      runs++
      longest = Math.max(longest, size)
    }
  }
  return runs < LEAST_RUNS && longest < LEAST_BYTES ? NOTHING : plain.unescaped()
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
export function unescapeCodes(text: Units): Unescaped {
  const plain = new EscapedText(text.length)
  const escape = new EscapeReader(text)
  for (let at = 0; at < text.length;) {
    const unit = text[at] ?? 0
    if (isEscapeSign(unit) && escape.read(at)) {
      plain.noteEscape()
      plain.text.pushCode(escape.code)
      at = escape.end
    } else {
      plain.push(unit)
      at++
    }
  }
  return plain.unescaped()
}

/** Writes a text whose escapes are being undone, and remembers where it held any (E1). */
class EscapedText {
  readonly text: UnitWriter
  readonly #stretches = new UnitWriter(0)
  #wordStart = 0
  /** Of this line; -1 where it held none yet. */
  #stretchStart = -1
  #stretchEnd = 0
  #isInWord = false

  constructor(expectedUnits: number) {
    this.text = new UnitWriter(expectedUnits)
  }

  /** A unit that stands for itself. */
  push(unit: number): void {
    if (!isWhiteSpace(unit)) return this.text.push(unit)
    this.#endWord()
    if (unit === NEW_LINE) this.#endLine()
    this.text.push(unit)
    this.#wordStart = this.text.size
  }

  /** What is written next was escaped: also white space is part of the word then. */
  noteEscape(): void {
    if (this.#stretchStart < 0) this.#stretchStart = this.#wordStart
    this.#isInWord = true
  }

  unescaped(): Unescaped {
    this.#endWord()
    this.#endLine()
    return { text: this.text.toString(), stretches: this.#stretches.toString() }
  }

  #endWord(): void {
    if (this.#isInWord) this.#stretchEnd = this.text.size
    this.#isInWord = false
  }

  #endLine(): void {
    if (this.#stretchStart < 0) return
    if (this.#stretches.size > 0) this.#stretches.push(NEW_LINE)
    const size = this.#stretchEnd - this.#stretchStart
    this.#stretches.appendUnits(this.text.writtenFrom(this.#stretchStart), 0, size)
    this.#stretchStart = -1
  }
}

function isWhiteSpace(unit: number): boolean {
  return unit === SPACE || (unit >= TAB && unit <= CARRIAGE_RETURN)
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
