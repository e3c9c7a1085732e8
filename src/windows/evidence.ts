/**
 * Weak evidence that adds up: of texts that each say little, whether they come from somebody who abuses in an unknown
 * share of them. One running sum for each of four shares, of the log-likelihood ratio of "this share of the texts is
 * harmful" against "none is"; a sum never falls below zero (CUSUM), so that harmless texts of earlier do not pay for
 * harmful ones of now.
 *
 * E1. Told is the largest sum over its threshold: 1 is a crossing. Wrong crossings of one key are expected at most
 *     `wrongPerYear` times a year: a sum with the threshold h crosses wrongly at most once in e^h texts, and h is the
 *     logarithm of 4 (there are four sums) times the texts a year over that rate.
 * E2. After a crossing all sums begin anew with the next text: each crossing rests on evidence of its own.
 * E3. A text that is near to one of the last `RECENT_TEXTS` that counted (`likeness.ts`) counts no more, harmful or not.
 * E4. Of one conversation and day at most `CONVERSATION_CAP` is gained, however many texts: their scores are
 *     correlated. Of a day the `MAX_CONVERSATIONS` are kept that gained most.
 * E5. Sums halve in `HALF_LIFE_MS`.
 * E6. Bounded, and a function of the texts in their order alone: sums are rounded to multiples of 2^-20.
 *
 * Sources: Page, "Continuous inspection schemes", 1954; that e^h bounds the rate: Lorden, "Procedures for reacting to a
 * change in distribution", 1971, theorem 2. The ratios' calibration is the classifier's; where it flatters, crossings
 * come more often, so that they have to be counted on honest accounts.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import { asSummand } from './figures.ts'
import { hasNear, type Likeness } from './likeness.ts'

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS
export const HALF_LIFE_MS = 90 * DAY_MS
/** The share of an abuser's texts that are harmful. */
export const SHARES = [1, 0.1, 0.01, 0.001] as const
export const RECENT_TEXTS = 64
export const MAX_CONVERSATIONS = 64
/** Twice what one text may say at most: a classifier's ratios end at a hundred to one. */
export const CONVERSATION_CAP = 2 * Math.log(100)
/** How sums are written: as whole numbers of what they are rounded to. */
const GRAINS = 2 ** 20
/**
 * Added to how many recent texts are written: before texts were told by their likeness, there was a single word of each and
 * nothing added. Those are forgotten; each text may count once more.
 */
const AS_LIKENESSES = 2 * RECENT_TEXTS

/** One text; its conversation as of `hash31`. */
export interface WeakEvidence {
  readonly logLikelihoodRatio: number
  readonly conversation: number
  readonly text: Likeness
}

export class Evidence {
  readonly #wrongPerYear: number
  #sums: number[] = SHARES.map(() => 0)
  /** Different texts since the first. */
  #texts = 0
  #sinceMs = 0
  #lastMs = 0
  /** Of the newest day: what each conversation has gained. */
  #gained = new Map<number, number>()
  /** Oldest first. */
  #recent: Likeness[] = []

  constructor(wrongPerYear: number) {
    this.#wrongPerYear = wrongPerYear
  }

  static decode(wrongPerYear: number, reader: ByteReader): Evidence {
    const evidence = new Evidence(wrongPerYear)
    evidence.#texts = reader.varint()
    evidence.#sinceMs = reader.varint()
    evidence.#lastMs = evidence.#sinceMs + reader.varint()
    evidence.#sums = SHARES.map(() => reader.varint() / GRAINS)
    for (let left = reader.varint(); left > 0; left--)
      evidence.#gained.set(reader.word(), reader.varint() / GRAINS)
    evidence.#recent = decodedTexts(reader)
    return evidence
  }

