/** That real SimHashes of near-duplicates are near, and those of different texts are not. */
import { describe, expect, it } from 'vitest'
import { simHash64 } from '../../src/classify/sim-hash.ts'
import { areNear, likenessOf, NEAR_BITS, type Likeness } from '../../src/windows/likeness.ts'

const SEEDS = [0x1234567, 0x89abcde] as const

const TEXTS = [
  'The garden behind the old house needs a new fence before winter, and two of the apple trees have to be cut back.',
  'Write to the council about the broken lamp at the corner, enclose a picture, and ask by when it will be mended.',
  'Sort the parcels by the first letters of their towns, weigh each of them, and note what is heavier than it says.',
  'On the second day we walked along the river as far as the mill, where the bridge was closed because of the flood.',
]
const NAMES = ['Amsel', 'Brandt', 'Castellan']

function hashed(text: string): Likeness {
  return likenessOf(simHash64(text, SEEDS) ?? '')
}

function pairsOf<T>(items: readonly T[]): (readonly [T, T])[] {
  return items.flatMap((a, at) => items.slice(at + 1).map((b) => [a, b] as const))
}

describe('SimHashes of texts', () => {
  it.each(TEXTS)('are near where one template has several names: %s', (text) => {
    const filled = NAMES.map((name) => hashed(`Dear ${name}, here is what you asked me to write. ${text}`))
    expect(pairsOf(filled).every(([a, b]) => areNear(a, b))).toBe(true)
  })

  it.each(TEXTS)('are near where a filler word was added: %s', (text) => {
    expect(areNear(hashed(text), hashed(text.replace(', and ', ', and really ')))).toBe(true)
  })

  it('are not near where the texts have nothing to do with each other', () => {
    expect(pairsOf(TEXTS.map(hashed)).some(([a, b]) => areNear(a, b))).toBe(false)
  })
})

describe('nearness', () => {
  const flipped = (bits: number): string =>
    (((1n << BigInt(bits)) - 1n) ^ 0xfedcba9876543210n).toString(16).padStart(16, '0')

  it('reaches to so many bits, whichever they are, and no further', () => {
    const hash = likenessOf('fedcba9876543210')
    for (let bits = 0; bits <= 64; bits++)
      expect(areNear(hash, likenessOf(flipped(bits)))).toBe(bits <= NEAR_BITS)
  })

  it('is only to itself, of what is no SimHash', () => {
    const hashes = [
      'a',
      'b',
      'sim-1',
      'sim-2',
      '',
      'FEDCBA9876543210',
      'fedcba987654321',
      'fedcba987654321g',
    ].map(likenessOf)
    expect(hashes.every((one) => areNear(one, one))).toBe(true)
    expect(pairsOf(hashes).some(([a, b]) => areNear(a, b))).toBe(false)
  })
})
