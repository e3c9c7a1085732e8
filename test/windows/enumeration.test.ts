import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { Random } from '../../src/simulate/random.ts'
import { Enumeration, MAX_TEMPLATES } from '../../src/windows/enumeration.ts'

type Item = readonly [template: number, ordinal: number]

function enumerationOf(items: readonly Item[], maxTemplates = MAX_TEMPLATES): Enumeration {
  const enumeration = new Enumeration(maxTemplates)
  for (const [template, ordinal] of items) enumeration.add(template, ordinal)
  return enumeration
}

function walk(template: number, from: number, length: number, step = 1): Item[] {
  return Array.from({ length }, (_, at) => [template, from + at * step])
}

describe('a slot that walks through identifiers', () => {
  it('is unknown below fifty items, whole at fifty in a row', () => {
    expect(enumerationOf(walk(1, 1_000, 49)).value()).toBeNaN()
    expect(enumerationOf(walk(1, 1_000, 50)).value()).toBe(1)
  })

  it('does not care in which order the identifiers come', () => {
    const shuffled = walk(1, 0, 101).map(([template, at]): Item => [template, (at * 37) % 101])
    expect(enumerationOf(shuffled).value()).toBe(1)
  })

  it('is low for tickets drawn from anywhere', () => {
    expect(enumerationOf(walk(1, 7_000, 200, 531)).value()).toBeLessThan(0.01)
  })

  it('is low for a small catalogue that is asked for again and again, however long', () => {
    const rounds = Array.from({ length: 6 }, () => walk(1, 0, 500)).flat()
    expect(enumerationOf(rounds).value()).toBeCloseTo(1 / 6, 3)
    const large = Array.from({ length: 6 }, () => walk(1, 0, 4_000)).flat()
    expect(enumerationOf(large).value()).toBeLessThan(0.2)
  })

  it('tells a walk with gaps from draws out of a small range, however many are drawn', () => {
    expect(enumerationOf(walk(1, 1_000, 600, 2)).value()).toBeCloseTo(0.5, 2)
    const random = new Random(1, 'draws')
    for (const draws of [60, 250, 500, 630, 1_000, 2_000]) {
      const items = Array.from({ length: draws }, (): Item => [1, random.integer(0, 500)])
      expect(enumerationOf(items).value(), `${draws} draws`).toBeLessThan(0.45)
    }
  })

  it('looks at the most used template alone', () => {
    expect(enumerationOf([...walk(1, 0, 60), ...walk(2, 0, 200, 999)]).value()).toBeLessThan(0.01)
  })

  it('still sees a walk in a flood of templates that are used once', () => {
    const items = walk(1, 0, 400).flatMap((item, at): Item[] => [item, [1_000 + at, at * 77]])
    expect(enumerationOf(items).value()).toBeGreaterThan(0.97)
  })

  it('sees a walk that is dealt out over many templates in turn, as far as one of them reaches fifty', () => {
    const items = walk(0, 0, MAX_TEMPLATES * 50).map(([, at]): Item => [at % MAX_TEMPLATES, at])
    expect(enumerationOf(items).value()).toBeGreaterThan(1 / MAX_TEMPLATES / 1.1)
  })

  it('merges panes to what all items would have given at once, and reads back what was stored', () => {
    const item = fc.tuple(fc.nat(3), fc.integer({ min: -200, max: 200 }))
    const pane = fc.array(item, { maxLength: 120 })
    fc.assert(
      fc.property(fc.array(pane, { maxLength: 4 }), (panes) => {
        const window = new Enumeration(Infinity)
        for (const items of panes.toReversed()) {
          const writer = new ByteWriter()
          enumerationOf(items).encode(writer)
          window.merge(Enumeration.decode(MAX_TEMPLATES, new ByteReader(writer.take())))
        }
        expect(window.value()).toEqual(enumerationOf(panes.flat()).value())
      }),
    )
  })
})
