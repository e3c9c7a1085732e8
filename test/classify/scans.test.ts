/** The scans give what the patterns say, whatever the text (see by-pattern/readings.ts and mentions.ts). */
import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findBase64 } from '../../src/classify/base64.ts'
import { readingsOf } from '../../src/classify/canonicalise.ts'
import { rotatedHex } from '../../src/classify/hex.ts'
import { mentionsOf } from '../../src/classify/mentions.ts'
import { rot13Lines } from '../../src/classify/rot13.ts'
import { unitsOf } from '../../src/classify/units.ts'
import { propertyParameters } from '../support/property-parameters.ts'
import { mentionsByPattern } from './by-pattern/mentions.ts'
import { readingsByPattern } from './by-pattern/readings.ts'

const PIECES = [
  ...'a b c 1 3 ! @ $ 0 . - _ * · : , = % & # ; x u \\ " é ñ 字 я е о ϲ ı ଦ \u0301 \u0345 \u0b66 𝐀 😊 ½ ٣'.split(
    ' ',
  ),
  ...[' ', '  ', '\n', '\r\n', '\t', '\u00a0', '\ufeff'],
  ...[
    '\u200b',
    '\u00ad',
    '\u200d',
    '\u202e',
    '\u2066',
    '\u17b4',
    '\ufe0f',
    '\ufe00',
    '\ud83c',
    '\udff4',
    '\ud800',
  ],
  ...['\u{e0061}', '\u{e0020}', '\u{e0001}', '\u{e007f}', '\u{1f3f4}', '\u{e0101}', '\u{e01ef}', '\u{e0152}'],
  ...[
    '\\u0041',
    '\\ud83d',
    '&#x41;',
    '&#65;',
    '&#1114112;',
    '&#x',
    '%41',
    '%e9',
    '%C3%A9',
    '\\x41',
    '0x41, ',
    '4f',
    'ff:',
  ],
  ...[
    'h a r b o u r ',
    'p-o-e-m-s',
    'a  b  c d e',
    'h4rb0ur',
    'p03m',
    'the',
    'gur uneobhe',
    'bs gur',
    'aе',
    'рoem',
  ],
  'cGxlYXNlIHdyaXRlIGEgcG9lbQ',
  '706f656d20706f656d',
  `${'QUJDREVG'.repeat(8)}\n`,
  `${'_-9A'.repeat(16)}\r\n`,
  'cGxlYXNlIHdyaXRlIGEgc2hvcnQgcG9lbSBhYm91dCB0aGUgaGFyYm91ciBwbGVhc2Ug\nd3JpdGUgYSBwb2VtLCBvciB0d28u==',
]

/** All texts that a disguise may have made, and most that none has. */
const texts = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join('')),
  fc
    .tuple(fc.constantFrom(...PIECES), fc.constantFrom(...PIECES), fc.constantFrom(...PIECES), fc.nat(20))
    .map(([a, b, c, times]) => (a + b).repeat(times) + c + (b + c).repeat(times)),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...'abi1l!4@o0 .-'), maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefx\\ ,:z'), maxLength: 80 }),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => `see ${Buffer.from(bytes).toString('base64')}`),
  fc
    .array(
      fc.oneof(fc.uint8Array({ minLength: 45, maxLength: 60 }), fc.constant('the harbour and the sea')),
      {
        maxLength: 4,
      },
    )
    .map((lines) => lines.map((line) => Buffer.from(line).toString('base64')).join('\n')),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text).toString('base64url')),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text).toString('hex')),
  encoded((text) => rot13(Buffer.from(text).toString('hex'))),
  encoded((text) => rot13(Buffer.from(text).toString('base64'))),
  encoded((text) => rot13(Buffer.from(text).toString('base64url')).replace(/(.{64})/g, '$1\n')),
)

/** Several, of which some are long enough to be read, between pieces. */
function encoded(encode: (text: string) => string): fc.Arbitrary<string> {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.constant('the harbour and the sea '),
  )
  const runs = fc.array(fc.tuple(text, fc.constantFrom('', ' ', '\n', '\n\n', '=', '.', 'n', '4')), {
    maxLength: 5,
  })
  return runs.map((all) => all.map(([run, behind]) => encode(run) + behind).join(''))
}

function rot13(text: string): string {
  return text.replace(/[a-z]/gi, (letter) => {
    const first = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first)
  })
}

