import { describe, expect, it } from 'vitest'
import { Random } from '../../src/simulate/random.ts'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { likenessOf } from '../../src/windows/likeness.ts'
import { Evidence, HALF_LIFE_MS, MAX_CONVERSATIONS, RECENT_TEXTS } from '../../src/windows/evidence.ts'

const START_MS = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000
const CAP = Math.log(100)
const FLOOR = -Math.log(10)

function restored(evidence: Evidence): Evidence {
  const writer = new ByteWriter()
  evidence.encode(writer)
  return Evidence.decode(1, new ByteReader(writer.take()))
}

/** A key's texts, one every so many ms, each its own and in a conversation of its own unless told otherwise. */
class Account {
  readonly evidence: Evidence
  readonly #stepMs: number
  #texts = 0

  constructor(wrongPerYear: number, stepMs = 60_000) {
    this.evidence = new Evidence(wrongPerYear)
    this.#stepMs = stepMs
  }

  say(logLikelihoodRatio: number, more: { conversation?: number; text?: string } = {}): number {
    const text = ++this.#texts
    const likeness = likenessOf(more.text ?? `text ${text}`)
    const conversation = more.conversation ?? text
    this.evidence.add({ logLikelihoodRatio, conversation, text: likeness }, this.nowMs)
    return this.evidence.value(this.nowMs)
  }

  get nowMs(): number {
    return START_MS + this.#texts * this.#stepMs
  }
}

/** Ratios of a classifier whose logits are normal, two apart: honest texts, and as many harmful ones as said. */
function ratioOf(random: Random, harmful: boolean): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  return Math.min(CAP, Math.max(FLOOR, 2 * (normal + (harmful ? 2 : 0)) - 2))
}

/** How many of its texts an account of that share had said when it crossed; Infinity where it did not. */
function textsUntilCrossing(everyNth: number, most: number, seed: number): number {
  const random = new Random(seed, 'share')
  const account = new Account(0.01)
  for (let text = 1; text <= most; text++) {
    const harmful = text % everyNth === 0
    if (account.say(harmful ? CAP : ratioOf(random, false)) >= 1) return text
  }
  return Infinity
}

