/** Runs of bytes in hexadecimal: `4f2a`, `\x4f\x2a`, `0x4f, 0x2a`. */
import { characterKinds, WHITE_SPACE } from './characters.ts'
import { PayloadText } from './payload-text.ts'
import type { Units } from './units.ts'

const LEAST_BYTES = 8
const NONE = 255
const ZERO = '0'.charCodeAt(0)
const BACKSLASH = '\\'.charCodeAt(0)
const X = 'x'.charCodeAt(0)
const COMMA = ','.charCodeAt(0)
const COLON = ':'.charCodeAt(0)
const LEAST_DIGITS = 2 * LEAST_BYTES

const VALUES = Uint8Array.from({ length: 128 }, (_, unit) => {
  const digit = String.fromCharCode(unit)
  return /[0-9a-fA-F]/.test(digit) ? parseInt(digit, 16) : NONE
})

/** The value of a hexadecimal digit; 255 for what is none. */
export function hexDigit(text: Units, at: number): number {
  return VALUES[text[at] ?? 0] ?? NONE
}

/** The byte of the two digits at `at`; -1 where there are none. */
export function hexByte(text: Units, at: number): number {
  const high = hexDigit(text, at)
  if (high === NONE) return -1
  const low = hexDigit(text, at + 1)
  return low === NONE ? -1 : high * 16 + low
}

/**
 * What the runs say, a line each; empty where none reads as text. A run is tried where so many digits follow as it takes,
 * with nothing else between them than may stand in a run.
 */
export function hexPayloads(text: Units): string {
  const payloads = new PayloadText(text.length)
  // From `at` to `seen` there are so many digits, and nothing that ends a run.
  let digits = 0
  let seen = 0
  for (let at = 0; at < text.length;) {
    if (digits === 0) {
      while (at < text.length && !isDigit(text[at] ?? 0)) at++
      seen = at
    }
    for (; digits < LEAST_DIGITS && seen < text.length; seen++) {
      const unit = text[seen] ?? 0
      if (isDigit(unit)) digits++
      else if (!isBetween(unit)) break
    }
    const isEnough = digits === LEAST_DIGITS
    const isBegin = isDigit(text[at] ?? 0)
    const next = !isEnough ? seen + 1 : isBegin ? afterRun(text, at, payloads) : at + 1
    if (isEnough && next === at + 1) digits -= isBegin ? 1 : 0
    else digits = 0
    at = next
  }
  return payloads.toString()
}

function isDigit(unit: number): boolean {
  return (VALUES[unit] ?? NONE) !== NONE
}

/** What may stand before and behind the two digits of a byte. */
function isBetween(unit: number): boolean {
  return unit === BACKSLASH || unit === X || isSeparator(unit)
}

/** Decodes the run at `start`; where it ends, or the next unit where there is no run. */
function afterRun(text: Units, start: number, payloads: PayloadText): number {
  const { bytes } = payloads
  let size = 0
  let at = start
  for (;;) {
    const digits = afterPrefix(text, at)
    const byte = hexByte(text, digits)
    if (byte < 0) break
    bytes[size++] = byte
    at = afterSeparator(text, digits + 2)
  }
  if (size < LEAST_BYTES) return start + 1
  payloads.add(size)
  return at
}

function afterPrefix(text: Units, at: number): number {
  const unit = text[at] ?? 0
  return (unit === ZERO || unit === BACKSLASH) && (text[at + 1] ?? 0) === X ? at + 2 : at
}

function afterSeparator(text: Units, at: number): number {
  return isSeparator(text[at] ?? 0) ? at + 1 : at
}

function isSeparator(unit: number): boolean {
  if (unit === COMMA || unit === COLON || (unit >= 9 && unit <= 13) || unit === 32) return true
  return unit >= 0x80 && (characterKinds().of(unit) & WHITE_SPACE) !== 0
}