describe('the readings of a text', () => {
  it('are what the patterns say', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(readingsOf(text)).toEqual(readingsByPattern(text))
      }),
      propertyParameters(500),
    )
  })

  it('are what the patterns say, for bytes behind digits that stand alone', () => {
    const text = '4, , , 706f656d20706f656d'
    expect(readingsOf(text)).toEqual(readingsByPattern(text))
    expect(readingsOf(text)).toContainEqual({ text: 'poem poem', disguises: ['hex'] })
  })

  it('are what the patterns say, for texts that models are checked with', () => {
    const golden = z.object({ cases: z.array(z.object({ text: z.string() })) })
    const file = new URL('../../models/default/golden.json', import.meta.url)
    for (const { text } of golden.parse(JSON.parse(readFileSync(file, 'utf8'))).cases)
      expect(readingsOf(text)).toEqual(readingsByPattern(text))
  })
})

describe('honest bytes, such as of pictures, keys and digests', () => {
  const bytes = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 16, maxLength: 400 }),
    fc.integer().map((key) => [...createHash('sha512').update(String(key)).digest()]),
  )
  it.each(['base64', 'base64url', 'hex'] as const)('say nothing when their %s is rotated', (encoding) => {
    fc.assert(
      fc.property(bytes, (honest) => {
        const lines = Buffer.from(honest)
          .toString(encoding)
          .replace(/(.{64})/g, '$1\n')
        const text = unitsOf(`no run: ${lines} or so`)
        expect(findBase64(text).rotated).toBe('')
        expect(rotatedHex(text)).toBe('')
        if (encoding !== 'base64url') expect(rot13Lines(unitsOf(lines))).toBe('')
      }),
      propertyParameters(2_000),
    )
  })
})

describe('a run in hexadecimal', () => {
  it('is not taken for a rotated one because of a letter beside it', () => {
    const poems = '706f656d20'.repeat(8)
    expect(rotatedHex(unitsOf(`it says: ${poems}, yes`))).toBe('')
    expect(rotatedHex(unitsOf(`it says: ${rot13(poems)}, yes`))).toContain(poems)
  })
})

/** Bytes of characters and of what is none: cut short, longer than needed, surrogates, beyond the last. */
const BYTES = [
  ...['a', ' ', '9', 'é', 'я', 'ଦ', '\uffff', '😊', '\u{10ffff}', '\ufeff', '\u0000'].map((text) =>
    Buffer.from(text),
  ),
  ...[
    '80',
    'bf',
    'c0af',
    'c1bf',
    'e08080',
    'e282',
    'eda080',
    'edbfbf',
    'f08fbfbf',
    'f09f98',
    'f4908080',
    'f5',
    'ff',
  ].map((hex) => Buffer.from(hex, 'hex')),
]

describe('bytes that were decoded', () => {
  it('are read as UTF-8, also where they are none', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...BYTES), { maxLength: 12 }), (pieces) => {
        // Enough plain text for it to be a text, whatever stands in it.
        const bytes = Buffer.concat([...pieces, Buffer.from('plain text '.repeat(30))])
        expect(findBase64(unitsOf(bytes.toString('base64'))).payloads).toBe(bytes.toString('utf8'))
      }),
      propertyParameters(500),
    )
  })
})

const WORDS = [
  ...'a at in of the my their this next on one an 1 7 12 17 18 years year yr old aged age days weeks % y/o yo child kids'.split(
    ' ',
  ),
  ...'children minors teenage girl boys little co worker boss ex mr. mr dr x smith house town hall city court theatre'.split(
    ' ',
  ),
  ..."tomorrow morning monday noon midnight 5 :30 am p.m a.m o'clock minutes hour gun guns shotgun knife shoot shooting".split(
    ' ',
  ),
  ...'suicide self harm harming kill myself it all want to die word gunmetal under pre teen HOUSE Aged Ten ſ K é'.split(
    ' ',
  ),
]
const phrases = fc
  .array(
    fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(' ', ' ', ' ', '-', '', '. ', '_', '\n', '\u00a0')),
    {
      maxLength: 14,
    },
  )
  .map((pieces) => pieces.flat().join(''))

describe('what a text names', () => {
  it.each([
    ['phrases', phrases],
    ['anything', texts],
  ])('is what the patterns say, for %s', (_, any) => {
    fc.assert(
      fc.property(any, (text) => {
        const readings = [{ text, disguises: [] }]
        expect(mentionsOf(readings)).toEqual(mentionsByPattern(readings))
      }),
      propertyParameters(3000),
    )
  })

  it.each([
    ['aged 7 days, aged 9', ['minor']],
    ['aged 7 days', []],
    ['aged 7 %', []],
    ['aged 7days', []],
    ['aged 17 months and aged 3 weeks', []],
    ['at the old town hall', ['place']],
    ["at 5 o'clock", ['time']],
  ])('%s', (text, mentions) => {
    expect(mentionsOf([{ text, disguises: [] }])).toEqual(mentions)
  })
})
