/**
 * What can be said of a text without a model: does it hold code, and is it opaque to every model we have.
 *
 * T1. All of a text is looked at, by scans over its units: linear, a few milliseconds a megabyte, a step
 *     for each window or slice. A line that is longer than LONGEST_LINE is read as several.
 * T2. Opaque is judged window by window, and one is enough. What is opaque for two windows on end fills one, however much
 *     plain text stands around it.
 */
import type { Reading } from './canonicalise.ts'
import { characterKinds, LATIN, LETTER } from './characters.ts'
import { countFences, hasCodeLines, NEAR_UNITS } from './code-lines.ts'
import { ENCODINGS } from './disguise.ts'
import { countEnglish } from './english.ts'
import { atOnce, SLICE_UNITS, type Steps } from './in-slices.ts'
import { codeAt, PieceReader, tableOfAscii, unitsOfCode, type Units } from './units.ts'

const FENCES = ['```', '~~~'] as const
/** Longer than what a broker lets through, unless it is told otherwise. */
const LONGEST_LINE = 1_000_000
const WINDOW_UNITS = 8_000
const LEAST_LETTERS = 24
const LEAST_WORDS = 12
const LEAST_FUNCTION_WORD_SHARE = 0.1
/** Letters and digits without a space for so long are no words of any language that is written with spaces. */
const LEAST_RUN = 80
const FIRST_BEYOND_ASCII = 0x80
const IS_OF_RUN = tableOfAscii((unit) => (/[A-Za-z0-9+/=_-]/.test(String.fromCharCode(unit)) ? 1 : 0))

/** Code in a fence, or at least three lines near each other that look like it. */
export function containsCode(text: string): boolean {
  return atOnce(codeSteps(text))
}

export function* codeSteps(text: string): Steps<boolean> {
  const pieces = new PieceReader()
  for (let start = 0, end = 0; end < text.length;) {
    const from = start
    end = lineEnd(text, end + SLICE_UNITS - NEAR_UNITS, LONGEST_LINE)
    yield end - from
    if (holdsFence(text.slice(from, end + FENCES[0].length - 1))) return true
    if (hasCodeLines(pieces.read(text, from, end))) return true
    // Three lines that stand together may begin before `end`.
    start = lineEnd(text, Math.max(0, end - NEAR_UNITS - 1), NEAR_UNITS + 1)
  }
  return false
}

/** Whether code stands in what one of a text's readings decoded. What stands there in the open is told of its canonical text. */
export function hidesCode(readings: readonly Reading[]): boolean {
  return readings.some(
    ({ text, disguises }) => disguises.some((one) => ENCODINGS.has(one)) && containsCode(text),
  )
}

function holdsFence(text: string): boolean {
  return FENCES.some((fence) => text.includes(fence))
}

/** Behind the first line break of so many units from `at` on; behind these where there is none. */
function lineEnd(text: string, at: number, units: number): number {
  const end = Math.min(text.length, at + units)
  const found = at >= end ? -1 : text.slice(at, end).indexOf('\n')
  return found < 0 ? end : at + found + 1
}

/** Another script, another language, or no language: a low score of an English model then says nothing (T2). */
export function isOpaque(text: string): boolean {
  return atOnce(opaqueSteps(text))
}

export function* opaqueSteps(text: string): Steps<boolean> {
  const windows = Math.ceil(text.length / WINDOW_UNITS)
  const pieces = new PieceReader()
  let isFenced = false
  for (let window = 0; window < windows; window++) {
    const start = Math.floor((window * text.length) / windows)
    const end = Math.floor(((window + 1) * text.length) / windows)
    yield end - start
    // The last character of a window may go on behind it.
    const units = pieces.read(text, start, end + 1)
    const length = end - start
    if (isForeignScript(units, length) || isMostlyRuns(units, length)) return true
    const fences = countFences(units, 0, length)
    if (!isFenced && fences === 0 && isNoEnglish(units, length)) return true
    if (fences % 2 === 1) isFenced = !isFenced
  }
  return false
}

function isForeignScript(text: Units, end: number): boolean {
  if (isAscii(text, end)) return false
  const kinds = characterKinds()
  let letters = 0
  let latin = 0
  for (let at = 0; at < end;) {
    const code = codeAt(text, at)
    const kind = kinds.of(code)
    if ((kind & LETTER) !== 0) letters++
    if ((kind & LATIN) !== 0) latin++
    at += unitsOfCode(code)
  }
  return letters >= LEAST_LETTERS && latin < letters / 2
}

/** Most texts; their letters need no counting. */
function isAscii(text: Units, end: number): boolean {
  let bits = 0
  for (let at = 0; at < end; at++) bits |= text[at] ?? 0
  return bits < FIRST_BEYOND_ASCII
}

function isMostlyRuns(text: Units, end: number): boolean {
  let inRuns = 0
  for (let at = 0; at + LEAST_RUN <= end;) {
    const last = lastBreakOf(text, at)
    if (last >= at) {
      at = last + 1
      continue
    }
    const first = at
    for (at += LEAST_RUN; at < end && isOfRun(text[at] ?? 0);) at++
    inRuns += at - first
  }
  return inRuns > end / 2
}

/** The last of so many units as a run has at least that is of none: no run begins before it; `start - 1` for none. */
function lastBreakOf(text: Units, start: number): number {
  let at = start + LEAST_RUN - 1
  while (at >= start && isOfRun(text[at] ?? 0)) at--
  return at
}

function isOfRun(unit: number): boolean {
  return IS_OF_RUN[unit] === 1
}

function isNoEnglish(text: Units, end: number): boolean {
  const { words, functionWords } = countEnglish(text, 0, end)
  if (words < LEAST_WORDS || functionWords >= words * LEAST_FUNCTION_WORD_SHARE) return false
  return !hasCodeLines(text, 0, end)
}
