/** A long text is looked at in steps, and what is said of it is what a look at the whole would say. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalSteps, canonicalText } from '../../src/classify/canonical-text.ts'
import { reveal } from '../../src/classify/canonicalise.ts'
import { hasCodeLines } from '../../src/classify/code-lines.ts'
import { Fingerprinter } from '../../src/classify/fingerprint.ts'
import { hostsOf, hostSteps } from '../../src/classify/hosts.ts'
import { SLICE_UNITS, type Steps } from '../../src/classify/in-slices.ts'
import { inPlainShape } from '../../src/classify/shapes.ts'
import { surveyOf } from '../../src/classify/survey.ts'
import { codeSteps, containsCode, isOpaque, opaqueSteps } from '../../src/classify/text-facts.ts'
import { textOf, unitsOf } from '../../src/classify/units.ts'
import { propertyParameters } from '../support/property-parameters.ts'
import { hostsByPattern } from './by-pattern/hosts.ts'

const PIECES = [
  ...'a . x1 harbour ``` ~~~ https://a.b/ www.c.d http:// я аpple \u200b ｐ 字 𝐀 😊 the of and'.split(' '),
  ...[' ', '\n', '\u{e0061}', '\ufe01', '\u{e0101}', '\u{1f3f4}', '\ud800', '\udc00', 'аpple pie '],
  ...['const a = 1\n', 'run(a);\n', 'QUJD'.repeat(30), 'a\n'.repeat(300)],
]

/** Of up to six slices, of a few pieces again and again; each stands where a slice may end. */
const longTexts = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.nat(3_000)), { minLength: 1, maxLength: 12 })
  .map((pieces) => pieces.map(([piece, times]) => piece.repeat(times)).join(''))
  .map((text) => text.repeat(1 + Math.floor(SLICE_UNITS / (text.length + 1))).slice(0, 6 * SLICE_UNITS))

const fingerprinter = new Fingerprinter({ id: 'k1', secret: Buffer.alloc(32, 1) })

describe('of a long text', () => {
  it.each<[string, (text: string) => unknown, (text: string) => unknown]>([
    ['the canonical text', canonicalText, (text) => canonicalWhole(text)],
    ['whether it holds code', containsCode, (text) => /```|~~~/.test(text) || hasCodeLines(unitsOf(text))],
    ['all hosts', hostsOf, hostsByPattern],
    ['the digest', (text) => fingerprinter.digest(text), (text) => digestOfWhole(text)],
  ])('%s: as of the whole', (_, inSteps, ofWhole) => {
    fc.assert(
      fc.property(longTexts, (text) => {
        expect(inSteps(text) === ofWhole(text) || String(inSteps(text)) === String(ofWhole(text))).toBe(true)
      }),
      propertyParameters(60),
    )
  })

  it('a letter that goes on behind a window counts in it', () => {
    // The last of as many letters as it takes reaches over the middle.
    const letters = `${'𐌰'.repeat(23)}${'.'.repeat(7_953)}𐌰`
    expect(isOpaque(letters.padEnd(16_000, '.'))).toBe(true)
    expect(isOpaque(letters.slice(2).padEnd(16_000, '.'))).toBe(false)
  })

  it('three lines of code count that stand as near as they may, of which the last begins a step', () => {
    const line = 'const a = 1\n'
    const near = `${line}${line}${'a\n'.repeat(1_988)}${line}`
    const [end = 0] = codeSteps('a\n'.repeat(SLICE_UNITS))
    expect(containsCode('a\n'.repeat((end - 4_000) / 2) + near)).toBe(true)
    expect(containsCode('a\n'.repeat((end - 4_000) / 2) + near.replace('a\n', 'aa\n'))).toBe(false)
  })

  it('an address is read where a step ends in the midst of it, and none behind a letter', () => {
    const addresses = 'xwww.a.example www.b.example https://www.c.example/a '
    for (let before = 0; before <= addresses.length; before++) {
      const text = '.'.repeat(SLICE_UNITS - before) + addresses
      expect(hostsOf(text)).toEqual(['b.example', 'c.example'])
    }
  })

  it('no character is halved before it is hashed', () => {
    for (const text of ['😊'.repeat(4 * SLICE_UNITS), `a${'😊'.repeat(4 * SLICE_UNITS)}`])
      expect(fingerprinter.digest(text)).toBe(digestOfWhole(text))
  })

  it.each<[string, (text: string) => Steps<unknown>]>([
    ['the canonical text', canonicalSteps],
    ['opacity', opaqueSteps],
    ['code', codeSteps],
    ['hosts', hostSteps],
    ['the digest', (text) => fingerprinter.digestSteps(text)],
  ])('%s: told in steps, none much longer than a slice', (_, stepsOf) => {
    const prose = 'the boat left the harbour in the morning,\nand my аpple is on https://shop.example/a. '
    const steps = [...stepsOf(prose.repeat(20_000))]
    expect(steps.length).toBeGreaterThan(10)
    expect(Math.max(...steps)).toBeLessThanOrEqual(1.1 * SLICE_UNITS)
  })
})

function canonicalWhole(text: string): string {
  return reveal(surveyOf(textOf(inPlainShape(unitsOf(text.toWellFormed()))))).text
}

function digestOfWhole(text: string): string {
  return createHmac('sha256', Buffer.alloc(32, 1)).update(`content\u0000${text}`).digest('hex').slice(0, 32)
}
