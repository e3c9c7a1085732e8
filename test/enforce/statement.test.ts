/** What the one who is sanctioned is told: why, in which language, what is done, how far and until when. */
import { describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import type { SanctionAct } from '../../src/domain/sanction.ts'
import { findingOf } from '../../src/enforce/finding.ts'
import { statementOf } from '../../src/enforce/statement.ts'
import {
  accountEvent,
  accountState,
  ACCOUNT,
  CSAM,
  clause,
  DAY,
  decision,
  endUser,
  HOUR,
  key,
  policy,
  SCRAPING,
  signal,
  signalOf,
  step,
  T0,
} from './support/fixtures.ts'
import { given } from './support/given.ts'

describe('the statement of reasons', () => {
  const input = (more: object) => ({
    policy: policy(),
    clause: SCRAPING,
    severity: 'S2' as const,
    language: null,
    finding: findingOf(signalOf()),
    act: 'suspension' as const,
    scope: { scope: 'api' as const, scopeTarget: null, rateCeilingPerMinute: null },
    effectiveAtMs: T0,
    endsAtMs: T0 + DAY,
    automatedDetection: true,
    automatedDecision: true,
    remediateByMs: null,
    ...more,
  })

  it('tells facts in bands, never figures', () => {
    const { text, facts } = statementOf(input({}))
    expect(facts).toEqual([
      { name: 'requests (1h)', band: '1,000 to 10,000' },
      { name: 'slot enumeration (1h)', band: 'more than three quarters' },
    ])
    expect(text).not.toMatch(/4321|4,321|0\.953/)
  })

  it('speaks the account’s language, or its root, or English', () => {
    expect(statementOf(input({ language: 'de-AT' })).text).toContain('Massenabruf')
    expect(statementOf(input({ language: 'fr' })).language).toBe('en')
  })

  it('says no more of S0 than the reason code does (P9)', () => {
    const statement = statementOf(input({ severity: 'S0', clause: CSAM }))
    expect(statement.facts).toEqual([])
    expect(statement.text).not.toMatch(/csam/i)
  })

  it('speaks the account’s language of S0 too, and of how to appeal', () => {
    const { policy: shipped } = loadBundle('topologies')
    const german = statementOf({
      ...input({ severity: 'S0', clause: CSAM, language: 'de-AT' }),
      policy: shipped,
    })
    expect(german).toMatchObject({ language: 'de', facts: [] })
    expect(german.text).toMatch(
      /^Die Nutzung dieses Kontos ist .* eingeschränkt. Gesperrt bis .*: Schnittstelle.$/,
    )
    expect(german.howToAppeal).toMatch(/Widerspruch/)
    const english = statementOf({
      ...input({ severity: 'S0', clause: CSAM, language: 'fr' }),
      policy: shipped,
    })
    expect(english).toMatchObject({ language: 'en', howToAppeal: shipped.howToAppeal })
  })

  it('of an end speaks the account’s language, however the measure came to it', () => {
    const { policy: shipped } = loadBundle('topologies')
    const account = given({ policy: shipped }, accountState({ language: 'de' })).hear(T0, signal())
    const warning = account.act
    account.hear(T0 + HOUR, accountEvent('remediated', warning.id, T0 + HOUR))
    expect(account.act.statement).toMatchObject({
      language: 'de',
      text: 'Die Maßnahme ist beendet: Der Anlass ist behoben.',
    })
    account.hear(T0 + 2 * HOUR, decision('reverse', 'ann', { sanctionId: warning.id }))
    expect(account.act.statement).toMatchObject({
      language: 'de',
      text: 'Die Maßnahme ist zurückgenommen: Ein Mensch hat so entschieden.',
    })
  })

  it('can be appealed for as long as the policy says', () => {
    expect(statementOf(input({})).appealUntilMs).toBe(T0 + 180 * DAY)
  })
})

describe('scopes', () => {
  it('take the narrowest actor that carries the evidence', () => {
    const narrow = clause(SCRAPING, 'S2', [step('restriction', HOUR)])
    const by = (shape: Parameters<typeof signal>[0]) =>
      given({ policy: policy({ clauses: [narrow] }) }).hear(T0, signal(shape)).act
    expect(by({ actor: key('k1') })).toMatchObject({ scope: 'key', scopeTarget: 'k1' })
    expect(by({ actor: endUser('u1') })).toMatchObject({ scope: 'endUser', scopeTarget: 'u1' })
    expect(by({ more: { capability: 'image' } })).toMatchObject({ scope: 'capability', scopeTarget: 'image' })
    expect(by({})).toMatchObject({ scope: 'api', scopeTarget: null, actor: { id: ACCOUNT } })
  })
})

const { policy: shippedPolicy } = loadBundle('topologies')
const WHOLE = { scope: 'account' as const, scopeTarget: null, rateCeilingPerMinute: null }
const RATE = { scope: 'rate' as const, scopeTarget: null, rateCeilingPerMinute: 60 }
const END = '2026-06-02 00:00 UTC'

function told(act: Exclude<SanctionAct, 'lifting' | 'reversal'>, more: object = {}): string {
  const endsAtMs = act === 'termination' ? null : Date.UTC(2026, 5, 2)
  return statementOf({
    policy: shippedPolicy,
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
    expect(told('warning')).toMatch(`This is a warning; please act by ${END}.`)
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
    const { measures, ...wording } = shippedPolicy.wordings['en'] ?? {}
    expect(measures).toBeDefined()
    const older = {
      ...shippedPolicy,
      wordings: { en: { ...wording, measures: null } },
      statements: { en: { [SCRAPING]: text } },
    }
    expect(told('suspension', { policy: older })).toBe(`Limited: account until ${END}.`)
  })
})
