/**
 * Words that are spelt out, something between all letters: `h a r b o u r`, `p-o-e-m-s`.
 *
 * S1. A gap that differs from the usual one is a gap between words (`a n  o l d`); where all are alike, the words are
 *     found by what they are (cut-words.ts).
 * S2. Never longer than the text; linear time.
 */
import { characterKinds, LETTER, NUMBER, WHITE_SPACE } from './characters.ts'
import { WordCutter } from './cut-words.ts'
import { asLetter } from './leetspeak.ts'
import { codeAt, unitsOf, unitsOfCode, UnitWriter, type Units } from './units.ts'
import { costOf } from './words.ts'

/** Digits and signs may stand for letters. */
const LEAST_SIGNS = 5
const LONGEST_GAP = 3
/** Rows of a table are digits mostly. */
const LEAST_LETTER_SHARE = 0.6
/** Shorter ones are abbreviations, or what is left of a word. */
const LEAST_CUT = 6
const SPACE = 32
/** What may stand between letters: white space and `.-_*·`. */
const GAP = 1
/** Letters, digits and `@$!`. */
const SIGN = 2
/** Letters and digits: no run begins behind one or ends before one. */
const INNER = 4
const IS_LETTER = 8

/** Signs with a gap between any two. */
interface Run {
  readonly signs: number
  readonly letters: number
  /** UTF-16 units of the signs alone. */
  readonly units: number
  readonly end: number
  readonly lastKind: number
}

export function joinSpeltOut(whole: string): string {
  const text = unitsOf(whole)
  let joiner: RunJoiner | null = null
  let copied = 0
  let before = 0
  for (let at = 0; at < text.length;) {
    const code = codeAt(text, at)
    const kind = kindOf(code)
    if ((kind & SIGN) === 0 || (before & INNER) !== 0) {
      before = kind
      at += unitsOfCode(code)
      continue
    }
    const run = runAt(text, at)
    if (isSpeltOut(run)) {
      joiner ??= new RunJoiner(text)
      joiner.joined.appendUnits(text, copied, at)
      joiner.append(at, run.end)
      copied = run.end
    }
    before = run.lastKind
    at = run.end
  }
  if (joiner === null) return whole
  joiner.joined.appendUnits(text, copied, text.length)
  return joiner.joined.toString()
}

function isSpeltOut({ signs, letters, units }: Run): boolean {
  return signs >= LEAST_SIGNS && letters >= LEAST_LETTER_SHARE * units
}

/**
 * The longest run from the sign at `start`. Its last sign is left out where a letter or digit follows at once: that is
 * where a word begins.
 */
function runAt(text: Units, start: number): Run {
  let [signs, letters, units, end, lastKind] = [0, 0, 0, start, 0]
  for (let at = start; ;) {
    const code = codeAt(text, at)
    const kind = kindOf(code)
    const after = at + unitsOfCode(code)
    const next = afterGap(text, after)
    const isWordStart = next === after && signs > 0 && (kindAt(text, after) & INNER) !== 0
    if (isWordStart && signs >= LEAST_SIGNS) break
    end = after
    lastKind = kind
    if (isWordStart) break
    signs++
    units += after - at
    if ((kind & IS_LETTER) !== 0) letters++
    if (next === after || next - after > LONGEST_GAP || (kindAt(text, next) & SIGN) === 0) break
    at = next
  }
  return { signs, letters, units, end, lastKind }
}

/** Where the gap at `start` ends, as far as it may be long. */
function afterGap(text: Units, start: number): number {
  let at = start
  while (at - start <= LONGEST_GAP && (kindAt(text, at) & GAP) !== 0) at++
  return at
}

/** Writes the words of runs. */
class RunJoiner {
  readonly joined: UnitWriter
  readonly #text: Units
  readonly #cutter = new WordCutter()
  /** What stands between the signs of a run, each as a number. */
  #gaps = new Float64Array(64)
  #gapCount = 0

  constructor(text: Units) {
    this.#text = text
    this.joined = new UnitWriter(text.length)
  }

  /** S1: the words of the run from `start` to `end`, cut where no gap tells. */
  append(start: number, end: number): void {
    this.#readGaps(start, end)
    const usual = this.#usualGap()
    let word = this.joined.size
    let gap = 0
    for (let at = start; at < end;) {
      const after = at + unitsAt(this.#text, at)
      for (; at < after; at++) this.joined.push(asLetter(this.#text[at] ?? 0))
      if (at === end) break
      if (usual !== null && this.#gaps[gap] !== usual) {
        this.#cutLast(word)
        this.joined.push(SPACE)
        word = this.joined.size
      }
      gap++
      at = afterGap(this.#text, at)
    }
    this.#cutLast(word)
  }

  #readGaps(start: number, end: number): void {
    this.#gapCount = 0
    for (let at = start; ;) {
      const after = at + unitsAt(this.#text, at)
      if (after >= end) return
      at = afterGap(this.#text, after)
      if (this.#gapCount === this.#gaps.length) this.#growGaps()
      this.#gaps[this.#gapCount++] = gapBetween(this.#text, after, at)
    }
  }

  #growGaps(): void {
    const larger = new Float64Array(this.#gaps.length * 2)
    larger.set(this.#gaps)
    this.#gaps = larger
  }

  /** S1; null where hardly two gaps are alike, so that none says anything. What more than half are, survives all others. */
  #usualGap(): number | null {
    const gaps = this.#gaps
    let candidate = 0
    let lead = 0
    for (let at = 0; at < this.#gapCount; at++) {
      const gap = gaps[at] ?? 0
      if (lead === 0) candidate = gap
      lead += gap === candidate ? 1 : -1
    }
    let count = 0
    for (let at = 0; at < this.#gapCount; at++) if (gaps[at] === candidate) count++
    return count * 2 > this.#gapCount ? candidate : null
  }

  /** The word that was written from `start` on, with spaces where it is several. */
  #cutLast(start: number): void {
    if (this.joined.size - start < LEAST_CUT) return
    const letters = this.joined.unitsFrom(start)
    if (costOf(letters) !== null) return
    this.joined.truncate(start)
    this.#cutter.appendWithSpaces(letters, this.joined)
  }
}

/** A number for what stands between, the same for the same: at most three units. */
function gapBetween(text: Units, start: number, end: number): number {
  let gap = 0
  for (let at = start; at < end; at++) gap = gap * 0x10000 + (text[at] ?? 0)
  return gap
}

function unitsAt(text: Units, at: number): number {
  return unitsOfCode(codeAt(text, at))
}

function kindAt(text: Units, at: number): number {
  return at < text.length ? kindOf(codeAt(text, at)) : 0
}

const KINDS_OF_ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  const sign = String.fromCharCode(code)
  if (/[\s.\-_*]/.test(sign)) return GAP
  if (/[A-Za-z]/.test(sign)) return SIGN | INNER | IS_LETTER
  if (/[0-9]/.test(sign)) return SIGN | INNER
  return /[@$!]/.test(sign) ? SIGN : 0
})

function kindOf(code: number): number {
  if (code < 128) return KINDS_OF_ASCII[code] ?? 0
  if (code === 0xb7) return GAP
  const kind = characterKinds().of(code)
  if ((kind & WHITE_SPACE) !== 0) return GAP
  if ((kind & LETTER) !== 0) return SIGN | INNER | IS_LETTER
  return (kind & NUMBER) !== 0 ? SIGN | INNER : 0
}
