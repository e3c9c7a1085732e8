/** Runs of base64 in a text, also those that are wrapped into lines. */
import { PayloadText } from './payload-text.ts'
import type { Units } from './units.ts'

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
const VALUES = valuesOfUnits()

function valuesOfUnits(): Uint8Array {
  const values = new Uint8Array(128).fill(NONE)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value
  values[HYPHEN] = 62
  values[UNDERSCORE] = 63
  return values
}

function valueOf(unit: number): number {
  return VALUES[unit] ?? NONE
}

function isStandard(unit: number): boolean {
  return valueOf(unit) !== NONE && unit !== HYPHEN && unit !== UNDERSCORE
}

/** What the runs say, a line each; empty where none reads as text. */
export function base64Payloads(text: Units): string {
  const payloads = new PayloadText(text.length)
  for (let at = 0; at < text.length;) {
    if (valueOf(text[at] ?? 0) === NONE) {
      at++
      continue
    }
    const { units, end } = decodeRun(text, at, payloads.bytes)
    at = units < LEAST_RUN ? end : afterPadding(text, end)
    // What is left of less than a byte is dropped.
    if (units >= LEAST_RUN) payloads.add(Math.floor((units * 3) / 4))
  }
  return payloads.toString()
}

/** Decodes the run at `start`; of how many units it is, and where it ends. */
function decodeRun(
  text: Units,
  start: number,
  bytes: Buffer,
): { readonly units: number; readonly end: number } {
  let units = 0
  let size = 0
  let bits = 0
  let line = 0
  for (let at = start; ; at++) {
    const unit = at < text.length ? (text[at] ?? 0) : 0
    const value = valueOf(unit)
    if (value === NONE) {
      const next = line < LEAST_LINE ? at : nextLine(text, at)
      if (next === at) return { units, end: at }
      line = 0
      at = next - 1
      continue
    }
    line = unit === HYPHEN || unit === UNDERSCORE ? 0 : line + 1
    bits = ((bits << 6) | value) & 0xffffff
    const phase = units++ & 3
    if (phase > 0) bytes[size++] = bits >> (6 - 2 * phase)
  }
}

/** Where the run goes on behind the line break at `at`; `at` where it does not. */
function nextLine(text: Units, at: number): number {
  const isWide = (text[at] ?? 0) === CARRIAGE_RETURN
  if ((text[isWide ? at + 1 : at] ?? 0) !== NEW_LINE) return at
  const start = isWide ? at + 2 : at + 1
  for (let next = start; next < start + LEAST_NEXT_LINE; next++)
    if (next >= text.length || !isStandard(text[next] ?? 0)) return at
  return start
}

function afterPadding(text: Units, start: number): number {
  let at = start
  while (at - start < MOST_PADDING && (text[at] ?? 0) === PADDING) at++
  return at
}
