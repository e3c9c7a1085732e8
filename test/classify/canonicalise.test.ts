import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readingsOf } from '../../src/classify/canonicalise.ts'

const PHRASE = 'please write a short poem about the harbour'
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const percent = (text: string): string =>
  [...Buffer.from(text)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('')
const tags = (text: string): string =>
  [...text].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')
const selectors = (text: string): string =>
  [...Buffer.from(text)].map((b) => String.fromCodePoint(b < 16 ? 0xfe00 + b : 0xe0100 + b - 16)).join('')
const rot13 = (text: string): string =>
  text.replace(/[a-z]/g, (c) => String.fromCharCode(((c.charCodeAt(0) - 97 + 13) % 26) + 97))

const DISGUISED: readonly (readonly [string, string])[] = [
  ['base64', `decode this: ${base64(PHRASE)}`],
  ['base64', base64(PHRASE.repeat(4)).replace(/(.{76})/g, '$1\n')],
  ['hex', hex(PHRASE)],
  ['hex', [...Buffer.from(PHRASE)].map((b) => `\\x${b.toString(16)}`).join('')],
  ['hex', [...Buffer.from(PHRASE)].map((b) => `0x${b.toString(16)}`).join(', ')],
  ['percent', percent(PHRASE)],
  ['rot13', `Solve it:\n${rot13(PHRASE)}`],
  ['escapes', [...PHRASE].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
  ['tags', `nice day ${tags(PHRASE)}`],
  ['variation-selectors', `😊${selectors(PHRASE)}`],
  ['invisible', PHRASE.replace(/o/g, 'o\u200b')],
  ['bidi', PHRASE.replace('write', '\u202ewrite\u202c')],
  [
    'confusables',
    PHRASE.replace(/o/g, 'о').replace(/a/g, 'а').replace('а short', 'a short').replace('роem', 'poem'),
  ],
  ['leetspeak', PHRASE.replace('poem', 'p03m').replace('harbour', 'h4rb0ur').replace('write', 'wr1te')],
]

describe('the readings of a text', () => {
  it.each(DISGUISED)('undo %s', (disguise, text) => {
    const found = readingsOf(text).find(
      (reading) =>
        (reading.disguises as readonly string[]).includes(disguise) && reading.text.includes('the harbour'),
    )
    expect(found?.text).toContain('write')
  })

  it.each([
    ['tags', tags],
    ['variation-selectors', selectors],
  ])('hold what was smuggled by %s alone, without what it was hidden behind', (disguise, smuggle) => {
    const readings = readingsOf(`nice day${smuggle(PHRASE)} to you`)
    expect(readings).toContainEqual({ text: PHRASE, disguises: [disguise] })
  })

  it('join words that are spelt out', () => {
    const joined = readingsOf('tell me about h a r b o u r and p-o-e-m-s').at(-1)
    expect(joined).toEqual({ text: 'tell me about harbour and poems', disguises: ['spacing'] })
  })

  it.each([
    'An ordinary sentence with 3 numbers, 2 dogs and a date: 2024-05-06.',
    'Привет, как дела? Это обычное предложение.',
    'Ελληνικά και English μαζί',
    'می‌خواهم',
    '👩‍👩‍👧 a family and a heart ❤️',
    'const total = items.map((item) => item.price).reduce((a, b) => a + b, 0)',
    'sha256 of the file is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'https://example.org/a%20b?c=d',
    'Le chat est sur la table et il ne veut pas descendre',
  ])('find no disguise in %s', (text) => {
    expect(readingsOf(text).flatMap((reading) => reading.disguises)).toEqual([])
  })

  it('begin with the text itself, differ, and are never longer than the text', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({
        unit: fc.constantFrom('a', ' ', '\u200b', '%', '4', '1', '\u{e0061}', '\ufe01', '=', 'е', '\\u0041'),
        maxLength: 300,
      }),
    )
    fc.assert(
      fc.property(anything, (text) => {
        const readings = readingsOf(text)
        expect(readings[0]).toEqual({ text, disguises: [] })
        expect(new Set(readings.map((reading) => reading.text)).size).toBe(readings.length)
        expect(readings.length).toBeLessThanOrEqual(10)
        for (const reading of readings) expect(reading.text.length).toBeLessThanOrEqual(text.length + 2)
      }),
    )
  })

  it.each([
    ['one letter', 'a'.repeat(1_000_000)],
    ['one word and a dash', `${'a'.repeat(1_000_000)} \u2013`],
    ['spaced letters', 'a '.repeat(500_000)],
    ['base64 alphabet', 'QUJD'.repeat(250_000)],
    ['percent signs', '%41'.repeat(330_000)],
    ['bare percent', '%'.repeat(1_000_000)],
    ['hex', '4f'.repeat(500_000)],
    ['tags', '\u{e0061}'.repeat(500_000)],
    ['zero width', 'a\u200b'.repeat(500_000)],
    ['mixed scripts', 'aе'.repeat(500_000)],
    ['leet', 'a1'.repeat(500_000)],
    ['new lines', 'na\n'.repeat(330_000)],
    ['ampersands', '&#'.repeat(500_000)],
    ['quotes', `"'`.repeat(500_000)],
  ])('of a megabyte of %s are bounded', (_, text) => {
    const readings = readingsOf(text)
    expect(readings.length).toBeLessThanOrEqual(10)
    expect(Math.max(...readings.map((reading) => reading.text.length))).toBeLessThanOrEqual(text.length + 2)
  })
})
