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
import { ALL_UNITS, codeAt, unitsOf, unitsOfCode, UnitWriter, type Units } from './units.ts'
import { costOf } from './words.ts'

/** Digits and signs may stand for letters. */
const LEAST_SIGNS = 5
const LONGEST_GAP = 3
/** Rows of a table are digits mostly. */
const LEAST_LETTER_SHARE = 0.6
/** Shorter ones are abbreviations, or what is left of a word. */
const LEAST_CUT = 6
const SPACE = 32
/** So many in most runs, which no word is spelt out by. */
const FEW_SIGNS = 8
/** What may stand between letters: white space and `.-_*·`. */
const GAP = 1
/** Letters, digits and `@$!`. */
const SIGN = 2
/** Letters and digits: no run begins behind one or ends before one. */
const INNER = 4
const IS_LETTER = 8
/** Half of a character, which has the kind. */
const IS_PAIRED = 16
/** Of characters that are otherwise than their character says. */
const OWN_KINDS: ReadonlyMap<number, number> = new Map([
  ...Array.from('@$!', (sign) => [sign.charCodeAt(0), SIGN] as const),
  ...Array.from('.-_*·', (gap) => [gap.charCodeAt(0), GAP] as const),
])
/** How far the bits of GAP and INNER are from that of SIGN. */
const GAP_TO_SIGN = 1
const INNER_TO_SIGN = 1

/** `units`: those of `whole`. */
export function joinSpeltOut(whole: string, units = unitsOf(whole)): string {
  let run: RunReader | null = null
  let joiner: RunJoiner | null = null
  let copied = 0
  for (let at = beginFrom(units, 0, 0); at < units.length;) {
    run ??= new RunReader(units)
    run.read(at)
    if (run.isSpeltOut) {
      joiner ??= new RunJoiner(units.length)
      joiner.joined.appendUnits(units, copied, at)
      joiner.append(run)
      copied = run.end
    }
    at = beginFrom(units, run.end, run.lastKind)
  }
  if (joiner === null) return whole
  joiner.joined.appendUnits(units, copied, units.length)
  return joiner.joined.toString()
}

/** Where a run of two signs or more may begin, from `start` on; behind the text where none does. `kindBefore`: of what is before `start`. */
function beginFrom(text: Units, start: number, kindBefore: number): number {
  const kinds = kindsOfUnits()
  let before = kindBefore
  let kind = kindAt(kinds, text, start)
  for (let at = start; at < text.length;) {
    const next = at + unitsOfCode(codeAt(text, at))
    if (next >= text.length) break
    const following = kindAt(kinds, text, next)
    if (mayBegin(before, kind, following)) return at
    before = kind
    kind = following
    at = next
    if (kinds[text[at] ?? 0] === IS_PAIRED) continue
    // Most units are characters, and begin nothing.
    for (let behind = at + 1; behind < text.length; behind++) {
      const following = kinds[text[behind] ?? 0] ?? 0
      if (following === IS_PAIRED || mayBegin(before, kind, following)) break
      before = kind
      kind = following
      at = behind
    }
  }
  return text.length
}

/**
 * False where no run begins, or one of a single sign: at what is no sign, behind a letter or digit, before what is no gap. Asked
 * at once, because nobody can foresee each of the three.
 */
function mayBegin(before: number, kind: number, following: number): boolean {
  return (kind & (following << GAP_TO_SIGN) & ~(before >> INNER_TO_SIGN) & SIGN) !== 0
}

/** Signs with a gap between any two: one run after the other, what was read last stands in the fields. */
class RunReader {
  readonly #text: Units
  readonly #kinds = kindsOfUnits()
  /** Code points. */
  signs = new Int32Array(FEW_SIGNS)
  /** What stands behind each sign but the last, as a number. */
  gaps = new Float64Array(FEW_SIGNS)
  signCount = 0
  /** Whether all gaps are the same. */
  isEven = false
  isSpeltOut = false
  end = 0
  lastKind = 0

  constructor(text: Units) {
    this.#text = text
  }

