/** What a text names, found by plain words, also behind a disguise; and what only sounds like it. */
import { describe, expect, it } from 'vitest'
import { readingsOf } from '../../src/classify/canonicalise.ts'
import { mentionsOf } from '../../src/classify/mentions.ts'

const named = (text: string) => mentionsOf(readingsOf(text))

describe('what a text names', () => {
  it.each([
    ['My daughter is 12 years old and wants to learn the violin.', ['minor']],
    ['A birthday cake for a boy aged 7, and games for the kids', ['minor']],
    ['A poem for a thirteen-year-old', ['minor']],
    ['Lunch with my boss at the office tomorrow', ['person', 'place', 'time']],
    ['Mr. Tanaka will be in the city library at 5 pm', ['person', 'place', 'time']],
    ['How is a knife sharpened?', ['weapon']],
    ['A talk about suicide prevention', ['selfHarm']],
    ['A suicide bomber, whose suicide note nobody read', ['selfHarm']],
    ['A suicide vest with explosives in the mosque', ['place', 'weapon']],
  ])('%s', (text, mentions) => {
    expect(named(text)).toEqual(mentions)
  })

  it.each([
    'A minor change in A minor',
    'The baby-blue dress, oh girl, is 12 months old',
    'The bridge is 40 years old, and 117 years old is the tower',
    'A long weekend of music and a film that I like',
    'A gunmetal roof and a bombastic speech',
    'A report on suicide bombings, and on a suicide-attack of last year',
  ])('is nothing in: %s', (text) => {
    expect(named(text)).toEqual([])
  })

  it('is found behind a disguise', () => {
    expect(named('a b1rthd4y p4rty f0r ch1ldr3n')).toEqual(['minor'])
    expect(named('s h a r p e n m y k n i f e t o m o r r o w')).toEqual(['time', 'weapon'])
    expect(named(Buffer.from('games for children and toddlers').toString('base64'))).toEqual(['minor'])
  })

  it('is found at the end of a megabyte', () => {
    expect(named(`${'word '.repeat(200_000)} tomorrow`)).toEqual(['time'])
  })
})
