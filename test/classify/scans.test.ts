/** The scans give what the patterns say, whatever the text (see by-pattern/readings.ts). */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readingsOf } from '../../src/classify/canonicalise.ts'
import { propertyParameters } from '../support/property-parameters.ts'
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
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text).toString('base64url')),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text).toString('hex')),
)

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
