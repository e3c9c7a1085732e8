/**
 * The readings of a text as regular expressions tell them, without a care for time: the scans in src/classify must give
 * the same. Of short texts only: some patterns take the square of a word's length.
 */
import { LOOK_ALIKES } from '../../../src/classify/confusables.ts'
import type { Reading } from '../../../src/classify/canonicalise.ts'
import type { Disguise } from '../../../src/classify/disguise.ts'
import { decodeAll } from './decodings.ts'
import { joinSpeltOut, unleet } from './letters.ts'

const LAYERS = 4

/** The text's readings, the raw one first (C1). Of texts that are short enough to be looked into wholly (C3). */
export function readingsByPattern(text: string): readonly Reading[] {
  const readings: Reading[] = [{ text, disguises: [] }]
  const plain = reveal(text.toWellFormed(), [])
  add(readings, plain)
  add(readings, joinLetters(plain))
  let texts = [plain]
  for (let layer = 1; layer <= LAYERS; layer++) {
    texts = payloadsIn(texts)
      .filter((payload) => add(readings, reveal(payload.texts.join('\n\n'), payload.disguises)))
      .map((payload) => reveal(payload.payloads.join('\n\n'), payload.disguises))
      .sort((a, b) => a.text.length - b.text.length)
    for (const inner of texts) add(readings, joinLetters(inner))
  }
  return readings
}

interface Payload {
  readonly texts: readonly string[]
  readonly payloads: readonly string[]
  readonly disguises: readonly Disguise[]
}

/** What the texts smuggle, then what they hold under each encoding, in the order in which one is found first. */
function payloadsIn(texts: readonly (Reading & { readonly smuggled: string })[]): readonly Payload[] {
  const found = texts.flatMap((one) => {
    const smuggled = { disguise: null, text: one.smuggled, payload: one.smuggled }
    const all = [...(one.smuggled === '' ? [] : [smuggled]), ...decodeAll(one.text)]
    return all.map((decoded) => ({ ...decoded, before: one.disguises }))
  })
  return [...new Set(found.map(({ disguise }) => disguise))].map((disguise) => {
    const own = found.filter((one) => one.disguise === disguise)
    return {
      texts: [...new Set(own.map(({ text }) => text))],
      payloads: [...new Set(own.map(({ payload }) => payload))],
      disguises: own.flatMap(({ before }) => (disguise === null ? before : [...before, disguise])),
    }
  })
}

/** Invisible characters and look-alikes undone. NFKC and lower case are the featuriser's. */
function reveal(text: string, before: readonly Disguise[]): Reading & { readonly smuggled: string } {
  const found = new Set<Disguise>(before)
  const { text: visible, smuggled } = uncover(text, found)
  const folded = foldConfusables(visible)
  if (folded !== visible) found.add('confusables')
  return { text: folded, smuggled, disguises: [...found] }
}

/** Words that are spelt out, and digits that stand for letters. */
function joinLetters(plain: Reading): Reading {
  const joined = joinSpeltOut(plain.text)
  const spelt = unleet(joined)
  const disguises = new Set(plain.disguises)
  if (joined !== plain.text) disguises.add('spacing')
  if (spelt !== joined) disguises.add('leetspeak')
  return { text: spelt, disguises: [...disguises] }
}

function add(readings: Reading[], { text, disguises }: Reading): boolean {
  const isNew = readings.every((known) => known.text !== text)
  if (isNew) readings.push({ text, disguises })
  return isNew
}

const TAGGED_FLAG = /\u{1f3f4}[\u{e0020}-\u{e007f}]{1,16}/gu
const TAGS = /[\u{e0000}-\u{e007f}]+/gu
const SELECTOR_RUN = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{4,}/gu
const BIDI = /[\u202a-\u202e\u2066-\u2069\u061c\u200e\u200f]/g
const INVISIBLE =
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]/g
/** Joiners and selectors belong to emoji and to some scripts: taken out there too, but no disguise. */
const SUSPICIOUS =
  /[A-Za-z][\u00ad\u034f\u115f\u1160\u180b-\u180f\u200b-\u200d\u2060-\u2065\u3164\ufeff\uffa0]+[A-Za-z]/

interface Uncovered {
  /** Without anything invisible; what was smuggled stands where it was. */
  readonly text: string
  /** What was smuggled, alone: what it was hidden behind says nothing about it. */
  readonly smuggled: string
}

/** What a reader sees of `text`, and what one does not; the disguises that were found are added to `found`. */
function uncover(text: string, found: Set<Disguise>): Uncovered {
  const payloads: string[] = []
  const decoding = (decode: (run: string) => string) => (run: string) => {
    const payload = decode(run)
    payloads.push(payload.trim())
    return payload
  }
  const flagless = text.replace(TAGGED_FLAG, '\u{1f3f4}')
  const tagged = replaceNoting(flagless, TAGS, decoding(decodeTags), 'tags', found)
  const selected = replaceNoting(
    tagged,
    SELECTOR_RUN,
    decoding(decodeSelectors),
    'variation-selectors',
    found,
  )
  const straight = replaceNoting(selected, BIDI, () => '', 'bidi', found)
  if (SUSPICIOUS.test(straight)) found.add('invisible')
  return { text: straight.replace(INVISIBLE, ''), smuggled: payloads.join('\n') }
}

function replaceNoting(
  text: string,
  pattern: RegExp,
  replace: (match: string) => string,
  disguise: Disguise,
  found: Set<Disguise>,
): string {
  const replaced = text.replace(pattern, replace)
  if (replaced !== text) found.add(disguise)
  return replaced
}

function decodeTags(run: string): string {
  const codes = Array.from(run, (tag) => (tag.codePointAt(0) ?? 0) - 0xe0000)
  return codes.map((code) => (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '')).join('')
}

/** Selectors 1 to 256 smuggle the bytes 0 to 255 behind one visible character. */
function decodeSelectors(run: string): string {
  const bytes = Array.from(run, (selector) => {
    const code = selector.codePointAt(0) ?? 0
    return code >= 0xe0100 ? code - 0xe0100 + 16 : code - 0xfe00
  })
  return ` ${Buffer.from(bytes).toString('utf8')} `
}

const FOLD = new Map(
  LOOK_ALIKES.flatMap(([from, to]) => [...from].map((letter, i) => [letter, to[i] ?? letter] as const)),
)
const WORD_WITH_STRANGERS = /[\p{L}\p{N}]*[\u0250-\u058f\u2100-\u214f\u0b66][\p{L}\p{N}]*/gu

/** Latin look-alikes in words that also hold a Latin letter become that letter; all else stays. */
function foldConfusables(text: string): string {
  return text.replace(WORD_WITH_STRANGERS, (word) => (/[A-Za-z]/.test(word) ? foldWord(word) : word))
}

function foldWord(word: string): string {
  let folded = ''
  for (const letter of word) folded += FOLD.get(letter) ?? letter
  return folded
}
