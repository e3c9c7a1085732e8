import { describe, expect, it } from 'vitest'
import { BUCKETS, Featuriser } from '../../src/classify/featurise.ts'

/** Buckets and the first value as training/featurise.py gives them. */
const PYTHON = [
  { text: 'Ab cd', ids: [30019, 33361, 55704, 57683, 129488, 155331, 158889, 169537, 209747] },
  { text: 'a a a', ids: [74794, 133515, 161484] },
  {
    text: 'ﬁne  x²',
    ids: [
      7510, 16655, 40729, 87038, 89640, 103005, 115773, 121609, 151957, 181324, 195240, 197340, 214935,
      227623, 261382,
    ],
  },
  {
    text: 'ΣΊΣΥΦΟΣ 日本 😀',
    ids: [
      8189, 9241, 31856, 35469, 47991, 52564, 62709, 77548, 83811, 86657, 108664, 125256, 145829, 147483,
      150504, 154530, 157635, 175842, 185777, 195313, 214355, 217244, 218131, 223396, 224922, 236365, 240153,
      251874, 253155,
    ],
  },
]

describe('the featuriser', () => {
  const featuriser = new Featuriser()

  it.each(PYTHON)('gives the buckets that training used: $text', ({ text, ids }) => {
    expect([...featuriser.featurise(text).ids].sort((a, b) => a - b)).toEqual(ids)
  })

  it('weighs by 1 + ln(count), words three times, and gives vectors of length 1', () => {
    const { ids, vals } = featuriser.featurise('a a a')
    const byBucket = new Map([...ids].map((id, i) => [id, vals[i]]))
    expect(byBucket.get(133515)).toBeCloseTo(0.5896, 5)
    expect(byBucket.get(74794)).toBeCloseTo(0.44321, 5)
    expect(vals.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5)
  })

  it('is not changed by what it saw before', () => {
    const first = featuriser.featurise('the same text')
    featuriser.featurise('something else '.repeat(500))
    expect(featuriser.featurise('the same text')).toEqual(first)
  })

  it('takes an empty text and a long one without spaces', () => {
    expect(featuriser.featurise(' \n\t').ids).toHaveLength(0)
    const { ids } = featuriser.featurise('x'.repeat(1_000_000))
    expect(ids.every((id) => id >= 0 && id < BUCKETS)).toBe(true)
  })
})