  /**
   * The longest run from the sign at `start`. Its last sign is left out where a letter or digit follows at once: that is
   * where a word begins.
   */
  read(start: number): void {
    const text = this.#text
    const kinds = this.#kinds
    let { signs, gaps } = this
    let count = 0
    let letters = 0
    let units = 0
    let isEven = true
    let kind = kindAt(kinds, text, start)
    for (let at = start; ;) {
      const code = codeAt(text, at)
      const after = at + unitsOfCode(code)
      const following = kindAt(kinds, text, after)
      const isWordStart = count > 0 && (following & INNER) !== 0
      if (isWordStart && count >= LEAST_SIGNS) break
      this.end = after
      this.lastKind = kind
      if (isWordStart) break
      if (count === signs.length) {
        this.#makeRoom()
        ;({ signs, gaps } = this)
      }
      signs[count++] = code
      units += after - at
      if ((kind & IS_LETTER) !== 0) letters++
      at = after
      kind = following
      let gap = 0
      for (; (kind & GAP) !== 0 && at - after <= LONGEST_GAP; kind = kindAt(kinds, text, ++at))
        gap = gap * 0x10000 + (text[at] ?? 0)
      if (at === after || at - after > LONGEST_GAP || (kind & SIGN) === 0) break
      if (count > 1 && gap !== gaps[0]) isEven = false
      gaps[count - 1] = gap
    }
    this.signCount = count
    this.isEven = isEven
    this.isSpeltOut = count >= LEAST_SIGNS && letters >= LEAST_LETTER_SHARE * units
  }

  /** S1; null where hardly two gaps are alike, so that none says anything. What more than half are, survives all others. */
  usualGap(): number | null {
    const { gaps } = this
    const gapCount = this.signCount - 1
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

  /** No run has more signs than this: there is a gap behind each. */
  #makeRoom(): void {
    const signs = new Int32Array((this.#text.length >> 1) + 1)
    const gaps = new Float64Array(signs.length)
    signs.set(this.signs)
    gaps.set(this.gaps)
    this.signs = signs
    this.gaps = gaps
  }
}

/** Writes the words of runs. */
class RunJoiner {
  readonly joined: UnitWriter
  readonly #cutter = new WordCutter()

  constructor(mostUnits: number) {
    this.joined = new UnitWriter(mostUnits)
  }

  /** S1: the words of the run, cut where no gap tells. */
  append(run: RunReader): void {
    const { joined } = this
    const { signs, gaps, signCount, isEven } = run
    const usual = isEven ? null : run.usualGap()
    let word = joined.size
    for (let sign = 0; sign < signCount; sign++) {
      joined.pushCode(asLetter(signs[sign] ?? 0))
      if (usual === null || sign + 1 === signCount || gaps[sign] === usual) continue
      this.#cutLast(word)
      joined.push(SPACE)
      word = joined.size
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

/** 0 behind the text, whose units are never asked for: V8 reads all others slower from then on. */
function kindAt(kinds: Uint8Array, text: Units, at: number): number {
  if (at >= text.length) return 0
  const kind = kinds[text[at] ?? 0] ?? 0
  return kind === IS_PAIRED ? kindByCharacter(characterKinds().of(codeAt(text, at))) : kind
}

let made: Uint8Array | null = null

/** By UTF-16 units; IS_PAIRED for those that begin a pair. */
function kindsOfUnits(): Uint8Array {
  made ??= Uint8Array.from({ length: ALL_UNITS }, (_, unit) =>
    (unit & 0xfc00) === 0xd800 ? IS_PAIRED : kindOf(unit),
  )
  return made
}

/** Of a code point. */
function kindOf(code: number): number {
  return OWN_KINDS.get(code) ?? kindByCharacter(characterKinds().of(code))
}

function kindByCharacter(kind: number): number {
  if ((kind & WHITE_SPACE) !== 0) return GAP
  if ((kind & LETTER) !== 0) return SIGN | INNER | IS_LETTER
  return (kind & NUMBER) !== 0 ? SIGN | INNER : 0
}
