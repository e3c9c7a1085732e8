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

/** The text with its percent escapes undone; empty where it has hardly any. */
export function unescapePercent(text: Units): string {
  if (!text.includes(PERCENT)) return ''
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

/** The text with `\u0041`, `&#x41;` and `&#65;` undone; empty where it cannot have one. */
export function unescapeCodes(text: Units): string {
  if (!text.includes(BACKSLASH) && !text.includes(AMPERSAND)) return ''
  const plain = new UnitWriter(text.length)
  for (let at = 0; at < text.length;) {
    const unit = text[at] ?? 0
    const escape = unit === BACKSLASH || unit === AMPERSAND ? escapeAt(text, at) : null
    if (escape === null) plain.push(unit)
    else pushCode(escape.code, plain)
    at = escape?.end ?? at + 1
  }
  return plain.toString()
}

interface Escape {
  readonly code: number
  readonly end: number
}

function escapeAt(text: Units, at: number): Escape | null {
  if ((text[at] ?? 0) === BACKSLASH)
    return (text[at + 1] ?? 0) === SMALL_U ? numberAt(text, at + 2, 16, 4, 4) : null
  if ((text[at + 1] ?? 0) !== HASH) return null
  const isHex = (text[at + 2] ?? 0) === SMALL_X
  const found = isHex ? numberAt(text, at + 3, 16, 2, 6) : numberAt(text, at + 2, 10, 2, 7)
  if (found === null || (text[found.end] ?? 0) !== SEMICOLON || found.code > LAST_CODE) return null
  return { code: found.code, end: found.end + 1 }
}

/** A number of `least` to `most` digits. */
function numberAt(text: Units, start: number, base: number, least: number, most: number): Escape | null {
  let code = 0
  let end = start
  for (; end - start < most; end++) {
    const digit = hexDigit(text, end)
    if (digit >= base) break
    code = code * base + digit
  }
  return end - start < least ? null : { code, end }
}

function pushCode(code: number, plain: UnitWriter): void {
  if (code <= 0xffff) return plain.push(code)
  plain.push(0xd800 + ((code - 0x10000) >> 10))
  plain.push(0xdc00 + (code & 0x3ff))
}
