/** A cache knows its keys by places: as a map would, whatever the keys look like and whichever leave. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyIndex, NO_PLACE } from '../../src/engine/key-index.ts'

const key = fc.oneof(
  fc.nat(60).map((number) => `acct-${number}`),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'é'.repeat(3), '客户', 'x'.repeat(127), 'x'.repeat(128), 'y'.repeat(70_000)),
)
const step = fc.record({ key, leaves: fc.boolean() })

/** Adds keys and lets them leave as the steps say; looks every time whether all that is known is right. */
function compareWithMap(seed: number, steps: readonly { key: string; leaves: boolean }[]): void {
  const index = new KeyIndex(seed)
  const oracle = new Map<string, number>()
  for (const { key, leaves } of steps) {
    const known = oracle.get(key)
    expect(index.find(key)).toBe(known ?? NO_PLACE)
    if (known === undefined) {
      const place = index.add(key)
      expect([...oracle.values()]).not.toContain(place)
      oracle.set(key, place)
    } else if (leaves) {
      index.remove(known)
      oracle.delete(key)
      expect(index.find(key)).toBe(NO_PLACE)
    }
    expect(index.size).toBe(oracle.size)
  }
  for (const [key, place] of oracle) expect(index.find(key)).toBe(place)
}

describe('the places of keys', () => {
  it('are those that a map would tell, through growth, collisions and leaving', () => {
    fc.assert(fc.property(fc.nat(), fc.array(step, { maxLength: 400, size: 'max' }), compareWithMap), {
      numRuns: 150,
    })
  })

  it('are used again, and the text of keys that left does not pile up', () => {
    const index = new KeyIndex(1)
    for (let round = 0; round < 300; round++) {
      const places = Array.from({ length: 10 }, (_, at) => index.add(`${'long'.repeat(500)}-${round}-${at}`))
      expect(Math.max(...places)).toBeLessThan(10)
      for (const place of places) index.remove(place)
    }
    expect(index.textBytes).toBeLessThan(200_000)
    expect(index.size).toBe(0)
  })
})