  /** When the last text came. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 320 + this.#gained.size * 40 + this.#recent.length * 32
  }

  add({ logLikelihoodRatio, conversation, text }: WeakEvidence, timeMs: number): void {
    if (this.#value() >= 1) this.#sums = SHARES.map(() => 0)
    this.#moveTo(timeMs)
    if (this.#isRepeat(text)) return
    this.#texts++
    const ratio = this.#capped(logLikelihoodRatio, conversation)
    this.#sums = this.#sums.map((sum, at) => asSummand(Math.max(0, sum + step(SHARES[at] ?? 1, ratio))))
  }

  /**
   * The largest sum over the threshold; 0 of nothing (E1). What has crossed is told by the text that made it cross, and
   * by nothing that comes later: a second crossing takes evidence of its own.
   */
  value(timeMs: number): number {
    if (timeMs > this.#lastMs && this.#value() >= 1) return 0
    return this.#value() * halved(timeMs - this.#lastMs)
  }

  /** At least how many texts more there are from now until it can be that great: one, for a text may say much. */
  stepsTo(limit: number): number {
    return this.#value() < limit ? 1 : 0
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#texts)
    writer.varint(this.#sinceMs)
    writer.varint(this.#lastMs - this.#sinceMs)
    for (const sum of this.#sums) writer.varint(sum * GRAINS)
    writer.varint(this.#gained.size)
    this.#gained.forEach((gained, conversation) => {
      writer.word(conversation)
      writer.varint(gained * GRAINS)
    })
    writer.varint(this.#recent.length + AS_LIKENESSES)
    for (const { low, high } of this.#recent) {
      writer.word(low)
      writer.word(high)
    }
  }

  #value(): number {
    if (this.#texts === 0) return 0
    const lastedMs = Math.max(DAY_MS, this.#lastMs - this.#sinceMs)
    const textsPerYear = (this.#texts * YEAR_MS) / lastedMs
    return Math.max(...this.#sums) / Math.log((SHARES.length * textsPerYear) / this.#wrongPerYear)
  }

  /** Lets time pass to that of a text; one that comes late has the time of the last. */
  #moveTo(timeMs: number): void {
    if (this.#texts === 0) this.#sinceMs = this.#lastMs = timeMs
    if (timeMs <= this.#lastMs) return
    const share = halved(timeMs - this.#lastMs)
    this.#sums = this.#sums.map((sum) => asSummand(sum * share))
    if (dayOf(timeMs) > dayOf(this.#lastMs)) this.#gained.clear()
    this.#lastMs = timeMs
  }

  #isRepeat(text: Likeness): boolean {
    if (hasNear(this.#recent, text)) return true
    this.#recent.push(text)
    if (this.#recent.length > RECENT_TEXTS) this.#recent.shift()
    return false
  }

  /** What of a text's ratio is left under its conversation's cap (E4). */
  #capped(ratio: number, conversation: number): number {
    if (ratio <= 0) return ratio
    const before = this.#gained.get(conversation) ?? 0
    const gain = asSummand(Math.min(ratio, CONVERSATION_CAP - before))
    this.#gained.set(conversation, before + gain)
    if (this.#gained.size > MAX_CONVERSATIONS) this.#forgetLeast()
    return gain
  }

  #forgetLeast(): void {
    let least: number | null = null
    let leastGain = Infinity
    for (const [conversation, gain] of this.#gained) {
      if (gain >= leastGain) continue
      least = conversation
      leastGain = gain
    }
    if (least !== null) this.#gained.delete(least)
  }
}

function decodedTexts(reader: ByteReader): Likeness[] {
  const head = reader.varint()
  const texts: Likeness[] = []
  for (let left = head - AS_LIKENESSES; left > 0; left--)
    texts.push({ low: reader.word() | 0, high: reader.word() | 0 })
  for (let left = head < AS_LIKENESSES ? head : 0; left > 0; left--) reader.word()
  return texts
}

/** What a text adds to the sum of a share: of abusers of that share, a text is harmful with that probability. */
function step(share: number, ratio: number): number {
  return Math.log(1 - share + share * Math.exp(ratio))
}

function halved(passedMs: number): number {
  return passedMs <= 0 ? 1 : 2 ** (-passedMs / HALF_LIFE_MS)
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS)
}
