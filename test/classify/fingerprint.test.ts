import { describe, expect, it } from 'vitest'
import { Fingerprinter } from '../../src/classify/fingerprint.ts'

const one = new Fingerprinter({ id: 'k1', secret: Buffer.alloc(32, 1) })
const two = new Fingerprinter({ id: 'k2', secret: Buffer.alloc(32, 2) })

function distance(a: string | null, b: string | null): number {
  const bits = BigInt(`0x${a ?? '0'}`) ^ BigInt(`0x${b ?? '0'}`)
  return bits.toString(2).replaceAll('0', '').length
}

describe('template and slot hashes', () => {
  it.each([
    [
      'an address',
      'Read https://shop.example/item/17 and list the price.',
      'Read https://shop.example/item/18 and list the price.',
    ],
    ['a number', 'Describe product 1017.', 'Describe product 1018.'],
    ['an identifier', 'Describe product SKU-A-1017 in one line', 'Describe product SKU-A-1018 in one line'],
    ['a quoted string', 'Translate "good day" to French', 'Translate "good night, 18" to French'],
    ['list items', 'Compare these:\n- a red boat\n- a blue one', 'Compare these:\n- a house\n- a tree'],
    [
      'a document',
      `Summarise in a line: ${'sea '.repeat(150)}x`,
      `Summarise in a line: ${'sea '.repeat(150)}y`,
    ],
  ])('tell %s from the words around it', (_, a, b) => {
    expect(one.template(a).templateHash).toBe(one.template(b).templateHash)
    expect(one.template(a).slotHash).not.toBe(one.template(b).slotHash)
  })

  it('differ for different instructions, and without a slot there is none', () => {
    expect(one.template('Describe the sea').templateHash).not.toBe(
      one.template('Describe the sky').templateHash,
    )
    expect(one.template('Describe the sea')).toMatchObject({ slotHash: null, slotOrdinal: null })
  })

  it.each([
    ['Describe product 1017.', 1017],
    ['Read https://shop.example/item/17 and give 3 facts', 17],
    ['Read https://shop.example/p?id=0042.html', 42],
    ['Describe product SKU-A-1018 in one line', 1018],
    ['Describe "entry no. 12 of 40" and "page 4"', 44],
    ['Read https://shop.example/v2/item/17?lang=3 in 50 words', 22],
    ['Say "hello" twice', null],
    ['Wake me at 07:45', 45],
    ['Card 12345678901234567890123', 901234567890123],
  ])('give the number that %s counts', (text, ordinal) => {
    expect(one.template(text).slotOrdinal).toBe(ordinal)
  })

  it.each([
    (entry: number) => `List price of catalogue entry ${entry} in 2026`,
    (entry: number) => `In at most 50 words: what is article ${entry}?`,
    (entry: number) => `It is 14:0${entry % 10}:${entry + 11}. What became of case ${entry}, in 3 sentences`,
    (entry: number) => `Who lives at ${entry} Elm Street, 10115 Berlin`,
  ])('count on with the number that does, whatever stays as it is around it (T4)', (textOf) => {
    const ordinals = [41, 42, 43].map((entry) => one.template(textOf(entry)).slotOrdinal ?? NaN)
    expect(ordinals.map((ordinal) => ordinal - (ordinals[0] ?? NaN))).toEqual([0, 1, 2])
  })
})

describe('keyed hashes', () => {
  it('depend on the key and on the purpose (H1)', () => {
    const text = 'Describe the sea in five lively words'
    expect(one.digest(text)).not.toBe(two.digest(text))
    expect(one.simHash(text)).not.toBe(two.simHash(text))
    expect(one.template(text).templateHash).not.toBe(two.template(text).templateHash)
    expect(one.digest(text.toLowerCase()).slice(0, 16)).not.toBe(one.template(text).templateHash)
    expect(one.referenceDigest('ab')).not.toBe(one.digest('ab'))
  })

  it('are 64 bits of lower-case hex', () => {
    const { templateHash, slotHash } = one.template('Describe product 1017.')
    for (const hash of [templateHash, slotHash, one.simHash('one two three four five six')]) {
      expect(hash).toMatch(/^[0-9a-f]{16}$/)
    }
  })

  it('refuse a key that is too short to keep a secret', () => {
    expect(() => new Fingerprinter({ id: 'k', secret: Buffer.alloc(8) })).toThrow('16 bytes')
  })
})

describe('the similarity hash', () => {
  const text = Array.from({ length: 80 }, (_, i) => `word${(i * 37) % 61}`).join(' ')

  it('stays near when a word changes and goes far when the text does', () => {
    const near = one.simHash(text.replace('word37', 'changed'))
    const far = one.simHash(Array.from({ length: 80 }, (_, i) => `other${(i * 29) % 53}`).join(' '))
    expect(distance(one.simHash(text), near)).toBeLessThan(12)
    expect(distance(one.simHash(text), far)).toBeGreaterThan(16)
  })

  it('is the same for one phrase however often it is said', () => {
    expect(one.simHash('tick tock '.repeat(600))).toBe(one.simHash('tick tock '.repeat(20)))
  })

  it('is none for a few words', () => {
    expect(one.simHash('too short')).toBeNull()
  })
})
