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

/** `units`: those of `whole`. */
export function joinSpeltOut(whole: string, units = unitsOf(whole)): string {
  const run = new RunReader(units)
  let joiner: RunJoiner | null = null
  let copied = 0
  let before = 0
  for (let at = 0; at < units.length;) {
    const code = codeAt(units, at)
    const kind = kindOf(code)
    const next = at + unitsOfCode(code)
    // No run begins here, or one of a single sign.
    if ((kind & SIGN) === 0 || (before & INNER) !== 0 || (kindAt(units, next) & GAP) === 0) {
      before = kind
      at = next
      continue
    }
    run.read(at)
    if (run.isSpeltOut) {
      joiner ??= new RunJoiner(units)
      joiner.joined.appendUnits(units, copied, at)
      joiner.append(at, run)
      copied = run.end
    }
    before = run.lastKind
    at = run.end
  }
  if (joiner === null) return whole
  joiner.joined.appendUnits(units, copied, units.length)
  return joiner.joined.toString()
}

/** Signs with a gap between any two: one run after the other, what was read last stands in the fields. */
class RunReader {
  readonly #text: Units
  #signs = 0
  #letters = 0
  /** UTF-16 units of the signs alone. */
  #units = 0
  end = 0
  lastKind = 0
  /** What stands between the signs, each as a number. */
  #gaps = new Float64Array(64)
  #gapCount = 0

  constructor(text: Units) {
    this.#text = text
  }

  get isSpeltOut(): boolean {
    return this.#signs >= LEAST_SIGNS && this.#letters >= LEAST_LETTER_SHARE * this.#units
  }

  /**
   * The longest run from the sign at `start`. Its last sign is left out where a letter or digit follows at once: that is
   * where a word begins.
   */
  read(start: number): void {
    const text = this.#text
    let [signs, letters, units] = [0, 0, 0]
    this.#gapCount = 0
    for (let at = start; ;) {
      const code = codeAt(text, at)
      const kind = kindOf(code)
      const after = at + unitsOfCode(code)
      const following = kindAt(text, after)
      const isWordStart = signs > 0 && (following & INNER) !== 0
      if (isWordStart && signs >= LEAST_SIGNS) break
      this.end = after
      this.lastKind = kind
      if (isWordStart) break
      signs++
      units += after - at
      if ((kind & IS_LETTER) !== 0) letters++
      if ((following & GAP) === 0) break
      const next = afterGap(text, after)
      if (next - after > LONGEST_GAP || (kindAt(text, next) & SIGN) === 0) break
      this.#addGap(after, next)
      at = next
    }
    this.#signs = signs
    this.#letters = letters
    this.#units = units
  }

  /** What stands behind the sign of that number in the run, the first being 0. */
  gapBehind(sign: number): number {
    return this.#gaps[sign] ?? 0
  }

  /** S1; null where hardly two gaps are alike, so that none says anything. What more than half are, survives all others. */
  usualGap(): number | null {
    const gaps = this.#gaps
    const gapCount = this.#signs - 1
    let candidate = 0
    let lead = 0
    for (let at = 0; at < gapCount; at++) {
      const gap = gaps[at] ?? 0
      if (lead === 0) candidate = gap
      lead += gap === candidate ? 1 : -1
    }
    let count = 0
    for (let at = 0; at < gapCount; at++) if (gaps[at] === candidate) count++
    return count * 2 > gapCount ? candidate : null
  }

  /** A number for what stands between, the same for the same: at most three units. */
  #addGap(start: number, end: number): void {
    let gap = 0
    for (let at = start; at < end; at++) gap = gap * 0x10000 + (this.#text[at] ?? 0)
    if (this.#gapCount === this.#gaps.length) this.#growGaps()
    this.#gaps[this.#gapCount++] = gap
  }

  #growGaps(): void {
    const larger = new Float64Array(this.#gaps.length * 2)
    larger.set(this.#gaps)
    this.#gaps = larger
  }
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

  constructor(text: Units) {
    this.#text = text
    this.joined = new UnitWriter(text.length)
  }

  /** S1: the words of the run that begins at `start`, cut where no gap tells. */
  append(start: number, run: RunReader): void {
    const { joined } = this
    const text = this.#text
    const usual = run.usualGap()
    let word = joined.size
    let sign = 0
    for (let at = start; at < run.end; sign++) {
      if (sign > 0 && usual !== null && run.gapBehind(sign - 1) !== usual) {
        this.#cutLast(word)
        joined.push(SPACE)
        word = joined.size
      }
      const after = at + unitsAt(text, at)
      for (; at < after; at++) joined.push(asLetter(text[at] ?? 0))
      if (at < run.end) at = afterGap(text, at)
    }
    this.#cutLast(word)
  }

  /** The word that was written from `start` on, with spaces where it is several. */
  #cutLast(start: number): void {
    const { joined } = this
    if (joined.size - start < LEAST_CUT || costOf(joined.writtenFrom(start)) !== null) return
    this.#cutter.cutFrom(start, joined)
  }
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
