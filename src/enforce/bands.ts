/**
 * Figures in bands: wide enough that nobody learns a threshold from them, narrow enough that the customer
 * recognises what is meant. They are kept in English and told in the account's language.
 */
import type { BandedFact } from '../domain/sanction.ts'
import type { Evidence } from '../domain/signal.ts'
import type { BandWords, Wording } from '../topology/policy.ts'

const QUARTERS = [
  'less than a quarter',
  'a quarter to a half',
  'a half to three quarters',
  'more than three quarters',
]

/** Null where there is no figure: unknown is not told as a fact. */
export function bandOf(value: number): string | null {
  if (!Number.isFinite(value) || value < 0) return null
  if (value === 0) return 'none'
  if (value < 1) return QUARTERS[Math.floor(value * 4)] ?? null
  if (value < 10) return 'fewer than 10'
  const digits = Math.floor(Math.log10(value))
  return (BANDS[digits] ??= `${grouped(10 ** digits)} to ${grouped(10 ** (digits + 1))}`)
}

/** By digits, as they were told first: there are some three hundred at most. */
const BANDS: string[] = []

/** What may be told of the evidence. Names of pools' and others' figures stay inside. */
export function bandedFacts(evidence: readonly Evidence[]): readonly BandedFact[] {
  return evidence.flatMap(({ name, value }) => {
    const band = name.includes('.') ? null : bandOf(value)
    return band === null ? [] : [{ name: readableName(name), band }]
  })
}

/** Names that were told before: those of the policy's evidence, few and always the same. */
const NAMES = new Map<string, string>()
const MOST_NAMES = 1_000

function readableName(name: string): string {
  const known = NAMES.get(name)
  if (known !== undefined) return known
  if (NAMES.size >= MOST_NAMES) NAMES.clear()
  const readable = inWords(name)
  NAMES.set(name, readable)
  return readable
}

/** `rejectedOfKey_10m` is `rejected of key (10m)`. */
function inWords(name: string): string {
  const [stem = name, window] = name.split('_')
  const words = stem.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return window === undefined ? words : `${words} (${window})`
}

function grouped(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** The facts in the words of a language; what it has no words for stays as it is. */
export function factsIn({ bands, features }: Wording, facts: readonly BandedFact[]): readonly BandedFact[] {
  const names = namesIn(features)
  return facts.map(({ name, band }) => {
    const [stem = name, window] = name.split(' (')
    const told = names.get(stem) ?? stem
    return { name: window === undefined ? told : `${told} (${window}`, band: bandIn(bands, band) }
  })
}

/** By the wordings of a policy, which are few and last. */
const NAMES_IN = new WeakMap<Wording['features'], ReadonlyMap<string, string>>()

function namesIn(features: Wording['features']): ReadonlyMap<string, string> {
  const known = NAMES_IN.get(features)
  if (known !== undefined) return known
  const names = new Map(Object.entries(features).map(([name, told]) => [inWords(name), told]))
  NAMES_IN.set(features, names)
  return names
}

const SIMPLE: Readonly<Record<string, Exclude<keyof BandWords, 'between' | 'thousands'>>> = {
  none: 'none',
  [QUARTERS[0] ?? '']: 'quarter',
  [QUARTERS[1] ?? '']: 'half',
  [QUARTERS[2] ?? '']: 'threeQuarters',
  [QUARTERS[3] ?? '']: 'most',
  'fewer than 10': 'few',
}

function bandIn(words: BandWords, band: string): string {
  const simple = SIMPLE[band]
  if (simple !== undefined) return words[simple]
  const [from, to] = band.split(' to ')
  if (from === undefined || to === undefined) return band
  const figure = (text: string): string => text.replaceAll(',', words.thousands)
  return words.between.replace('{from}', figure(from)).replace('{to}', figure(to))
}
