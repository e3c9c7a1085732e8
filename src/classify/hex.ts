/** Runs of bytes in hexadecimal: `4f2a`, `\x4f\x2a`, `0x4f, 0x2a`. */
import { MOST_ROTATED_UNITS, PayloadText } from './payload-text.ts'
import { rotated } from './rot13.ts'
import { tableOfAscii, UnitWriter, type Units } from './units.ts'

const LEAST_BYTES = 8
const NONE = 255
const ZERO = '0'.charCodeAt(0)
const BACKSLASH = '\\'.charCodeAt(0)
const X = 'x'.charCodeAt(0)
const LEAST_DIGITS = 2 * LEAST_BYTES
const MOST_SEPARATORS = 2
const NINE = '9'.charCodeAt(0)
const DOT = '.'.charCodeAt(0)
/** Of units: who rotates a run seldom has a short one, and fewer looks at all other texts are enough. */
const LEAST_ROTATED = 48
const LEAST_TELLING = 4

const VALUES = tableOfAscii((unit) => {
  const digit = String.fromCharCode(unit)
  return /[0-9a-fA-F]/.test(digit) ? parseInt(digit, 16) : NONE
}, NONE)

const DIGIT = 1
const SEPARATOR = 2
/** What may stand before the two digits of a byte, besides a zero. */
const PREFIX = 3
/** Of what may stand in a run; 0 for all else. */
const KINDS = kindsOfUnits()

function kindsOfUnits(): Uint8Array {
  const kinds = new Uint8Array(0x10000)
  const all = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit)).join('')
  const mark = (kind: number, units: RegExp): void => {
    for (const { index } of all.matchAll(units)) kinds[index] = kind
  }
  mark(DIGIT, /[0-9a-fA-F]/g)
  mark(SEPARATOR, /[\s,:]/g)
  mark(PREFIX, /[\\x]/g)
  return kinds
}

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
  let payloads: PayloadText | null = null
  // From `at` to `seen` there are so many digits, and nothing that ends a run.
  let digits = 0
  let seen = 0
  for (let at = 0; at + LEAST_DIGITS <= text.length;) {
    if (digits === 0) {
      const last = lastOutside(KINDS, text, at, LEAST_DIGITS)
      if (last >= at) {
        at = last + 1
        continue
      }
      while (!isDigit(text[at] ?? 0) && at < text.length) at++
      seen = at
    }
    for (; digits < LEAST_DIGITS && seen < text.length; seen++) {
      const kind = kindOf(text[seen] ?? 0)
      if (kind === DIGIT) digits++
      else if (kind === 0) break
    }
    if (digits < LEAST_DIGITS) {
      digits = 0
      at = seen + 1
      continue
    }
    const isBegin = isDigit(text[at] ?? 0)
    payloads ??= new PayloadText(text.length)
    const next = isBegin ? afterRun(text, at, payloads) : at + 1
    if (next > at + 1) digits = 0
    else if (isBegin) digits--
    at = next
  }
  return payloads?.toString() ?? ''
}

/** Digits and separators as they are, `a` to `f` rotated, and the `x` of a prefix. */
const ROTATED_KINDS = Uint8Array.from({ length: KINDS.length }, (_, unit) => KINDS[rotated(unit)] ?? 0)
/** What each unit is when it is rotated. */
const ROTATED = Uint16Array.from({ length: KINDS.length }, (_, unit) => rotated(unit))
const IS_DECIMAL = tableOfAscii((unit) => (unit >= ZERO && unit <= NINE ? 1 : 0))

/**
 * The stretches of a text that look like runs of bytes when their letters are rotated (rot13), rotated, a dot behind each; empty
 * where none says anything.
 */
export function rotatedHex(text: Units): string {
  let found: UnitWriter | null = null
  for (let at = 0; at + LEAST_ROTATED <= text.length;) {
    const last = lastOutside(ROTATED_KINDS, text, at, LEAST_ROTATED)
    if (last >= at) {
      at = last + 1
      continue
    }
    const start = at
    while (at < text.length && ROTATED_KINDS[text[at] ?? 0] !== 0) at++
    if (at - start + (found?.size ?? 0) > MOST_ROTATED_UNITS) continue
    if (tellingIn(text, start, at) < LEAST_TELLING) continue
    found ??= new UnitWriter(at - start)
    for (let of = start; of < at; of++) found.push(ROTATED[text[of] ?? 0] ?? 0)
    found.push(DOT)
  }
  return found === null || hexPayloads(found.units()) === '' ? '' : found.toString()
}

/** How many rotated digits stand beside a decimal one: of a word beside a run none does. */
function tellingIn(text: Units, start: number, end: number): number {
  let telling = 0
  for (let at = start; at < end; at++) {
    const unit = text[at] ?? 0
    if (ROTATED_KINDS[unit] !== DIGIT || IS_DECIMAL[unit] === 1) continue
    const before = at > start ? (IS_DECIMAL[text[at - 1] ?? 0] ?? 0) : 0
    const behind = at + 1 < end ? (IS_DECIMAL[text[at + 1] ?? 0] ?? 0) : 0
    telling += before | behind
  }
  return telling
}

/** The last of so many units as a run has at least that may not stand in one: none begins before it; `start - 1` for none. */
function lastOutside(kinds: Uint8Array, text: Units, start: number, least: number): number {
  let at = start + least - 1
  while (at >= start && kinds[text[at] ?? 0] !== 0) at--
  return at
}

function kindOf(unit: number): number {
  return KINDS[unit] ?? 0
}

function isDigit(unit: number): boolean {
  return kindOf(unit) === DIGIT
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
    at = afterSeparators(text, digits + 2)
  }
  if (size < LEAST_BYTES) return start + 1
  payloads.add(size)
  return at
}

function afterPrefix(text: Units, at: number): number {
  const unit = text[at] ?? 0
  return (unit === ZERO || unit === BACKSLASH) && (text[at + 1] ?? 0) === X ? at + 2 : at
}

/** A comma and a space are two. */
function afterSeparators(text: Units, start: number): number {
  let at = start
  while (at - start < MOST_SEPARATORS && isSeparator(text[at] ?? 0)) at++
  return at
}

function isSeparator(unit: number): boolean {
  return kindOf(unit) === SEPARATOR
}
