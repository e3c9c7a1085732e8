/**
 * The readings of a text that are scored: as it came, and with its disguises undone. The highest counts.
 *
 * C1. The first reading is the text itself. Another one is made only where it differs from all before it.
 * C2. Pure, and bounded: at most nine readings, none longer than the text, linear time.
 */
import { foldConfusables } from './confusables.ts'
import { decodeAll } from './decode.ts'
import type { Disguise } from './disguise.ts'
import { uncover } from './invisible.ts'

export interface Reading {
  readonly text: string
  /** What was undone to get it; empty for the text as it came. */
  readonly disguises: readonly Disguise[]
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
}
/** Longer runs are digests and keys, not words. */
const LEET_WORD = /(?<![A-Za-z0-9@$!])[A-Za-z0-9@$!]{4,24}(?![A-Za-z0-9@$!])/g
const LEET_INSIDE = /[A-Za-z][0134578@$!]+[A-Za-z]/
const SPACED_OUT = /(?<![\p{L}\p{N}])(?:\p{L}[\s.\-_*·]{1,2}){4,}\p{L}(?![\p{L}\p{N}])/gu

/** The text's readings, the raw one first (C1). */
export function readingsOf(text: string): readonly Reading[] {
  const readings: Reading[] = [{ text, disguises: [] }]
  const plain = reveal(text.toWellFormed())
  add(readings, plain)
  add(readings, joinLetters(plain))
  for (const { disguise, text: payload } of decodeAll(plain.text)) {
    const inner = reveal(payload)
    add(readings, { text: inner.text, disguises: [...plain.disguises, disguise, ...inner.disguises] })
  }
  return readings
}

/** Invisible characters and look-alikes undone. NFKC and lower case are the featuriser's. */
function reveal(text: string): Reading {
  const found = new Set<Disguise>()
  const visible = uncover(text, found)
  const folded = foldConfusables(visible)
  if (folded !== visible) found.add('confusables')
  return { text: folded, disguises: [...found] }
}

/** Digits that stand for letters, and words that are spelt out with separators. */
function joinLetters(plain: Reading): Reading {
  const joined = plain.text.replace(SPACED_OUT, (run) => run.replace(/[^\p{L}]/gu, ''))
  const spelt = joined.replace(LEET_WORD, (word) => (LEET_INSIDE.test(word) ? unleet(word) : word))
  const disguises = [...plain.disguises]
  if (joined !== plain.text) disguises.push('spacing')
  if (spelt !== joined) disguises.push('leetspeak')
  return { text: spelt, disguises }
}

function unleet(word: string): string {
  return word.replace(/[0134578@$!]/g, (sign) => LEET[sign] ?? sign)
}

function add(readings: Reading[], reading: Reading): void {
  if (readings.every((known) => known.text !== reading.text)) readings.push(reading)
}
