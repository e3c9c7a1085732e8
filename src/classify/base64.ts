/**
 * Runs of base64 in a text, also those that are wrapped into lines. Where lines that seem to be one run say nothing together, each is
 * tried by itself: a digest or a key in the line before hides nothing.
 *
 * B1. A run that says nothing is tried with its letters rotated (rot13). LEAST_ROTATED bytes are asked for, and as many of them
 *     printable as of any text: among runs at random, one in thirty million.
 */
import { MOST_ROTATED_UNITS, PayloadText } from './payload-text.ts'
import { rotated } from './rot13.ts'
import { tableOfAscii, UnitWriter, type Units } from './units.ts'

/** Shorter ones are words and names. */
const LEAST_RUN = 16
/** So long a line may go on in the next, if that begins with so many. */
const LEAST_LINE = 60
const LEAST_NEXT_LINE = 4
const MOST_PADDING = 2
const PADDING = '='.charCodeAt(0)
const CARRIAGE_RETURN = 13
const NEW_LINE = 10
const NONE = 255
/** The URL-safe alphabet's own: lines of it are not put together. */
const HYPHEN = 45
const UNDERSCORE = 95
/** What the values of the URL-safe alphabet's own have beside their six bits. */
const URL_SAFE = 64
const SIX_BITS = 63
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES = tableOfAscii(valueOf, NONE)
/** Of what a unit is when it is rotated. */
const ROTATED_VALUES = tableOfAscii((unit) => valueOf(rotated(unit)), NONE)
/** Of bytes (B1). */
const LEAST_ROTATED = 24

function valueOf(unit: number): number {
  if (unit === HYPHEN) return URL_SAFE | 62
  if (unit === UNDERSCORE) return URL_SAFE | 63
  const value = ALPHABET.indexOf(String.fromCharCode(unit))
  return value < 0 ? NONE : value
}

export interface FoundBase64 {
  /** What the runs say, a paragraph each; empty where none reads as text. */
  readonly payloads: string
  /** The runs that say something when they are rotated (B1), rotated, a paragraph each; what they say is not read yet. */
  readonly rotated: string
}

const NOTHING: FoundBase64 = { payloads: '', rotated: '' }

/** The runs of a text. */
export function findBase64(text: Units): FoundBase64 {
  let found: Base64Text | null = null
  for (let at = 0; at + LEAST_RUN <= text.length;) {
    const last = lastStrangerOf(text, at)
    if (last >= at) at = last + 1
    else {
      found ??= new Base64Text(text.length)
      at = afterRun(text, at, found, true)
    }
  }
  return found?.found() ?? NOTHING
}

/** What is found of a text's runs, run by run. */
class Base64Text {
  readonly payloads: PayloadText
  #rotated: UnitWriter | null = null

  constructor(mostUnits: number) {
    this.payloads = new PayloadText(mostUnits)
  }

