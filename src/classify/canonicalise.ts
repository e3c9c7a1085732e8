/**
 * The readings of a text that are scored: as it came, and with its disguises undone, also where one is hidden in another. The
 * highest counts.
 *
 * C1. The first reading is the text itself. Another one is made only where it differs from all before it.
 * C2. What is encoded or smuggled is undone MOST_LAYERS deep. What a layer holds under one encoding is one payload.
 * C3. Pure, and bounded: linear time, at most MOST_READINGS readings. A payload is looked into only where one was found, and
 *     MOST_NESTED_UNITS of them in all, the shorter ones of a layer first; what is beyond that is read as it is.
 */
import { foldConfusables } from './confusables.ts'
import { decodeAll, type Decoded } from './decode.ts'
import type { Disguise } from './disguise.ts'
import { uncover } from './invisible.ts'
import { unleet } from './leetspeak.ts'
import { joinSpeltOut } from './spelt-out.ts'
import { HIDDEN, LEET_SIGN, STRANGE, surveyOf, type Survey } from './survey.ts'

export interface Reading {
  readonly text: string
  /** What was undone to get it, each once; empty for the text as it came. */
  readonly disguises: readonly Disguise[]
}

/** Base64 in hexadecimal is two. */
export const MOST_LAYERS = 4
/** About sixty pages. */
export const MOST_NESTED_UNITS = 262_144
/** The text as it came; it and six payloads a layer, revealed and with their letters joined. */
export const MOST_READINGS = 1 + 2 * (1 + 6 * MOST_LAYERS)

/** The text's readings, the raw one first (C1). */
export function readingsOf(text: string): readonly Reading[] {
  const readings: Reading[] = [{ text, disguises: [] }]
  const plain = reveal(surveyOf(text.toWellFormed()))
  add(readings, plain)
  let looked: readonly Revealed[] = [plain]
  let unitsLeft = MOST_NESTED_UNITS
  for (let layer = 0; looked.length > 0; layer++) {
    for (const one of looked) add(readings, joinLetters(one))
    if (layer === MOST_LAYERS) break
    const found = payloadsIn(looked).flatMap((payload) => readPayload(readings, payload))
    looked = withinUnits(found, unitsLeft)
    unitsLeft -= looked.reduce((units, { text: payload }) => units + payload.length, 0)
  }
  return readings
}

interface Revealed extends Reading, Survey {
  readonly smuggled: string
}

/** Invisible characters and look-alikes undone. NFKC and lower case are the featuriser's. */
export function reveal(raw: Survey, before: Iterable<Disguise> = []): Revealed {
  const { text } = raw
  const found = new Set<Disguise>(before)
  if ((raw.traits & (HIDDEN | STRANGE)) === 0) return { ...raw, smuggled: '', disguises: [...found] }
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
  const spelt = (traits & LEET_SIGN) === 0 ? joined : unleet(joined, joined === text ? units : undefined)
  const disguises = new Set(before)
  if (joined !== text) disguises.add('spacing')
  if (spelt !== joined) disguises.add('leetspeak')
  return { text: spelt, disguises: [...disguises] }
}

/** What was decoded, or smuggled. */
type Found = Omit<Decoded, 'disguise'> & { readonly disguise: Disguise | null }

/** What texts of one layer hold under one encoding, or smuggle. */
interface Payload {
  readonly texts: Set<string>
  readonly payloads: Set<string>
  readonly disguises: Set<Disguise>
}

function payloadsIn(texts: readonly Revealed[]): readonly Payload[] {
  const found = new Map<Disguise | null, Payload>()
  for (const one of texts) {
    const all: readonly Found[] = [...smuggledIn(one), ...decodeAll(one)]
    for (const { disguise, text, payload } of all) {
      const known = found.get(disguise) ?? { texts: new Set(), payloads: new Set(), disguises: new Set() }
      found.set(disguise, known)
      known.texts.add(text)
      known.payloads.add(payload)
      for (const undone of one.disguises) known.disguises.add(undone)
      if (disguise !== null) known.disguises.add(disguise)
    }
  }
  return [...found.values()]
}

/** What was smuggled is known by the disguises of the text around it. */
function smuggledIn({ smuggled: text }: Revealed): readonly Found[] {
  return text === '' ? [] : [{ disguise: null, text, payload: text }]
}

/** Adds the reading of what was found; what is to be looked into, nothing where it is no news. */
function readPayload(readings: Reading[], { texts, payloads, disguises }: Payload): readonly Revealed[] {
  const [text, payload] = [paragraphs(texts), paragraphs(payloads)]
  const plain = reveal(surveyOf(text), disguises)
  if (!add(readings, plain)) return []
  return [payload === text ? plain : reveal(surveyOf(payload), disguises)]
}

/** Apart, so that no run of base64 seems to go on in the next line. */
function paragraphs(texts: Iterable<string>): string {
  return [...texts].join('\n\n')
}

/** The shortest of them that together are no longer than so many units. */
function withinUnits(payloads: readonly Revealed[], most: number): readonly Revealed[] {
  let units = 0
  return payloads
    .toSorted((a, b) => a.text.length - b.text.length)
    .filter(({ text }) => (units += text.length) <= most)
}

/** False where it says nothing new. */
function add(readings: Reading[], { text, disguises }: Reading): boolean {
  if (readings.some((known) => known.text === text)) return false
  readings.push({ text, disguises })
  return true
}
