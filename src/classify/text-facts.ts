/**
 * What can be said of a text without a model: does it hold code, and is it opaque to every model we have. Each looks
 * at a bounded sample from the start, the middle and the end, so that a megabyte costs what a page does.
 */
import { countEnglish } from './english.ts'
import { unitsOf } from './units.ts'

const SAMPLE_UNITS = 8_000
const CODE_FENCE = /```|~~~/
const CODE_LINE =
  /^\s*(?:import |from \w+ import|#include|#!\/|def \w+\(|class \w+|function\b|const |let |var |public |private |return\b|if ?\(|for ?\(|while ?\(|<\/?\w+[^>]*>|[\w.]+\(.*\);?$|\w+ = .+;$|[{}]\s*;?$)/
const LEAST_CODE_LINES = 3
const LEAST_LETTERS = 24
const LEAST_WORDS = 12
const BEYOND_ASCII = /[\u0080-\uffff]/
/** Letters and digits without a space for so long are no words of any language that is written with spaces. */
const LONG_RUN = /[A-Za-z0-9+/=_-]{80,}/g

/** Code in a fence, or at least three lines that look like it. */
export function containsCode(text: string): boolean {
  const seen = sample(text)
  if (CODE_FENCE.test(seen)) return true
  let lines = 0
  for (const line of seen.split('\n')) if (CODE_LINE.test(line.slice(0, 200))) lines++
  return lines >= LEAST_CODE_LINES
}

/** Another script, another language, or no language: a low score of an English model then says nothing. */
export function isOpaque(text: string): boolean {
  const seen = sample(text)
  return isForeignScript(seen) || isMostlyRuns(seen) || isNoEnglish(seen)
}

function sample(text: string): string {
  if (text.length <= 3 * SAMPLE_UNITS) return text
  const middle = Math.floor((text.length - SAMPLE_UNITS) / 2)
  const pieces = [
    text.slice(0, SAMPLE_UNITS),
    text.slice(middle, middle + SAMPLE_UNITS),
    text.slice(-SAMPLE_UNITS),
  ]
  return pieces.join('\n')
}

function isForeignScript(text: string): boolean {
  // Most texts; counting their letters would cost more than all other facts together.
  if (!BEYOND_ASCII.test(text)) return false
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0
  return letters >= LEAST_LETTERS && latin < letters / 2
}

function isMostlyRuns(text: string): boolean {
  const inRuns = (text.match(LONG_RUN) ?? []).reduce((units, run) => units + run.length, 0)
  return inRuns > text.length / 2
}

function isNoEnglish(text: string): boolean {
  const { words, functionWords } = countEnglish(unitsOf(text))
  return words >= LEAST_WORDS && functionWords < words * 0.1 && !containsCode(text)
}
