/**
 * The text that facts and fingerprints are of: as a reader sees it. Who puts an invisible character into a text, or a letter that
 * looks like another, says the same text again.
 *
 * V1. What was smuggled stands where it was: a text that carries something unseen is another than the one without.
 * V2. A text that holds nothing of the kind is itself, and costs one look at each unit.
 * V3. A long text is read in pieces, a step each. They end behind a sign of ASCII that is neither letter nor digit: nothing that is
 *     hidden, and no word, goes on behind one. A word that is longer than LONGEST_WORD is read as several.
 */
import { unitAt } from '../domain/unit-at.ts'
import { reveal } from './canonicalise.ts'
import { isBreak } from './confusables.ts'
import { atOnce, SLICE_UNITS, type Steps } from './in-slices.ts'
import { inPlainShape } from './shapes.ts'
import { SHAPED, surveyOf } from './survey.ts'
import { characterEnd, textOf } from './units.ts'

/** Longer than what a broker lets through, unless it is told otherwise. */
const LONGEST_WORD = 1_000_000

export function canonicalText(text: string): string {
  return atOnce(canonicalSteps(text))
}

export function* canonicalSteps(text: string): Steps<string> {
  if (text.length <= SLICE_UNITS) {
    yield text.length
    return canonicalPiece(text)
  }
  const pieces: string[] = []
  let isOther = false
  for (let start = 0; start < text.length;) {
    const end = pieceEnd(text, start)
    yield end - start
    const piece = text.slice(start, end)
    const canonical = canonicalPiece(piece)
    if (canonical !== piece) isOther = true
    pieces.push(canonical)
    start = end
  }
  return isOther ? pieces.join('') : text
}

function canonicalPiece(text: string): string {
  const whole = text.toWellFormed()
  const raw = surveyOf(whole)
  return reveal((raw.traits & SHAPED) === 0 ? raw : surveyOf(textOf(inPlainShape(raw.units)))).text
}

/** Where the piece from `start` on ends (V3): as near to a slice as it may, behind that where it must. */
function pieceEnd(text: string, start: number): number {
  const wanted = start + SLICE_UNITS
  if (wanted >= text.length) return text.length
  for (let end = wanted; end > start; end--) if (isBreak(unitAt(text, end - 1))) return end
  const last = Math.min(text.length, start + LONGEST_WORD)
  for (let end = wanted + 1; end <= last; end++) if (isBreak(unitAt(text, end - 1))) return end
  return characterEnd(text, last)
}
