/** What the one who is sanctioned is told of the measure itself: what is done, how far, until when, in words. */
import { describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { findingOf } from '../../src/enforce/finding.ts'
import type { SanctionAct } from '../../src/domain/sanction.ts'
import { statementOf } from '../../src/enforce/statement.ts'
import { CSAM, key, SCRAPING, signalOf, T0 } from './support/fixtures.ts'

const { policy } = loadBundle('topologies')
const WHOLE = { scope: 'account' as const, scopeTarget: null, rateCeilingPerMinute: null }
const RATE = { scope: 'rate' as const, scopeTarget: null, rateCeilingPerMinute: 60 }
const END = '2026-06-02 00:00 UTC'

function told(act: Exclude<SanctionAct, 'lifting' | 'reversal'>, more: object = {}): string {
  const endsAtMs = act === 'termination' ? null : Date.UTC(2026, 5, 2)
  return statementOf({
    policy,
    clause: SCRAPING,
    severity: 'S2',
    language: 'en',
    finding: findingOf(signalOf()),
    act,
    scope: WHOLE,
    effectiveAtMs: T0,
    endsAtMs,
    automatedDetection: true,
    automatedDecision: true,
    remediateByMs: act === 'warning' ? Date.UTC(2026, 5, 2) : null,
    ...more,
  }).text
}

describe('a statement says what is done', () => {
  it('of each measure in its own words', () => {
    expect(told('warning')).toMatch(`This is a warning; please act until ${END}.`)
    expect(told('restriction')).toMatch(`Closed until ${END}: account.`)
    expect(told('suspension')).toMatch(`Suspended until ${END}: account.`)
    expect(told('termination')).toMatch(/The account is closed for good\.$/)
    expect(told('suspension', { language: 'de' })).toMatch(`Gesperrt bis ${END}: Konto.`)
  })

  it('of a ceiling how many requests are served, and whose', () => {
    const most = `Until ${END} at most 60 requests a minute are served`
    expect(told('restriction', { scope: RATE })).toContain(`${most} (account).`)
    expect(told('suspension', { scope: { ...RATE, scopeTarget: 'pool-a' } })).toContain(`${most} (pool-a).`)
    const ofKey = findingOf(signalOf({ actor: key('k1') }))
    expect(told('restriction', { scope: RATE, finding: ofKey })).toContain(`${most} (key k1).`)
  })

  it('of S0 no more than that', () => {
    expect(told('termination', { severity: 'S0', clause: CSAM })).toBe(
      'The use of this account is limited under the acceptable use policy. The account is closed for good.',
    )
  })

  it('as it did where a policy has no words for it', () => {
    const text = { summary: 'Limited: {scope} until {until}.', remediate: 'Mend it.' }
    const { measures, ...wording } = policy.wordings['en'] ?? {}
    expect(measures).toBeDefined()
    const older = {
      ...policy,
      wordings: { en: { ...wording, measures: null } },
      statements: { en: { [SCRAPING]: text } },
    }
    expect(told('suspension', { policy: older })).toBe(`Limited: account until ${END}.`)
  })
})
