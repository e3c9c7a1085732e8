/** The index finds what looking at every hash would find, no more and no less. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_DISTANCE, PDQ_WORDS, pdqDistance, readPdq } from '../../../src/classify/media/pdq.ts'
import { PdqIndex } from '../../../src/classify/media/pdq-index.ts'
import { propertyParameters } from '../../support/property-parameters.ts'

const nothingElse = (): Promise<void> => Promise.resolve()

/** A hash and which bits of it to turn, so that many pairs lie about the bound. */
const turned = fc.record({
  from: fc.nat({ max: 7 }),
  bits: fc.uniqueArray(fc.nat({ max: 255 }), { minLength: 0, maxLength: 40 }),
})
const base = fc.uint16Array({ minLength: 8 * PDQ_WORDS, maxLength: 8 * PDQ_WORDS })

function turn(hash: Uint16Array, bits: readonly number[]): Uint16Array {
  const result = hash.slice()
  for (const bit of bits) result[bit >> 4] = (result[bit >> 4] ?? 0) ^ (1 << (bit & 15))
  return result
}

const hashOf = (hashes: Uint16Array, at: number) => hashes.slice(at * PDQ_WORDS, (at + 1) * PDQ_WORDS)

async function found(hashes: Uint16Array, query: Uint16Array): Promise<ReadonlyMap<number, number>> {
  const numbers = Int32Array.from({ length: hashes.length / PDQ_WORDS }, (_, number) => number)
  const index = await PdqIndex.build(hashes, numbers, nothingElse)
  const result = new Map<number, number>()
  index.search(query, (number, distance) => result.set(number, distance))
  return result
}

function allOf(hashes: Uint16Array, query: Uint16Array): ReadonlyMap<number, number> {
  const result = new Map<number, number>()
  for (let number = 0; number < hashes.length / PDQ_WORDS; number++) {
    const distance = pdqDistance(hashes, number * PDQ_WORDS, query, 0)
    if (distance <= MOST_DISTANCE) result.set(number, distance)
  }
  return result
}

describe('PDQ', () => {
  it('counts the bits in which two hashes differ', () => {
    const hashes = new Uint16Array(2 * PDQ_WORDS)
    readPdq('f'.repeat(64), hashes, 0)
    readPdq(`0fff${'f'.repeat(58)}fe`, hashes, PDQ_WORDS)
    expect(pdqDistance(hashes, 0, hashes, PDQ_WORDS)).toBe(5)
    expect(pdqDistance(hashes, 0, new Uint16Array(PDQ_WORDS), 0)).toBe(256)
  })
})

describe('the index of PDQ hashes', () => {
  it('finds exactly what is within 31 bits', async () => {
    await fc.assert(
      fc.asyncProperty(base, fc.array(turned, { maxLength: 40 }), turned, async (bases, variants, asked) => {
        const hashes = Uint16Array.from(
          variants.flatMap(({ from, bits }) => [...turn(hashOf(bases, from), bits)]),
        )
        const query = turn(hashOf(bases, asked.from), asked.bits)
        expect(await found(hashes, query)).toEqual(allOf(hashes, query))
      }),
      propertyParameters(200),
    )
  })

  // Two bits in every word but one: the worst that 31 bits can be spread.
  it.each(Array.from({ length: PDQ_WORDS }, (_, word) => word))(
    'finds 31 bits spread evenly, one in word %i',
    async (lean) => {
      const query = new Uint16Array(PDQ_WORDS)
      const hash = Uint16Array.from(query, (_, word) => (word === lean ? 0x0400 : 0x8001))
      expect(await found(hash, query)).toEqual(new Map([[0, 31]]))
    },
  )

  it('leaves out what differs in 32 bits', async () => {
    const query = new Uint16Array(PDQ_WORDS)
    expect(await found(new Uint16Array(PDQ_WORDS).fill(0x0011), query)).toEqual(new Map())
  })

  it('knows only the numbers that it was given', async () => {
    const hashes = new Uint16Array(4 * PDQ_WORDS)
    const index = await PdqIndex.build(hashes, Int32Array.of(1, 3), nothingElse)
    const seen = new Set<number>()
    index.search(new Uint16Array(PDQ_WORDS), (number) => seen.add(number))
    expect(seen).toEqual(new Set([1, 3]))
  })
})
