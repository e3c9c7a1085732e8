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
  for (const { disguise, text: payload } of decodeAll(plain.text)) {
    const inner = reveal(payload)
    add(readings, { text: inner.text, disguises: [...plain.disguises, disguise, ...inner.disguises] })
  }
  return readings
}

/** Invisible characters and look-alikes undone. NFKC and lower case are the featuriser's. */
function reveal(text: string): Reading & { readonly smuggled: string } {
  const found = new Set<Disguise>()
  const { text: visible, smuggled } = uncover(text, found)
  const folded = foldConfusables(visible)
  if (folded !== visible) found.add('confusables')
  return { text: folded, smuggled, disguises: [...found] }
}

/** Words that are spelt out, and digits that stand for letters. */
function joinLetters(plain: Reading): Reading {
  const joined = joinSpeltOut(plain.text)
  const spelt = unleet(joined)
  const disguises = [...plain.disguises]
  if (joined !== plain.text) disguises.push('spacing')
  if (spelt !== joined) disguises.push('leetspeak')
  return { text: spelt, disguises }
}

function add(readings: Reading[], reading: Reading): void {
  if (readings.every((known) => known.text !== reading.text)) readings.push(reading)
}
