/**
 * The readings of a text that are scored: as it came, and with its disguises undone. The highest counts.
 *
 * C1. The first reading is the text itself. Another one is made only where it differs from all before it.
 * C2. Pure, and bounded: at most ten readings, none longer than the text, linear time.
 */
import { foldConfusables } from './confusables.ts'
import { decodeAll } from './decode.ts'
import type { Disguise } from './disguise.ts'
import { uncover } from './invisible.ts'
import { unleet } from './leetspeak.ts'
import { joinSpeltOut } from './spelt-out.ts'
import { HIDDEN, LEET_SIGN, STRANGE, surveyOf, type Survey } from './survey.ts'

export interface Reading {
  readonly text: string
  /** What was undone to get it; empty for the text as it came. */
  readonly disguises: readonly Disguise[]
}

/** The text's readings, the raw one first (C1). */
export function readingsOf(text: string): readonly Reading[] {
  const readings: Reading[] = [{ text, disguises: [] }]
  const plain = reveal(text.toWellFormed())
  add(readings, { text: plain.text, disguises: plain.disguises })
  if (plain.smuggled !== '') add(readings, { text: plain.smuggled, disguises: plain.disguises })
  add(readings, joinLetters(plain))
  for (const { disguise, text: payload } of decodeAll(plain)) {
    const inner = reveal(payload)
    add(readings, { text: inner.text, disguises: [...plain.disguises, disguise, ...inner.disguises] })
  }
  return readings
}

interface Revealed extends Reading, Survey {
  readonly smuggled: string
}

/** Invisible characters and look-alikes undone. NFKC and lower case are the featuriser's. */
function reveal(text: string): Revealed {
  const raw = surveyOf(text)
  if ((raw.traits & (HIDDEN | STRANGE)) === 0) return { ...raw, smuggled: '', disguises: [] }
  const found = new Set<Disguise>()
  const hidden = raw.traits & HIDDEN
  const { text: visible, smuggled } =
    hidden === 0 ? { text, smuggled: '' } : uncover(raw.units, hidden, found)
  const seen = visible === text ? raw : surveyOf(visible)
  const folded = (seen.traits & STRANGE) === 0 ? visible : foldConfusables(visible)
  if (folded !== visible) found.add('confusables')
  return { ...(folded === visible ? seen : surveyOf(folded)), smuggled, disguises: [...found] }
}

/** Words that are spelt out, and digits that stand for letters. */
function joinLetters({ text, units, traits, disguises: before }: Revealed): Reading {
  const joined = joinSpeltOut(text, units)
  const spelt = (traits & LEET_SIGN) === 0 ? joined : unleet(joined)
  const disguises = [...before]
  if (joined !== text) disguises.push('spacing')
  if (spelt !== joined) disguises.push('leetspeak')
  return { text: spelt, disguises }
}

function add(readings: Reading[], reading: Reading): void {
  if (readings.every((known) => known.text !== reading.text)) readings.push(reading)
}
