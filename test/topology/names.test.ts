/** What conditions read of account, standing and pool: unknown wherever the platform has not said. */
import { describe, expect, it } from 'vitest'
import type { AccountState } from '../../src/domain/account.ts'
import type { SanctionAct } from '../../src/domain/sanction.ts'
import type { ActiveSanction } from '../../src/domain/standing.ts'
import { compileExpression } from '../../src/topology/expression.ts'
import type { DetectorScope, PoolView } from '../../src/topology/model.ts'
import { snoozeId } from '../../src/domain/ids.ts'
import { detectorNames } from '../../src/topology/names.ts'

const NOW = 1_000_000

const ACCOUNT: AccountState = {
  accountId: 'a',
  organizationId: null,
  tier: 'trial',
  createdAtMs: NOW - 5_000,
  updatedAtMs: NOW,
  quota: { requestsPerMinute: null, requestsPerHour: 200, tokensPerHour: null, gpuSecondsPerHour: 60 },
  limitScope: 'key',
  grants: [],
  protected: false,
  ageVerified: null,
  ageAttested: true,
  language: null,
  ownHosts: null,
}

const POOL: PoolView = {
  complete: true,
  minutes: 10,
  saturatedMinutes: 6,
  degradedMinutes: 0,
  gpuSeconds: 4_000,
  accountsWaiting: 3,
  requestsWaiting: 9,
}

const sanction = (act: SanctionAct, effectiveAtMs: number, endsAtMs: number | null): ActiveSanction => ({
  sanctionId: act,
  act,
  scope: 'key',
  scopeTarget: 'key-1',
  rateCeilingPerMinute: null,
  actorLevel: 'key',
  actorId: 'key-1',
  reasonCode: 'fair-use',
  effectiveAtMs,
  endsAtMs,
})

const SCOPE: DetectorScope = {
  feature: () => NaN,
  stepsTo: () => 0,
  account: ACCOUNT,
  standing: {
    sanctions: [sanction('restriction', NOW, NOW + 1), sanction('suspension', NOW - 9, NOW)],
    strikesUntilMs: [NOW + 1, NOW, NOW + 9],
    snoozes: [],
  },
  pool: POOL,
  nowMs: NOW,
  jitter: () => 0.5,
  listed: () => NaN,
  granted: (kind) => (kind === 'redTeam' ? NaN : Number(kind === 'scraping')),
  grantCap: (kind) => (kind === 'scraping' ? 500 : NaN),
}
const NAMES = detectorNames([], [], ['partners'], { id: 'some.thing', jitter: 0.2 })

function valueOf(text: string, scope: DetectorScope): number {
  const result = compileExpression(text, NAMES, 'bool')
  if ('mistake' in result) throw new Error(result.mistake.message)
  return result.compiled.evaluate(scope)
}

describe('an account', () => {
  it.each([
    ['account.quota.requestsPerHour == 200', 1],
    ['account.quota.tokensPerHour > 0', NaN],
    ['account.grants.scraping', 1],
    ['!account.grants.redTeam', NaN],
    ['account.grantCaps.scraping == 500', 1],
    ['account.grantCaps.reseller > 0', NaN],
    ['!account.grants.bulkProcessing', 1],
    ['account.tier in ["free", "trial"]', 1],
    ['account.limitScope == "key"', 1],
    ['account.ageMs == 5000', 1],
    ['account.ageVerified', NaN],
    ['account.ageAttested && !account.protected', 1],
  ])('%s is %s', (text, value) => {
    expect(valueOf(text, SCOPE)).toBe(value)
  })

  it('that nobody has described makes every condition on it unknown', () => {
    const nobody = { ...SCOPE, account: null, granted: () => NaN, grantCap: () => NaN }
    for (const name of NAMES.keys()) {
      if (!name.startsWith('account.')) continue
      const kind = NAMES.get(name)?.type
      const value = name === 'account.tier' ? 'free' : 'key'
      const text = kind === 'bool' ? `!${name}` : kind === 'text' ? `${name} != "${value}"` : `${name} >= 0`
      expect(valueOf(text, nobody)).toBeNaN()
    }
  })
})

