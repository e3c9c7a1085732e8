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
  const plain = new EscapedText(text)
  const bytes = Buffer.allocUnsafe(text.length)
  let runs = 0
  let longest = 0
  for (let at = 0; at < text.length;) {
    const size = text[at] === PERCENT ? percentBytes(text, at, bytes) : 0
    if (size === 0) at++
    else {
      plain.beginEscape(at)
      appendUtf8(bytes, size, plain.text)
      at += 3 * size
      plain.endEscape(at)
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
  const plain = new EscapedText(text)
  const escape = new EscapeReader(text)
  for (let at = 0; at < text.length;) {
    if (isEscapeSign(text[at] ?? 0) && escape.read(at)) {
      plain.beginEscape(at)
      plain.text.pushCode(escape.code)
      at = escape.end
      plain.endEscape(at)
    } else at++
  }
  return plain.unescaped()
}

/** Writes a text whose escapes are being undone, and remembers where it held any (E1). What stands between two is copied at once. */
class EscapedText {
  readonly text: UnitWriter
  readonly #source: Units
  readonly #stretches = new UnitWriter(0)
  /** Behind the last escape, in the source. */
  #copied = 0
  /** Of this line; -1 where it held none yet. */
  #stretchStart = -1
  #stretchEnd = 0
  /** The first line break that is not before `#copied`, as far as it was asked for. */
  #lineEnd = -1

  constructor(source: Units) {
    this.#source = source
    this.text = new UnitWriter(source.length)
  }

  /** What the escape at `at` stands for is written next: also white space is part of the word then. */
  beginEscape(at: number): void {
    this.#copyTo(at)
    if (this.#stretchStart < 0) this.#stretchStart = this.text.size - (at - this.#wordStart(at))
  }

  endEscape(end: number): void {
    this.#copied = end
  }

  unescaped(): Unescaped {
    this.#copyTo(this.#source.length)
    this.#endLine()
    return { text: this.text.toString(), stretches: this.#stretches.toString() }
  }

  #copyTo(end: number): void {
    const start = this.#copied
    const { size } = this.text
    this.text.appendUnits(this.#source, start, end)
    this.#copied = end
    if (this.#stretchStart < 0) return
    const wordEnd = this.#wordEnd(start, end)
    this.#stretchEnd = size + wordEnd - start
    if (wordEnd < end && this.#lineEndFrom(wordEnd) < end) this.#endLine()
  }

  /** Where the word that goes on at `start` ends, at most `end`. */
  #wordEnd(start: number, end: number): number {
    let at = start
    while (at < end && !isWhiteSpace(this.#source[at] ?? 0)) at++
    return at
  }

  /** Where the word that reaches up to `end` begins. */
  #wordStart(end: number): number {
    let at = end
    while (at > 0 && !isWhiteSpace(this.#source[at - 1] ?? 0)) at--
    return at
  }

  #lineEndFrom(at: number): number {
    if (this.#lineEnd < at) {
      const found = this.#source.indexOf(NEW_LINE, at)
      this.#lineEnd = found < 0 ? Infinity : found
    }
    return this.#lineEnd
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
