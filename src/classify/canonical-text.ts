/**
 * The text that facts and fingerprints are of: as a reader sees it. Who puts an invisible character into a text, or a letter that
 * looks like another, says the same text again.
 *
 * V1. What was smuggled stands where it was: a text that carries something unseen is another than the one without.
 * V2. A text that holds nothing of the kind is itself, and costs one look at each unit.
 */
import { reveal } from './canonicalise.ts'
import { inPlainShape } from './shapes.ts'
import { SHAPED, surveyOf } from './survey.ts'
import { textOf } from './units.ts'

export function canonicalText(text: string): string {
  const whole = text.toWellFormed()
  const raw = surveyOf(whole)
  return reveal((raw.traits & SHAPED) === 0 ? raw : surveyOf(textOf(inPlainShape(raw.units)))).text
}
