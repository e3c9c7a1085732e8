import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_LAYERS, MOST_NESTED_UNITS, MOST_READINGS, readingsOf } from '../../src/classify/canonicalise.ts'
import type { Disguise } from '../../src/classify/disguise.ts'
import { propertyParameters } from '../support/property-parameters.ts'

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
  text.replace(/[a-z]/gi, (c) =>
    String.fromCharCode((((c.charCodeAt(0) & 31) + 12) % 26) + (c < 'a' ? 65 : 97)),
  )

const DISGUISED: readonly (readonly [string, string])[] = [
  ['base64', `decode this: ${base64(PHRASE)}`],
  ['base64', base64(PHRASE.repeat(4)).replace(/(.{76})/g, '$1\n')],
  ['hex', hex(PHRASE)],
  ['hex', [...Buffer.from(PHRASE)].map((b) => `\\x${b.toString(16)}`).join('')],
  ['hex', [...Buffer.from(PHRASE)].map((b) => `0x${b.toString(16)}`).join(', ')],
  ['percent', percent(PHRASE)],
  ['rot13', `Solve it:\n${rot13(PHRASE)}`],
  ['rot13', `Solve it: ${rot13(base64(PHRASE))}`],
  ['rot13', rot13(base64(PHRASE.repeat(4))).replace(/(.{76})/g, '$1\n')],
  ['rot13', `Solve it: ${rot13(hex(PHRASE))}`],
  ['rot13', rot13([...Buffer.from(PHRASE)].map((b) => `0x${b.toString(16)}`).join(', '))],
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

const escapes = (text: string): string =>
  text.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
const entities = (text: string): string => Array.from(text, (c) => `&#${c.codePointAt(0) ?? 0};`).join('')

/** Any text can be put into these. */
const CODES: Readonly<Partial<Record<Disguise, (text: string) => string>>> = {
  base64,
  hex,
  percent,
  escapes,
  'variation-selectors': (text) => `😊${selectors(text)}`,
}
/** Only words can be hidden like this. */
const HIDINGS: Readonly<Partial<Record<Disguise, (text: string) => string>>> = {
  rot13,
  tags: (text) => `nice day ${tags(text)}`,
  invisible: (text) => [...text].join('\u200b'),
  bidi: (text) => text.replace('write', '\u202ewrite\u202c'),
  confusables: (text) => text.replaceAll('o', 'о'),
  leetspeak: (text) => text.replace('poem', 'p03m').replace('write', 'wr1te'),
  spacing: (text) => text.replace('harbour', 'h a r b o u r'),
}

const nested = fc
  .tuple(
    fc.option(fc.constantFrom(...Object.entries(HIDINGS))),
    fc.array(fc.constantFrom(...Object.entries(CODES)), { maxLength: MOST_LAYERS - 1 }),
    fc.constantFrom('', 'Decode it and do as it says: '),
  )
  .map(([hiding, codes, words]) => {
    // Words that are rotated are told by their line.
    const preface = codes.length === 0 && words !== '' ? `${words}\n` : words
    const hidden = hiding === null ? PHRASE : hiding[1](PHRASE)
    const text = codes.reduce((wrapped, [, code]) => code(wrapped), hidden)
    return {
      text: preface + text,
      disguises: [...(hiding === null ? [] : [hiding[0]]), ...codes.map(([name]) => name)],
    }
  })

describe('disguises in disguises', () => {
  it('are undone, whatever is nested in what, and each is named', () => {
    fc.assert(
      fc.property(nested, ({ text, disguises }) => {
        const found = readingsOf(text).find((reading) => reading.text.includes(PHRASE))
        expect(found?.disguises ?? []).toEqual(expect.arrayContaining(disguises))
        expect(found).toBeDefined()
      }),
      propertyParameters(500),
    )
  })

  it('are undone beside others that are nested too', () => {
    const second = 'tell me how the tides of the sea come and go'
    const text = `One: ${base64(hex(PHRASE))} two: ${percent(base64(second))}, three: ${entities(rot13(second))}`
    const texts = readingsOf(text).map((reading) => reading.text)
    expect(texts.some((one) => one.includes(PHRASE))).toBe(true)
    expect(texts.filter((one) => one.includes(second)).length).toBeGreaterThan(0)
  })

  it('are undone one by one where two runs that were wrapped without padding stand together', () => {
    const url = (text: string): string => Buffer.from(text).toString('base64url')
    const text = `${url(url(`${PHRASE}, or two of them.`))} ${url(url(PHRASE))}`
    expect(readingsOf(text).some((one) => one.text.endsWith(`\n${PHRASE}`))).toBe(true)
  })

  it.each([
    ['around base64', rot13(base64(PHRASE)), ['rot13', 'base64']],
    ['around hex', rot13(hex(PHRASE)), ['rot13', 'hex']],
    ['between base64 and hex', base64(rot13(hex(PHRASE))), ['base64', 'rot13', 'hex']],
    ['within base64 and around it', rot13(base64(rot13(PHRASE))), ['rot13', 'base64']],
    ['around code', rot13(hex('const a = 1\nrun(a);\nreturn a\n// the harbour')), ['rot13', 'hex']],
  ])('are undone where letters are rotated %s', (_, text, disguises) => {
    const found = readingsOf(text).find((reading) => reading.text.includes('the harbour'))
    expect(found?.disguises).toEqual(disguises)
  })

  it('are undone four deep and no deeper', () => {
    const wrap = (layers: number): string => (layers === 0 ? PHRASE : base64(wrap(layers - 1)))
    const isFound = (layers: number): boolean =>
      readingsOf(wrap(layers)).some((one) => one.text.includes(PHRASE))
    expect([1, MOST_LAYERS, MOST_LAYERS + 1].map(isFound)).toEqual([true, true, false])
  })

  it('are undone while other payloads, that are longer than all that is looked into, stand beside them', () => {
    const decoy = hex('the sea is calm and the boat is old '.repeat(MOST_NESTED_UNITS / 36 + 1))
    const readings = readingsOf(`${decoy}\n\n${base64(base64(PHRASE))}`)
    expect(readings.some((one) => one.text.includes(PHRASE))).toBe(true)
  })
})

describe('the readings of a text', () => {
  it.each(DISGUISED)('undo %s', (disguise, text) => {
    const found = readingsOf(text).find(
      (reading) =>
        (reading.disguises as readonly string[]).includes(disguise) && reading.text.includes('the harbour'),
    )
    expect(found?.text).toContain('write')
  })

  it.each([
    ['last in its word', 'the sofа', 'the sofa'],
    ['behind letters of no alphabet in question', 'see dépôtѕ', 'see dépôts'],
    ['behind a word without one', 'Москва fine аpple', 'Москва fine apple'],
  ])('undo a look-alike %s', (_, disguised, plain) =>
    expect(readingsOf(disguised).map(({ text }) => text)).toContain(plain),
  )

  it.each([
    ['tags', tags],
    ['variation-selectors', selectors],
  ])('hold what was smuggled by %s alone, without what it was hidden behind', (disguise, smuggle) => {
    const readings = readingsOf(`nice day${smuggle(PHRASE)} to you`)
    expect(readings).toContainEqual({ text: PHRASE, disguises: [disguise] })
  })

  it.each([
    ['a digest', hex('any thirty-two bytes of a digest').padEnd(64, '0')],
    ['a key', 'QUJD'.repeat(16).replace('Q', 'x')],
    ['a line of its own kind', base64(`${PHRASE} and the sea`).slice(0, 63)],
  ])('hold what is encoded in the line behind %s', (_, line) => {
    const texts = readingsOf(`${line}\n${base64(PHRASE)}`).map((reading) => reading.text)
    expect(texts.some((text) => text.endsWith(PHRASE))).toBe(true)
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
        expect(readings.length).toBeLessThanOrEqual(MOST_READINGS)
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
    expect(readings.length).toBeLessThanOrEqual(MOST_READINGS)
    expect(Math.max(...readings.map((reading) => reading.text.length))).toBeLessThanOrEqual(text.length + 2)
  })
})
