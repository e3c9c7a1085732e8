/** Lines that read as English only after rotation; line by line, so that an honest preface hides nothing. */
import { countEnglish } from './english.ts'
import { letterOf, tableOfAscii, UnitWriter, type Units } from './units.ts'

const ROTATION = 13
const LEAST_WORDS = 4
const IS_APART = tableOfAscii((unit) => (/[A-Za-z0-9+/=]/.test(String.fromCharCode(unit)) ? 0 : 1), 1)
const NEW_LINE = 10
const CARRIAGE_RETURN = 13

/** The rotated lines, read; empty where there is none. */
export function rot13Lines(text: Units): string {
  let read: UnitWriter | null = null
  for (let start = 0; start < text.length;) {
    let end = start
    while (end < text.length && !isBreak(text[end] ?? 0)) end++
    if (isRotated(text, start, end)) {
      if (read === null) read = new UnitWriter(text.length)
      else read.push(NEW_LINE)
      for (let at = start; at < end; at++) read.push(rotated(text[at] ?? 0))
    }
    start = end + 1
  }
  return read?.toString() ?? ''
}

function isBreak(unit: number): boolean {
  return unit === NEW_LINE || unit === CARRIAGE_RETURN
}

function isRotated(text: Units, start: number, end: number): boolean {
  if (end - start < 2 * LEAST_WORDS - 1) return false
  const { words, functionWords, rotatedWords } = countEnglish(text, start, end)
  if (words < LEAST_WORDS || functionWords > words / 10) return false
  return rotatedWords >= 2 && rotatedWords >= words / 5 && isSpaced(text, start, end)
}

/** Whether words stand apart: those that digits and the signs of base64 part are none. */
function isSpaced(text: Units, start: number, end: number): boolean {
  let apart = 0
  for (let at = start; at < end; at++) apart += IS_APART[text[at] ?? 0] ?? 0
  return apart >= LEAST_WORDS - 1
}

/** The letter half of the alphabet further; what is no letter as it is. */
export function rotated(unit: number): number {
  const letter = letterOf(unit)
  if (letter < 0) return unit
  return letter < ROTATION ? unit + ROTATION : unit - ROTATION
}
