/** Lines that read as English only after rotation; line by line, so that an honest preface hides nothing. */
import { countEnglish, lettersMovedBy } from './english.ts'
import { letterOf, UnitWriter, type Units } from './units.ts'

const ROTATION = 13
const ROTATED = lettersMovedBy(ROTATION)
const LEAST_WORDS = 4
const NEW_LINE = 10
const CARRIAGE_RETURN = 13

/** The rotated lines, read; empty where there is none. */
export function rot13Lines(text: Units): string {
  const read = new UnitWriter(0)
  for (let start = 0; start < text.length;) {
    let end = start
    while (end < text.length && !isBreak(text[end] ?? 0)) end++
    if (isRotated(text, start, end)) {
      if (read.size > 0) read.push(NEW_LINE)
      for (let at = start; at < end; at++) read.push(rotated(text[at] ?? 0))
    }
    start = end + 1
  }
  return read.toString()
}

function isBreak(unit: number): boolean {
  return unit === NEW_LINE || unit === CARRIAGE_RETURN
}

function isRotated(text: Units, start: number, end: number): boolean {
  const plain = countEnglish(text, start, end)
  if (plain.words < LEAST_WORDS || plain.functionWords > plain.words / 10) return false
  const read = countEnglish(text, start, end, ROTATED)
  return read.functionWords >= 2 && read.functionWords >= read.words / 5
}

function rotated(unit: number): number {
  const letter = letterOf(unit)
  if (letter < 0) return unit
  return letter < ROTATION ? unit + ROTATION : unit - ROTATION
}
