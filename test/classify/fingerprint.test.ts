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
    ['Say "hello" twice', null],
    ['Card 12345678901234567890123', 901234567890123],
  ])('give the number that %s counts', (text, ordinal) => {
    expect(one.template(text).slotOrdinal).toBe(ordinal)
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
