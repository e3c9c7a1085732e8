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
  const taken = new Set<number>()
  for (const { key, leaves } of steps) {
    const known = oracle.get(key)
    let right = index.find(key) === (known ?? NO_PLACE)
    if (known === undefined) {
      const place = index.add(key)
      right &&= !taken.has(place)
      oracle.set(key, place)
      taken.add(place)
    } else if (leaves) {
      index.remove(known)
      oracle.delete(key)
      taken.delete(known)
      right &&= index.find(key) === NO_PLACE
    }
    // One assertion a step: a million of them would take longer than what they look at.
    if (!right || index.size !== oracle.size)
      expect.fail(`${JSON.stringify(key.slice(0, 20))} is not where a map has it`)
  }
  for (const [key, place] of oracle) expect(index.find(key)).toBe(place)
}

describe('the places of keys', () => {
  it('are those that a map would tell, through growth, collisions and leaving', () => {
    fc.assert(fc.property(fc.nat(), fc.array(step, { maxLength: 400, size: 'max' }), compareWithMap), {
      numRuns: 50,
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
