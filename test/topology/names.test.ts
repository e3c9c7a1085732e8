/** What conditions read of account and pool: unknown wherever the platform has not said. */
import { describe, expect, it } from 'vitest'
import type { AccountState } from '../../src/domain/account.ts'
import { compileExpression } from '../../src/topology/expression.ts'
import type { DetectorScope, PoolView } from '../../src/topology/model.ts'
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
  grants: [
    { kind: 'scraping', issuedBy: 'someone', reason: 'agreed', expiresAtMs: NOW + 1 },
    { kind: 'redTeam', issuedBy: 'someone', reason: 'agreed', expiresAtMs: NOW },
    { kind: 'reseller', issuedBy: 'someone', reason: 'agreed', expiresAtMs: null },
  ],
  protected: false,
  ageVerified: null,
  ageAttested: true,
  language: null,
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

const SCOPE: DetectorScope = {
  feature: () => NaN,
  account: ACCOUNT,
  pool: POOL,
  nowMs: NOW,
  jitter: () => 0.5,
}
const NAMES = detectorNames([], [], { id: 'some.thing', jitter: 0.2 })

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
    ['account.grants.redTeam', 0],
    ['account.grants.reseller', 1],
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
    for (const name of NAMES.keys()) {
      if (!name.startsWith('account.')) continue
      const kind = NAMES.get(name)?.type
      const text = kind === 'bool' ? `!${name}` : kind === 'text' ? `${name} != "free"` : `${name} >= 0`
      expect(valueOf(text, { ...SCOPE, account: null })).toBeNaN()
    }
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

describe('jitter', () => {
  it('moves a threshold by its share of what the detector allows', () => {
    expect(valueOf('jitter == 1.1', SCOPE)).toBe(1)
    expect(valueOf('jitter == 0.9', { ...SCOPE, jitter: () => -0.5 })).toBe(1)
  })
})