describe('evidence', () => {
  it('is 0 of nothing, and of what is harmless', () => {
    const account = new Account(0.01)
    expect(account.evidence.value(START_MS)).toBe(0)
    for (let text = 0; text < 500; text++) expect(account.say(FLOOR)).toBe(0)
  })

  it('takes several texts: no one says enough', () => {
    const account = new Account(0.001)
    expect(account.say(CAP)).toBeLessThan(0.5)
    account.say(CAP)
    expect(account.say(CAP)).toBeLessThan(1)
    expect(account.say(CAP)).toBeGreaterThanOrEqual(1)
  })

  it('crosses wrongly no more often than it was allowed to', () => {
    const random = new Random(11, 'honest')
    const textsPerYear = 20_000
    const years = 40
    let crossings = 0
    for (let year = 0; year < years; year++) {
      const account = new Account(1, (365 * DAY_MS) / textsPerYear)
      for (let text = 0; text < textsPerYear; text++) {
        if (account.say(ratioOf(random, false)) >= 1) crossings++
      }
    }
    // Lorden's bound allows 40; it is a bound, and far from tight.
    expect(crossings).toBeLessThan(years)
  })

  it('finds one harmful text in 20 and in 200 among honest ones, and in 2,000 only after very many', () => {
    const seeds = [1, 2, 3]
    for (const seed of seeds) {
      expect(textsUntilCrossing(20, 1_000, seed)).toBeLessThan(500)
      expect(textsUntilCrossing(200, 40_000, seed)).toBeLessThan(20_000)
    }
  })

  it('begins anew after a crossing', () => {
    const account = new Account(0.01)
    while (account.say(CAP) < 1);
    expect(account.say(FLOOR)).toBe(0)
    expect(account.say(CAP)).toBeLessThan(0.5)
  })

  it('is told by the text that made it cross, and by none of the moments after it', () => {
    const account = new Account(0.01)
    while (account.say(CAP) < 1);
    const { evidence, nowMs } = account
    expect(evidence.value(nowMs)).toBeGreaterThanOrEqual(1)
    expect(evidence.value(nowMs + 1)).toBe(0)
    expect(restored(evidence).value(nowMs + DAY_MS)).toBe(0)
  })

  it('counts near-duplicates of a text no more, harmful or not', () => {
    const account = new Account(0.01)
    const once = account.say(CAP, { text: '0000000000000000' })
    expect(account.say(CAP, { text: '0000000000000fff' })).toBeCloseTo(once, 2)
    expect(account.say(FLOOR, { text: '0fff000000000000' })).toBeCloseTo(once, 2)
    expect(account.say(CAP, { text: '1fff000000000000' })).toBeGreaterThan(1.4 * once)
  })

  it('keeps its sums where it was stored before texts were told by their likeness', () => {
    const account = new Account(0.01)
    for (const text of ['a', 'b', 'c']) account.say(CAP, { text })
    const writer = new ByteWriter()
    account.evidence.encode(writer)
    const [stored, recent] = [writer.take(), 3]
    // Three times two words now, after a number of two bytes; then, one of each, after the number 3.
    writer.raw(stored.subarray(0, -(recent * 8 + 2)))
    writer.varint(recent)
    for (let text = 0; text < recent; text++) writer.word(text)
    writer.text('what follows')
    const reader = new ByteReader(writer.take())
    const read = Evidence.decode(0.01, reader)
    expect(read.value(account.nowMs)).toBe(account.evidence.value(account.nowMs))
    expect(reader.text()).toBe('what follows')
  })

  it('counts a text that it has seen lately no more, harmful or not', () => {
    const account = new Account(0.01)
    const once = account.say(CAP, { text: 'seven' })
    for (let again = 0; again < 50; again++) account.say(again % 2 === 0 ? CAP : FLOOR, { text: 'seven' })
    expect(account.evidence.value(account.nowMs)).toBeCloseTo(once, 3)
    for (let other = 0; other < RECENT_TEXTS; other++) account.say(0)
    expect(account.say(CAP, { text: 'seven' })).toBeGreaterThan(1.4 * once)
  })

  it('gains of one conversation and day no more than two texts are worth', () => {
    const account = new Account(0.01)
    account.say(CAP, { conversation: 1 })
    const two = account.say(CAP, { conversation: 1 })
    for (let more = 0; more < 20; more++) account.say(CAP, { conversation: 1 })
    expect(account.evidence.value(account.nowMs)).toBeLessThanOrEqual(two)
    expect(two).toBeLessThan(1)
    for (let next = 0; next < MAX_CONVERSATIONS; next++) account.say(0.001)
    account.say(CAP, { conversation: 1 })
    expect(account.evidence.value(account.nowMs)).toBeLessThanOrEqual(two)
  })

  it('gains of the same conversation anew on another day', () => {
    const account = new Account(0.01, DAY_MS / 2)
    const told = Array.from({ length: 4 }, () => account.say(CAP / 4, { conversation: 1 }))
    const rest = new Account(0.01, DAY_MS / 2)
    const apart = Array.from({ length: 4 }, () => rest.say(CAP / 4))
    expect(told).toEqual(apart)
    const [two, three] = [0, 1].map((day) => {
      const daily = new Account(0.01, DAY_MS)
      for (let text = 0; text < 8 + day; text++) daily.say(CAP / 2, { conversation: 1 })
      return daily.evidence.value(daily.nowMs)
    })
    expect(three).toBeGreaterThan(two ?? Infinity)
  })

  it('halves in its half-life', () => {
    const account = new Account(0.01)
    const value = account.say(CAP)
    expect(account.evidence.value(account.nowMs + HALF_LIFE_MS)).toBeCloseTo(value / 2, 6)
  })

  it('goes on from the store as if it had never left', () => {
    const random = new Random(5, 'store')
    let evidence = new Evidence(1)
    const kept = new Evidence(1)
    for (let text = 0; text < 400; text++) {
      const item = {
        logLikelihoodRatio: ratioOf(random, text % 3 === 0),
        conversation: text % 29,
        text: likenessOf(`text ${Math.floor(random.next() * 90)}`),
      }
      const timeMs = START_MS + text * 3_600_000
      evidence.add(item, timeMs)
      kept.add(item, timeMs)
      if (text % 7 === 0) evidence = restored(evidence)
      expect(evidence.value(timeMs)).toBe(kept.value(timeMs))
    }
  })
})
