import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { MAX_TIMES, MIN_GAPS, Regularity } from '../../src/windows/regularity.ts'
import { Random } from '../../src/simulate/random.ts'

const PANE_MS = 3_600_000

function regularityOf(times: readonly number[]): Regularity {
  const regularity = new Regularity(PANE_MS)
  for (const timeMs of times) regularity.add(timeMs)
  return regularity
}

function restored(regularity: Regularity): Regularity {
  const writer = new ByteWriter()
  regularity.encode(writer)
  return Regularity.decode(PANE_MS, new ByteReader(writer.take()))
}

/** Times with those gaps, from the beginning of a pane on. */
function timesOf(gaps: readonly number[]): readonly number[] {
  let timeMs = 5 * PANE_MS
  return [timeMs, ...gaps.map((gapMs) => (timeMs += gapMs))]
}

function gapsOf(next: () => number): readonly number[] {
  return Array.from({ length: 400 }, () => Math.max(1, Math.round(next())))
}

describe('regularity', () => {
  const random = new Random(3, 'gaps')
  const exponential = (): number => -Math.log(1 - random.next())

  it('is 1 for a metronome, about a half by chance, less for bursts', () => {
    const machine = regularityOf(timesOf(gapsOf(() => 7_300)))
    const chance = regularityOf(timesOf(gapsOf(() => 60_000 * exponential())))
    const person = regularityOf(
      timesOf(gapsOf(() => (random.next() < 0.1 ? 900_000 : 9_000) * exponential())),
    )
    expect(machine.value()).toBe(1)
    expect(chance.value()).toBeGreaterThan(0.4)
    expect(chance.value()).toBeLessThan(0.65)
    expect(person.value()).toBeLessThan(0.3)
  })

  it('is unknown below so many gaps, and where all are nothing', () => {
    const gaps = (count: number, gapMs: number) =>
      regularityOf(timesOf(new Array<number>(count).fill(gapMs))).value()
    expect(gaps(MIN_GAPS - 1, 1_000)).toBeNaN()
    expect(gaps(MIN_GAPS, 1_000)).toBe(1)
    expect(gaps(MIN_GAPS, 0)).toBeNaN()
  })

  it('keeps true gaps of a pane that has too many, and no gap over what was left out', () => {
    const crowded = timesOf(new Array<number>(4 * MAX_TIMES).fill(10_000))
    expect(regularityOf(crowded).value()).toBe(1)
    expect(regularityOf(crowded).bytes).toBeLessThan(64 + 80 + 8 * MAX_TIMES + 1)
    expect(regularityOf([...crowded, 6 * PANE_MS]).value()).toBe(1)
  })

  it('is the same in any order and grouping, and when a pane has left', () => {
    const times = fc.array(fc.integer({ min: 0, max: 4 * PANE_MS - 1 }), { minLength: 30, maxLength: 400 })
    fc.assert(
      fc.property(times, (given) => {
        const panes = [0, 1, 2, 3].map((pane) =>
          given.filter((timeMs) => Math.floor(timeMs / PANE_MS) === pane),
        )
        const window = new Regularity(PANE_MS)
        for (const pane of panes.toReversed()) window.merge(restored(regularityOf(pane)))
        expect(window.value()).toBe(regularityOf(given.toSorted((a, b) => b - a)).value())
        window.leave(regularityOf(panes[0] ?? []))
        expect(window.value()).toBe(regularityOf(panes.slice(1).flat()).value())
      }),
    )
  })
})