describe('a standing', () => {
  const under = (...sanctions: ActiveSanction[]): DetectorScope => ({
    ...SCOPE,
    standing: { sanctions, strikesUntilMs: null, snoozes: null },
  })

  it('is what is in force at the time, of the account or any part of it', () => {
    expect(valueOf('standing.restricted && !standing.suspended', SCOPE)).toBe(1)
    expect(valueOf('standing.restricted', { ...SCOPE, nowMs: NOW + 1 })).toBe(0)
    expect(valueOf('standing.suspended', { ...SCOPE, nowMs: NOW - 1 })).toBe(1)
  })

  it('counts what is stricter as well, and nothing that is not in force yet', () => {
    expect(valueOf('standing.restricted', under(sanction('suspension', NOW, null)))).toBe(1)
    expect(valueOf('standing.suspended', under(sanction('termination', NOW, null)))).toBe(1)
    expect(valueOf('standing.suspended', under(sanction('suspension', NOW + 1, null)))).toBe(0)
  })

  const snoozed = (detectorId: string | null, untilMs: number): DetectorScope => ({
    ...SCOPE,
    standing: { sanctions: [], strikesUntilMs: [], snoozes: [{ id: snoozeId(detectorId), untilMs }] },
  })

  it('tells whether people have snoozed the detector that asks, or every one, until its end', () => {
    expect(valueOf('standing.snoozed', snoozed('some.thing', NOW + 1))).toBe(1)
    expect(valueOf('standing.snoozed', snoozed(null, NOW + 1))).toBe(1)
    expect(valueOf('standing.snoozed', snoozed('some.thing', NOW))).toBe(0)
    expect(valueOf('standing.snoozed', snoozed('some.other', NOW + 1))).toBe(0)
    expect(valueOf('!standing.snoozed', SCOPE)).toBe(1)
    expect(valueOf('!standing.snoozed', under())).toBeNaN()
    expect(valueOf('!standing.snoozed', { ...SCOPE, standing: null })).toBeNaN()
  })

  it('tells the strikes that are not forgotten', () => {
    expect(valueOf('standing.strikes == 2', SCOPE)).toBe(1)
    expect(valueOf('standing.strikes >= 0', under())).toBeNaN()
  })

  it('that is not known makes conditions unknown', () => {
    for (const text of ['!standing.restricted', '!standing.suspended', 'standing.strikes >= 0'])
      expect(valueOf(text, { ...SCOPE, standing: null })).toBeNaN()
  })
})

describe('a pool', () => {
  it('is read over complete minutes', () => {
    expect(valueOf('pool.saturatedMinutes >= 5 && pool.degradedMinutes == 0', SCOPE)).toBe(1)
  })

  it('that is unknown or not yet complete makes conditions unknown', () => {
    for (const pool of [null, { ...POOL, complete: false }])
      expect(valueOf('pool.degradedMinutes == 0', { ...SCOPE, pool })).toBeNaN()
  })
})

describe('lists', () => {
  it('are asked for by the name that is declared, and may be unknown', () => {
    expect(valueOf('lists.partners', { ...SCOPE, listed: (name) => Number(name === 'partners') })).toBe(1)
    expect(valueOf('!lists.partners', { ...SCOPE, listed: () => 0 })).toBe(1)
    expect(valueOf('!lists.partners', SCOPE)).toBeNaN()
  })
})

describe('a condition', () => {
  it.each([
    'accountId',
    'organizationId',
    'projectId',
    'keyId',
    'endUserId',
    'conversationId',
    'account.id',
    'account.accountId',
    'account.organizationId',
  ])('may not name an account or one of its actors: %s (P10)', (name) => {
    const result = compileExpression(`${name} == "one"`, NAMES, 'bool')
    expect('mistake' in result ? result.mistake.code : 'none').toBe('names-account')
  })
})

describe('jitter', () => {
  it('moves a threshold by its share of what the detector allows', () => {
    expect(valueOf('jitter == 1.1', SCOPE)).toBe(1)
    expect(valueOf('jitter == 0.9', { ...SCOPE, jitter: () => -0.5 })).toBe(1)
  })
})
