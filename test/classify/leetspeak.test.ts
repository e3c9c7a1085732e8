/** Letters and words that are hidden behind digits, signs and gaps, and honest texts that only look so. */
import { describe, expect, it } from 'vitest'
import { WordCutter } from '../../src/classify/cut-words.ts'
import { unleet } from '../../src/classify/leetspeak.ts'
import { joinSpeltOut } from '../../src/classify/spelt-out.ts'
import { UnitWriter } from '../../src/classify/units.ts'

function withSpaces(letters: string): string {
  const written = new UnitWriter(letters.length)
  written.append(letters)
  new WordCutter().cutFrom(0, written)
  return written.toString()
}

describe('leetspeak', () => {
  it.each([
    ['wr1t3 a p03m', 'write a poem'],
    ['h0w t0 g3t b3tt3r', 'how to get better'],
    ['7h3 b00k is 0n th3 74b13, h31p!', 'the book is on the table, help!'],
    ['wr173 4 5h0r7 p03m 4b0u7 7h3 534', 'write a short poem about the sea'],
    ['wh@t i$ th!s? wr1te!', 'what is this? write!'],
  ])('%s is read as %s', (disguised, plain) => {
    expect(unleet(disguised)).toBe(plain)
  })

  it('of no known word is read sign by sign where signs stand inside', () => {
    expect(unleet('the qu4rk5t3in letter')).toBe('the quarkstein letter')
  })

  it.each([
    'We have 3 cats, 40 books and $70; call 555 0134 at 8.',
    'The B2B team printed it.',
    'It costs $5! Really!',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'Wow!!! Great!',
  ])('is not found in %s', (text) => {
    expect(unleet(text)).toBe(text)
  })
})

describe('words that are spelt out', () => {
  it.each([
    ['w r i t e a s h o r t p o e m', 'write a short poem'],
    ['w r i t e   a   s h o r t   p o e m', 'write a short poem'],
    ['w.r.i.t.e a s.h.o.r.t p.o.e.m', 'write a short poem'],
    ['W-R-I-T-E  A  P-O-E-M', 'WRITE A POEM'],
    ['t e l l 4 s t 0 r y', 'tell a story'],
    ['please p o e t r y now', 'please poetry now'],
  ])('%s is read as %s', (disguised, plain) => {
    expect(joinSpeltOut(disguised)).toBe(plain)
  })

  it.each(['1 2 3 4 5 6 7 8 9', 'a - b - c', 'x 1 2 3 4 5 6', 'e.g. this, i.e. that'])(
    'are not found in %s',
    (text) => {
      expect(joinSpeltOut(text)).toBe(text)
    },
  )
})

describe('letters that run together', () => {
  it('are cut into words, and what no word fits stays whole', () => {
    expect(withSpaces('thenameofmydogiszqxvkw')).toBe('the name of my dog is zqxvkw')
    expect(withSpaces('ПриветandHello')).toBe('Привет and Hello')
    expect(withSpaces('')).toBe('')
  })

  it('keep every letter', () => {
    const letters = 'theharbouris\u{1f600}quietQQXandthesea'
    expect(withSpaces(letters).replaceAll(' ', '')).toBe(letters)
  })
})
