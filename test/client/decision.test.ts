/** What a gateway is told for a request, sanction by sanction. */
import { describe, expect, it } from 'vitest'
import { ALLOWED, decisionOf, type Ask } from '../../src/client/decision.ts'
import { refusalOf } from '../../src/client/refusal.ts'
import type { ActiveSanction } from '../../src/domain/standing.ts'

const NOW_MS = Date.UTC(2026, 5, 1, 12)
const HOUR_MS = 3_600_000
const APPEAL = 'https://example.com/appeal'

const sanction = (given: Partial<ActiveSanction> = {}): ActiveSanction => ({
  sanctionId: 's1',
  act: 'suspension',
  scope: 'account',
  scopeTarget: null,
  rateCeilingPerMinute: null,
  actorLevel: 'account',
  actorId: 'acme',
  reasonCode: 'fair-use',
  effectiveAtMs: NOW_MS - HOUR_MS,
  endsAtMs: NOW_MS + HOUR_MS,
  ...given,
})

const ASK: Ask = { keyId: 'k1', projectId: 'p1', endUserId: 'u1', capability: 'large', poolId: 'pool-1' }
/** One sanction alone is kept without a list. */
const may = (active: readonly ActiveSanction[], ask: Ask = ASK, nowMs = NOW_MS) =>
  decisionOf(active.length === 1 && active[0] !== undefined ? active[0] : active, 'acme', ask, nowMs)

describe('a sanction', () => {
  it('holds from its beginning to its end, whether or not the end was announced', () => {
    const one = [sanction()]
    expect(may(one, ASK, NOW_MS - HOUR_MS - 1)).toBe(ALLOWED)
    expect(may(one, ASK, NOW_MS - HOUR_MS).allow).toBe(false)
    expect(may(one, ASK, NOW_MS + HOUR_MS - 1).allow).toBe(false)
    expect(may(one, ASK, NOW_MS + HOUR_MS)).toBe(ALLOWED)
    expect(may([sanction({ act: 'termination', endsAtMs: null })], ASK, NOW_MS * 2).allow).toBe(false)
  })

  it.each([
    ['account', null],
    ['api', null],
    ['key', 'k1'],
    ['project', 'p1'],
    ['endUser', 'u1'],
    ['capability', 'large'],
  ] as const)('of scope %s closes what it names', (scope, scopeTarget) => {
    expect(may([sanction({ scope, scopeTarget, act: 'restriction' })])).toMatchObject({
      allow: false,
      sanctionId: 's1',
      reasonCode: 'fair-use',
      untilMs: NOW_MS + HOUR_MS,
      inFlight: 'finish',
    })
  })

  it.each(['key', 'project', 'endUser', 'capability'] as const)(
    'of scope %s closes nothing else, and nothing that the gateway did not name',
    (scope) => {
      const one = [sanction({ scope, scopeTarget: 'another' })]
      expect(may(one)).toBe(ALLOWED)
      expect(may(one, {})).toBe(ALLOWED)
    },
  )

  it('of a model binds the actor alone who acted', () => {
    const one = [
      sanction({ scope: 'capability', scopeTarget: 'large', actorLevel: 'endUser', actorId: 'u1' }),
    ]
    expect(may(one).allow).toBe(false)
    expect(may(one, { ...ASK, endUserId: 'u2' })).toBe(ALLOWED)
  })

  it('of the account closes it whoever of it acted', () => {
    expect(may([sanction({ actorLevel: 'key', actorId: 'another key' })]).allow).toBe(false)
  })

  it('that is a warning forbids nothing', () => {
    expect(may([sanction({ act: 'warning' })])).toBe(ALLOWED)
  })
})

describe('a ceiling', () => {
  const ceiling = (perMinute: number, given: Partial<ActiveSanction> = {}) =>
    sanction({ act: 'restriction', scope: 'rate', rateCeilingPerMinute: perMinute, ...given })

  it('allows, and says how much; the lowest counts', () => {
    expect(may([ceiling(60), ceiling(20, { sanctionId: 's2' }), ceiling(90)])).toMatchObject({
      allow: true,
      ratePerMinute: 20,
      sanctionId: 's2',
    })
  })

  it('on one pool holds there, and everywhere for a gateway that knows of no pools', () => {
    const one = [ceiling(60, { scopeTarget: 'pool-1' })]
    expect(may(one).ratePerMinute).toBe(60)
    expect(may(one, { ...ASK, poolId: 'pool-2' })).toBe(ALLOWED)
    expect(may(one, { keyId: 'k1' }).ratePerMinute).toBe(60)
  })

  it('lets what runs finish, also where a suspension was narrowed to it', () => {
    const narrowed = { ...ceiling(60), act: 'suspension' as const }
    expect(may([narrowed])).toMatchObject({ allow: true, ratePerMinute: 60, inFlight: 'finish' })
  })

  it('gives way to what forbids', () => {
    expect(may([ceiling(60), sanction({ sanctionId: 's2' })])).toMatchObject({
      allow: false,
      ratePerMinute: null,
      sanctionId: 's2',
    })
  })
})

describe('of several', () => {
  it('the strictest decides, of equals the one that lasts longest', () => {
    const restriction = sanction({ sanctionId: 'r', act: 'restriction', endsAtMs: NOW_MS + 9 * HOUR_MS })
    const short = sanction({ sanctionId: 'short' })
    const long = sanction({ sanctionId: 'long', endsAtMs: NOW_MS + 2 * HOUR_MS })
    expect(may([restriction, short, long])).toMatchObject({ sanctionId: 'long', inFlight: 'abort' })
  })
})

describe('a refusal', () => {
  it('is a 403 that says until when, under which code, and how to appeal', () => {
    const { status, body } = refusalOf(may([sanction()]), APPEAL)
    expect(status).toBe(403)
    expect(body.error).toEqual({
      message:
        'This use of the account is suspended until 2026-06-01T13:00:00.000Z under the acceptable use policy (fair-use). ' +
        'How to appeal: https://example.com/appeal',
      type: 'permission_error',
      param: null,
      code: 'access_suspended',
      sanction_id: 's1',
      appeal_url: APPEAL,
    })
  })

  it('of a closed account says so', () => {
    const { body } = refusalOf(may([sanction({ act: 'termination', endsAtMs: null })]), APPEAL)
    expect(body.error).toMatchObject({ code: 'account_terminated' })
    expect(body.error.message).toMatch(/^This account was closed under/)
  })

  it('past a ceiling is a 429 with the ceiling', () => {
    const decision = may([sanction({ act: 'restriction', scope: 'rate', rateCeilingPerMinute: 60 })])
    const { status, headers, body } = refusalOf(decision, APPEAL, true)
    expect([status, headers['retry-after'], body.error.code]).toEqual([429, '60', 'rate_ceiling'])
    expect(body.error.message).toContain('60 requests a minute')
    expect(refusalOf({ ...decision, stale: true }, APPEAL, true).status).toBe(429)
  })
})
