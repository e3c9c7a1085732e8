/** Facts are told in the account's language: the words for bands, and for all that detectors show. */
import { describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { bandedFacts, bandOf, factsIn } from '../../src/enforce/bands.ts'
import { wordingFor } from '../../src/enforce/wording.ts'

const { policy, topologies } = loadBundle('topologies')
const LANGUAGES = Object.keys(policy.wordings)
const german = wordingFor(policy, 'de').wording

/** What a statement may show: the evidence of detectors whose clause tells facts, without its window. */
const shown = topologies.flatMap(({ detectors }) =>
  detectors
    .filter(({ clause }) => policy.clauses.some(({ id, severity }) => id === clause && severity !== 'S0'))
    .flatMap(({ evidence }) => evidence.map((one) => one.name))
    .filter((name) => !name.includes('.'))
    .map((name) => name.split('_')[0] ?? name),
)

describe('the facts of a statement', () => {
  it('are told in the words of the language', () => {
    const evidence = [
      { name: 'requests_1h', value: 4_321 },
      { name: 'slotEnumeration_1h', value: 0.953 },
      { name: 'chargebacks', value: 0 },
    ]
    expect(factsIn(german, bandedFacts(evidence))).toEqual([
      { name: 'Anfragen (1h)', band: '1.000 bis 10.000' },
      { name: 'Anteil, der eine Liste abarbeitet (1h)', band: 'mehr als drei Viertel' },
      { name: 'zurückgeholte Zahlungen', band: 'keine' },
    ])
  })

  it('are in bands as wide as their size, and what is unknown is none', () => {
    const bands = [0, 0.24, 0.25, 1, 9.9, 10, 99, 100].map(bandOf)
    const [few, tens, hundreds] = ['fewer than 10', '10 to 100', '100 to 1,000']
    expect(bands).toEqual([
      'none',
      'less than a quarter',
      'a quarter to a half',
      few,
      few,
      tens,
      tens,
      hundreds,
    ])
    expect([NaN, -1, Infinity].map(bandOf)).toEqual([null, null, null])
  })

  it('tell nothing of pools, nor of what the account was granted', () => {
    const evidence = ['pool.waiting', 'account.quota.requestsPerHour'].map((name) => ({ name, value: 7 }))
    expect(bandedFacts([...evidence, { name: 'requests_1h', value: NaN }])).toEqual([])
  })

  it('stay as they are where a language has no words for them', () => {
    const facts = [{ name: 'never heard of (1h)', band: 'quite some' }]
    expect(factsIn(german, facts)).toEqual(facts)
  })

  it.each([0, 0.1, 0.3, 0.6, 0.9, 5, 50, 5_000_000])('have a German band for %d', (value) => {
    const english = bandOf(value) ?? ''
    expect(factsIn(german, [{ name: 'requests', band: english }])[0]?.band).not.toBe(english)
  })

  it.each(LANGUAGES)('are named in %s, whatever a detector shows', (language) => {
    expect(shown.length).toBeGreaterThan(0)
    const named = Object.keys(policy.wordings[language]?.features ?? {})
    expect([...new Set(shown)].filter((name) => !named.includes(name))).toEqual([])
  })
})
