/**
 * Words that are spelt out, something between all letters: `h a r b o u r`, `p-o-e-m-s`.
 *
 * S1. A gap that differs from the usual one is a gap between words (`a n  o l d`); where all are alike, the words are
 *     found by what they are (cut-words.ts).
 * S2. Never longer than the text; linear time.
 */
import { withSpaces } from './cut-words.ts'
import { asLetters } from './leetspeak.ts'
import { costOf } from './words.ts'

/** Five signs at least; digits and signs may stand for letters. */
const SPELT_OUT = /(?<![\p{L}\p{N}])(?:[\p{L}\p{N}@$!][\s.\-_*·]{1,3}){4,}[\p{L}\p{N}@$!](?![\p{L}\p{N}])/gu
const GAP = /[\s.\-_*·]+/g
/** Rows of a table are digits mostly. */
const LEAST_LETTER_SHARE = 0.6
/** Shorter ones are abbreviations, or what is left of a word. */
const LEAST_CUT = 6

export function joinSpeltOut(text: string): string {
  return text.replace(SPELT_OUT, (run) => (hasLetters(run) ? joined(run) : run))
}

function hasLetters(run: string): boolean {
  const letters = run.match(/\p{L}/gu)?.length ?? 0
  return letters >= LEAST_LETTER_SHARE * run.replace(GAP, '').length
}

function joined(run: string): string {
  const gaps = run.match(GAP) ?? []
  const usual = usualGap(gaps)
  const words = run.replace(GAP, (gap) => (usual === null || gap === usual ? '' : ' '))
  return words.split(' ').map(cut).join(' ')
}

/** S1; null where hardly two gaps are alike, so that none says anything. */
function usualGap(gaps: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const gap of gaps) counts.set(gap, (counts.get(gap) ?? 0) + 1)
  const [usual, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), ['', 0])
  return count * 2 > gaps.length ? usual : null
}

function cut(word: string): string {
  const letters = asLetters(word)
  return letters.length < LEAST_CUT || costOf(letters) !== null ? letters : withSpaces(letters)
}