  found(): FoundBase64 {
    return { payloads: this.payloads.toString(), rotated: this.#rotated?.toString() ?? '' }
  }

  /** B1: the run between `start` and `end`; false where it says nothing so either. */
  addRotated(text: Units, start: number, end: number): boolean {
    if (end - start + (this.#rotated?.size ?? 0) > MOST_ROTATED_UNITS) return false
    const size = decodeRotated(text, start, end, this.payloads.bytes)
    if (size < LEAST_ROTATED || !this.payloads.reads(size)) return false
    if (this.#rotated === null) this.#rotated = new UnitWriter(end - start)
    else for (let times = 0; times < 2; times++) this.#rotated.push(NEW_LINE)
    for (let at = start; at < end; at++) this.#rotated.push(rotated(text[at] ?? 0))
    return true
  }
}

/** The bytes of the run between `start` and `end`, of one line or several, when it is rotated; how many they are. */
function decodeRotated(text: Units, start: number, end: number, bytes: Buffer): number {
  let size = 0
  let bits = 0
  let units = 0
  for (let at = start; at < end; at++) {
    while ((units & 3) === 0 && at + 4 <= end) {
      const four = fourAt(ROTATED_VALUES, text, at)
      if (four < 0) break
      bytes[size++] = four >> 16
      bytes[size++] = four >> 8
      bytes[size++] = four
      units += 4
      at += 4
    }
    const value = at < end ? (ROTATED_VALUES[text[at] ?? 0] ?? NONE) : NONE
    if (value === NONE) continue
    bits = ((bits << 6) | (value & SIX_BITS)) & 0xffffff
    const phase = units++ & 3
    if (phase > 0) bytes[size++] = bits >> (6 - 2 * phase)
  }
  return size
}

/** The last of so many units as a run has at least that is none of the alphabet: no run begins before it; `start - 1` for none. */
function lastStrangerOf(text: Units, start: number): number {
  let at = start + LEAST_RUN - 1
  while (at >= start && (VALUES[text[at] ?? 0] ?? NONE) !== NONE) at--
  return at
}

/**
 * Decodes the run at `start`, which goes on in the next lines where `isWrapped`; where it ends, with its padding. What is left of
 * less than a byte is dropped.
 */
function afterRun(text: Units, start: number, found: Base64Text, isWrapped: boolean): number {
  const { payloads } = found
  const { bytes } = payloads
  let lines = 1
  let units = 0
  let size = 0
  let bits = 0
  let line = 0
  for (let at = start; ; at++) {
    // Four units are three bytes: most of a long run is read like this.
    while ((units & 3) === 0 && at + 4 <= text.length) {
      const four = fourAt(VALUES, text, at)
      if (four < 0) break
      bytes[size++] = four >> 16
      bytes[size++] = four >> 8
      bytes[size++] = four
      units += 4
      line += 4
      at += 4
    }
    const value = at < text.length ? (VALUES[text[at] ?? 0] ?? NONE) : NONE
    if (value === NONE) {
      const next = isWrapped && line >= LEAST_LINE ? nextLine(text, at) : at
      if (next === at) {
        const isRead = payloads.add(size) || (size >= LEAST_ROTATED && found.addRotated(text, start, at))
        if (!isRead && lines > 1) addLines(text, start, at, found)
        return afterPadding(text, at)
      }
      lines++
      line = 0
      at = next - 1
      continue
    }
    line = value > SIX_BITS ? 0 : line + 1
    bits = ((bits << 6) | (value & SIX_BITS)) & 0xffffff
    const phase = units++ & 3
    if (phase > 0) bytes[size++] = bits >> (6 - 2 * phase)
  }
}

/** Decodes the lines between `start` and `end`, each by itself. */
function addLines(text: Units, start: number, end: number, found: Base64Text): void {
  for (let at = start; at < end;) {
    let lineEnd = at
    while (lineEnd < end && (VALUES[text[lineEnd] ?? 0] ?? NONE) !== NONE) lineEnd++
    if (lineEnd - at >= LEAST_RUN) afterRun(text, at, found, false)
    at = lineEnd + 1
  }
}

/** The 24 bits of four units that both alphabets have; -1 where one of them is none. */
function fourAt(values: Uint8Array, text: Units, at: number): number {
  const first = values[text[at] ?? 0] ?? NONE
  const second = values[text[at + 1] ?? 0] ?? NONE
  const third = values[text[at + 2] ?? 0] ?? NONE
  const fourth = values[text[at + 3] ?? 0] ?? NONE
  if ((first | second | third | fourth) > SIX_BITS) return -1
  return (first << 18) | (second << 12) | (third << 6) | fourth
}

/** Where the run goes on behind the line break at `at`; `at` where it does not. */
function nextLine(text: Units, at: number): number {
  const isWide = (text[at] ?? 0) === CARRIAGE_RETURN
  if ((text[isWide ? at + 1 : at] ?? 0) !== NEW_LINE) return at
  const start = isWide ? at + 2 : at + 1
  for (let next = start; next < start + LEAST_NEXT_LINE; next++)
    if (next >= text.length || (VALUES[text[next] ?? 0] ?? NONE) > SIX_BITS) return at
  return start
}

function afterPadding(text: Units, start: number): number {
  let at = start
  while (at - start < MOST_PADDING && (text[at] ?? 0) === PADDING) at++
  return at
}
