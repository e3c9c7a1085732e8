/** Runs of bytes in hexadecimal: `4f2a`, `\x4f\x2a`, `0x4f, 0x2a`. */
import { PayloadText } from './payload-text.ts'
import type { Units } from './units.ts'

const LEAST_BYTES = 8
const NONE = 255
const ZERO = '0'.charCodeAt(0)
const BACKSLASH = '\\'.charCodeAt(0)
const X = 'x'.charCodeAt(0)
const COMMA = ','.charCodeAt(0)
const COLON = ':'.charCodeAt(0)
const WHITE_SPACE = /\s/

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

/** What the runs say, a line each; empty where none reads as text. */
export function hexPayloads(text: Units): string {
  const payloads = new PayloadText(text.length)
  for (let at = 0; at < text.length;) {
    const unit = text[at] ?? 0
    at = unit === BACKSLASH || (VALUES[unit] ?? NONE) !== NONE ? afterRun(text, at, payloads) : at + 1
  }
  return payloads.toString()
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
  const unit = text[at] ?? 0
  if (unit === COMMA || unit === COLON || (unit >= 9 && unit <= 13) || unit === 32) return at + 1
  return unit >= 0x80 && WHITE_SPACE.test(String.fromCharCode(unit)) ? at + 1 : at
}
