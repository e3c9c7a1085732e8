/**
 * Lines that look like program code, by how they begin and end: `import os`, `if (a`, `total = 1;`, `run()`, `}`.
 *
 * L1. One look at each unit and a few at where a line begins: linear, with no string a line.
 * L2. Three such lines near each other are code. A long text of prose begins a line with `return` or `let` now and then.
 */
import { unitsOf, type Units } from './units.ts'

const LEAST_LINES = 3
/** Of the last of them behind the first, where they begin. */
export const NEAR_UNITS = 4_000
const NEW_LINE = 10
const SPACE = 32
const BACKTICK = '`'.charCodeAt(0)
const TILDE = '~'.charCodeAt(0)
const FENCE_UNITS = 3

const WORD = 1
const DOT = 2
const WHITE = 4
const KINDS = Uint8Array.from({ length: 0x100 }, (_, unit) => {
  const letter = String.fromCharCode(unit)
  return (/\w/.test(letter) ? WORD : 0) | (letter === '.' ? DOT : 0) | (/\s/.test(letter) ? WHITE : 0)
})

/** What a line of code begins with: `_` stands for a word, `|` for where a word ends, `?` for a space or none. */
const OPENINGS = (
  'import ,from _ import,#include,#!/,def _(,class _,function|,const ,let ,var ,public ,private ,return|,if?(,for?(,while?(,' +
  '<_,</_'
).split(',')
const BY_FIRST_UNIT = openingsByFirstUnit()

function openingsByFirstUnit(): readonly (readonly Units[])[] {
  const byUnit: Units[][] = Array.from({ length: 128 }, () => [])
  for (const opening of OPENINGS) byUnit[opening.charCodeAt(0)]?.push(unitsOf(opening))
  return byUnit
}

const ANY_WORD = '_'.charCodeAt(0)
const WORD_END = '|'.charCodeAt(0)
const MAY_BE_SPACE = '?'.charCodeAt(0)
const TAG = '<'.charCodeAt(0)
const TAG_END = '>'.charCodeAt(0)
const OPEN = '('.charCodeAt(0)
const CLOSE = ')'.charCodeAt(0)
const OPEN_BRACE = '{'.charCodeAt(0)
const CLOSE_BRACE = '}'.charCodeAt(0)
const SEMICOLON = ';'.charCodeAt(0)
const EQUALS = '='.charCodeAt(0)

/** Whether at least three lines that look like code stand together between `start` and `end` (L2). */
export function hasCodeLines(text: Units, start = 0, end = text.length): boolean {
  const begins: number[] = []
  for (let at = start; at < end;) {
    let lineEnd = at
    while (lineEnd < end && text[lineEnd] !== NEW_LINE) lineEnd++
    if (isCodeLine(text, at, lineEnd) && begins.push(at) >= LEAST_LINES) {
      if (at - (begins.at(-LEAST_LINES) ?? 0) <= NEAR_UNITS) return true
    }
    at = lineEnd + 1
  }
  return false
}

/** How many fences (three backticks or tildes, or more) begin between `start` and `end`. Of three units, one is of each. */
export function countFences(text: Units, start = 0, end = text.length): number {
  let fences = 0
  for (let at = start + FENCE_UNITS - 1; at < end; at += FENCE_UNITS) {
    const unit = text[at] ?? 0
    if (unit !== BACKTICK && unit !== TILDE) continue
    let first = at
    while (first > start && text[first - 1] === unit) first--
    while (at + 1 < end && text[at + 1] === unit) at++
    if (at + 1 - first >= FENCE_UNITS) fences++
  }
  return fences
}

function isCodeLine(text: Units, start: number, end: number): boolean {
  let first = start
  while (first < end && (kindOf(text, first) & WHITE) !== 0) first++
  let last = end - 1
  while (last > first && (kindOf(text, last) & WHITE) !== 0) last--
  if (first > last) return false
  return opens(text, first, last + 1) || isBrace(text, first, last) || isStatement(text, first, last)
}

/** Whether the line from `start` on begins as a line of code does; a tag is closed in it too. */
function opens(text: Units, start: number, end: number): boolean {
  const unit = text[start] ?? 0
  const openings = BY_FIRST_UNIT[unit]
  if (openings === undefined) return false
  for (let next = 0; next < openings.length; next++) {
    const opening = openings[next]
    if (opening === undefined || !matches(text, start, end, opening)) continue
    return unit !== TAG || text.subarray(start, end).includes(TAG_END)
  }
  return false
}

function matches(text: Units, start: number, end: number, opening: Units): boolean {
  let at = start
  for (let next = 0; next < opening.length; next++) {
    const wanted = opening[next]
    if (wanted === ANY_WORD) {
      const wordEnd = afterKinds(text, at, end, WORD)
      if (wordEnd === at) return false
      at = wordEnd
    } else if (wanted === WORD_END) {
      if (at < end && (kindOf(text, at) & WORD) !== 0) return false
    } else if (wanted === MAY_BE_SPACE) {
      if (at < end && text[at] === SPACE) at++
    } else if (at < end && text[at] === wanted) at++
    else return false
  }
  return true
}

/** A brace, with a semicolon or not. */
function isBrace(text: Units, first: number, last: number): boolean {
  if (text[first] !== OPEN_BRACE && text[first] !== CLOSE_BRACE) return false
  if (first === last) return true
  return text[last] === SEMICOLON && afterKinds(text, first + 1, last, WHITE) === last
}

/** `run(...)` with a semicolon or not, or `total = ...;`. */
function isStatement(text: Units, first: number, last: number): boolean {
  const isEnded = text[last] === SEMICOLON
  const closing = isEnded ? last - 1 : last
  if (!isEnded && text[closing] !== CLOSE) return false
  const name = afterKinds(text, first, last, WORD | DOT)
  if (name === first) return false
  if (text[name] === OPEN && text[closing] === CLOSE && closing > name) return true
  const isAssigned = text[name] === SPACE && text[name + 1] === EQUALS && text[name + 2] === SPACE
  return isEnded && isAssigned && last > name + 3
}

/** Where the units of these kinds that stand at `start` end. */
function afterKinds(text: Units, start: number, end: number, kinds: number): number {
  let at = start
  while (at < end && (kindOf(text, at) & kinds) !== 0) at++
  return at
}

function kindOf(text: Units, at: number): number {
  return KINDS[text[at] ?? 0] ?? 0
}
