/** Sanctions and signals in others' words, held to the field rules of their specifications. */
import { describe, expect, it } from 'vitest'
import type { ReviewCase } from '../../src/domain/case.ts'
import type { Sanction } from '../../src/domain/sanction.ts'
import { publicationOf } from '../../src/enforce/publication.ts'
import { ClauseNames } from '../../src/enforce/clause-names.ts'
import { dsaStatement, statementIds } from '../../src/export/dsa.ts'
import { detectionFinding } from '../../src/export/ocsf.ts'
import { securityEvents } from '../../src/export/ssf.ts'
import { transparencyCounts } from '../../src/export/transparency.ts'
import {
  ACCOUNT,
  appeal,
  CSAM,
  decision,
  HOUR,
  key,
  policy,
  signal,
  signalOf,
  T0,
  SANCTION_IDS,
} from '../enforce/support/fixtures.ts'
import { given, sanctionsOf, type Account } from '../enforce/support/given.ts'

const ids = statementIds({ id: 'k1', secret: Buffer.from('a key for tests alone') })
const EXACT = { evidence: [{ name: 'exactMatch', value: 1 }] }

/** Warned, suspended, terminated by two people. */
function everything(): Account {
  const account = given()
    .hear(T0, signal({ actor: key('key-of-the-customer') }))
    .hear(T0 + HOUR, signal({ clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + HOUR, more: EXACT }))
  const caseId = account.openedCase.id
  account.hear(T0 + 2 * HOUR, decision('terminate', 'ann', { caseId }))
  return account.hear(T0 + 3 * HOUR, decision('terminate', 'ben', { caseId }))
}

const only = (account: Account, act: Sanction['act']): Sanction => {
  const found = sanctionsOf(account.outcomes).find((one) => one.act === act)
  if (found === undefined) throw new Error(`no ${act}`)
  return found
}

describe('a statement for the transparency database', () => {
  const account = everything()
  const statement = dsaStatement(only(account, 'suspension'), 'No such content', ids)

  it('has every field that the database asks for, in its words', () => {
    expect(statement).toMatchObject({
      decision_account: 'DECISION_ACCOUNT_SUSPENDED',
      decision_ground: 'DECISION_GROUND_INCOMPATIBLE_CONTENT',
      category: 'STATEMENT_CATEGORY_PROTECTION_OF_MINORS',
      category_specification: ['KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL'],
      content_type: ['CONTENT_TYPE_SYNTHETIC_MEDIA'],
      source_type: 'SOURCE_VOLUNTARY',
      automated_detection: 'Yes',
      automated_decision: 'AUTOMATED_DECISION_FULLY',
    })
    const { content_date, application_date, end_date_account_restriction } = statement ?? {}
    for (const day of [content_date, application_date, end_date_account_restriction])
      expect(day).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(statement?.puid).toMatch(/^[a-zA-Z0-9-_]+$/)
    expect(statement?.incompatible_content_ground.length).toBeLessThanOrEqual(500)
    expect(statement?.incompatible_content_explanation.length).toBeLessThanOrEqual(2_000)
    expect(statement?.decision_facts.length).toBeLessThanOrEqual(5_000)
    expect(statement?.territorial_scope).toHaveLength(30)
    expect(
      dsaStatement(only(account, 'suspension'), 'x'.repeat(3_000), ids)?.incompatible_content_ground,
    ).toHaveLength(500)
  })

  it('says what was decided: of a part, of the whole, for good; nothing of a warning', () => {
    const suspension = only(account, 'suspension')
    const said = (more: Partial<Sanction>) => dsaStatement({ ...suspension, ...more }, 'No such content', ids)
    expect(said({ scope: 'key', scopeTarget: 'k' })?.decision_provision).toBe(
      'DECISION_PROVISION_PARTIAL_SUSPENSION',
    )
    expect(said({ scope: 'api' })?.decision_provision).toBe('DECISION_PROVISION_TOTAL_SUSPENSION')
    for (const scope of ['api', 'account'] as const)
      expect(said({ act: 'restriction', scope })?.decision_provision).toBe(
        'DECISION_PROVISION_TOTAL_SUSPENSION',
      )
    expect(said({ act: 'restriction', scope: 'rate' })?.decision_provision).toBe(
      'DECISION_PROVISION_PARTIAL_SUSPENSION',
    )
    expect(dsaStatement(only(account, 'termination'), 'x', ids)).toMatchObject({
      decision_account: 'DECISION_ACCOUNT_TERMINATED',
      end_date_account_restriction: null,
      automated_decision: 'AUTOMATED_DECISION_PARTIALLY',
    })
    expect(dsaStatement(only(account, 'warning'), 'x', ids)).toBeNull()
  })

  it('has an id of its own that only the key can make again', () => {
    const { id } = only(account, 'suspension')
    const other = statementIds({ id: 'k2', secret: Buffer.from('another key for tests') })
    expect(statement?.puid).toMatch(/^[0-9a-f]{32}$/)
    expect(statement?.puid).not.toBe(other(id))
    expect(JSON.stringify(statement)).not.toContain(id)
  })

  it('holds no personal data: no account, no key, no person who decided', () => {
    const all = sanctionsOf(account.outcomes).map((one) =>
      dsaStatement({ ...one, scope: 'key', scopeTarget: 'key-of-the-customer' }, 'No such content', ids),
    )
    const told = JSON.stringify(all)
    for (const hidden of [ACCOUNT, 'key-of-the-customer', 'ann', 'ben', 'detector', signalOf().id])
      expect(told).not.toContain(hidden)
  })
})

const ABOUT = { issuer: 'https://issuer', audience: 'https://audience', nowMs: T0 + 10 * HOUR }

describe('shared signals', () => {
  const events = (account: Account) => securityEvents(sanctionsOf(account.outcomes), ABOUT)
  const kinds = async (account: Account, nowMs = ABOUT.nowMs) =>
    (await securityEvents(sanctionsOf(account.outcomes), { ...ABOUT, nowMs })).flatMap((one) =>
      Object.keys(one.events).map((uri) => uri.split('/').at(-1)),
    )

  it('disable the account once, whatever more closes it, and enable it when nothing does', async () => {
    const account = everything()
    expect(await kinds(account)).toEqual(['account-disabled', 'session-revoked'])
    account.hear(T0 + 4 * HOUR, decision('reverse', 'cat', { sanctionId: only(account, 'suspension').id }))
    expect(await kinds(account)).toEqual(['account-disabled', 'session-revoked'])
    account.hear(T0 + 5 * HOUR, decision('reverse', 'cat', { sanctionId: only(account, 'termination').id }))
    expect(await kinds(account)).toEqual(['account-disabled', 'session-revoked', 'account-enabled'])
  })

  it('disable it for a restriction of the whole, which gateways refuse too, and not for one of a part', async () => {
    const [warned] = sanctionsOf(everything().outcomes)
    const of = (scope: 'api' | 'capability') =>
      warned === undefined ? [] : securityEvents([{ ...warned, act: 'restriction', scope }], ABOUT)
    expect(await of('api')).toHaveLength(2)
    expect(await of('capability')).toEqual([])
  })

  it('enable it at the end of what closed it, whether or not that was announced, and once', async () => {
    const account = given().hear(T0, signal({ clause: CSAM, detectorId: 'csam.known-media', more: EXACT }))
    const endsAtMs = only(account, 'suspension').endsAtMs ?? 0
    const closed = ['account-disabled', 'session-revoked']
    expect(await kinds(account, endsAtMs - 1)).toEqual(closed)
    expect(await kinds(account, endsAtMs)).toEqual([...closed, 'account-enabled'])
    const before = await securityEvents(sanctionsOf(account.outcomes), { ...ABOUT, nowMs: endsAtMs })
    account.passTo(endsAtMs + HOUR)
    expect(only(account, 'lifting').effectiveAtMs).toBeGreaterThanOrEqual(endsAtMs)
    const after = await securityEvents(sanctionsOf(account.outcomes), {
      ...ABOUT,
      nowMs: endsAtMs + 2 * HOUR,
    })
    expect(after.slice(0, 3)).toEqual(before)
  })

  it('come when a delayed suspension takes effect, and not at all where it was ended before', async () => {
    const suspension = only(everything(), 'suspension')
    const delayed = { ...suspension, effectiveAtMs: suspension.issuedAtMs + HOUR }
    const endedAt = (atMs: number): Sanction => ({
      ...suspension,
      id: 'its-end',
      act: 'reversal',
      endsSanctionId: suspension.id,
      issuedAtMs: atMs,
      effectiveAtMs: atMs,
    })
    const times = async (log: readonly Sanction[]) => (await securityEvents(log, ABOUT)).map(({ iat }) => iat)
    const seconds = delayed.effectiveAtMs / 1_000
    expect(await times([delayed])).toEqual([seconds, seconds])
    expect(await times([delayed, endedAt(delayed.issuedAtMs + 1)])).toEqual([])
    expect(await times([delayed, endedAt(delayed.effectiveAtMs + HOUR)])).toEqual([
      seconds,
      seconds,
      seconds + 3_600,
    ])
  })

  it('are claims of a security event token with one event, without a word of why', async () => {
    const [disabled] = await events(everything())
    expect(disabled).toEqual({
      iss: 'https://issuer',
      aud: 'https://audience',
      jti: disabled?.jti,
      iat: Math.floor((T0 + HOUR) / 1_000),
      sub_id: { format: 'opaque', id: ACCOUNT },
      events: { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {} },
    })
    const all = await events(everything())
    expect(new Set(all.map(({ jti }) => jti)).size).toBe(all.length)
    for (const one of all) expect(Object.keys(one.events)).toHaveLength(1)
    expect(JSON.stringify(all)).not.toMatch(/csam|scraping|content/)
  })
})

describe('a detection finding', () => {
  it('has what the class asks for, and its ids agree', () => {
    const finding = detectionFinding(signalOf({ actor: key('k1') }), 'S2', '0.1.0')
    expect(finding.type_uid).toBe(finding.class_uid * 100 + finding.activity_id)
    expect(finding).toMatchObject({
      category_uid: 2,
      class_uid: 2004,
      severity_id: 3,
      confidence_id: 3,
      confidence_score: 90,
      time: T0,
      metadata: { version: '1.5.0', product: { name: 'Bailiff', vendor_name: 'Bailiff', version: '0.1.0' } },
      finding_info: {
        uid: signalOf({ actor: key('k1') }).id,
        analytic: { type_id: 1, state_id: 1, version: '3' },
      },
      resources: [
        { uid: ACCOUNT, type: 'account' },
        { uid: 'k1', type: 'key' },
      ],
    })
    expect(detectionFinding(signalOf({ more: { mode: 'shadow' } }), null, '0')).toMatchObject({
      severity_id: 0,
      is_alert: false,
      finding_info: { analytic: { state_id: 3 } },
    })
  })
})

describe('the clause that a record does not name', () => {
  it('is known of the first of a strike by its id, of what took its place and ended it by the strike', () => {
    const account = everything()
    const suspension = only(account, 'suspension')
    account.hear(T0 + 4 * HOUR, decision('reverse', 'cat', { sanctionId: suspension.id }))
    const names = new ClauseNames(policy(), SANCTION_IDS)
    const told = account.outcomes
      .map((outcome) => publicationOf(outcome, false)?.value)
      .filter((value) => value !== null && value !== undefined && 'strikeOrdinal' in value)
      .filter(({ severity }) => severity === 'S0')
    expect(told.map(({ act }) => act)).toEqual(['suspension', 'termination', 'reversal'])
    expect(new Set(told.map(({ clause }) => clause))).not.toContain(CSAM)
    expect(told.map((one) => names.named(one).clause)).toEqual([CSAM, CSAM, CSAM])
  })
})

describe('the transparency report', () => {
  it('counts measures by clause, act and automation, and appeals by how they ended', async () => {
    const account = everything()
    const termination = only(account, 'termination')
    const word = appeal(termination.id, { submittedAtMs: T0 + 4 * HOUR })
    account.hear(T0 + 4 * HOUR, word)
    const appealed = word.kind === 'appeal' ? [word.appeal] : []
    const counts = () =>
      transparencyCounts(
        { sanctions: sanctionsOf(account.outcomes), appeals: appealed, reviews: [], decisions: [] },
        T0,
        T0 + 100 * HOUR,
      )
    expect((await counts()).appeals).toEqual({
      submitted: 1,
      granted: 0,
      refused: 0,
      open: 1,
      medianHours: null,
    })
    account.hear(T0 + 6 * HOUR, decision('reject', 'cat', { caseId: account.openedCase.id }))
    expect(await counts()).toMatchObject({
      measures: [
        { clause: 'fair-use.scraping', act: 'warning', automated: true, count: 1, reversed: 0 },
        { clause: CSAM, act: 'suspension', automated: true, count: 1, reversed: 0 },
        { clause: CSAM, act: 'termination', automated: false, count: 1, reversed: 1 },
      ],
      appeals: { submitted: 1, granted: 1, refused: 0, open: 0, medianHours: 2 },
    })
  })

  it('counts an appeal as refused by the first decision of its case', async () => {
    const account = everything()
    const termination = only(account, 'termination')
    const word = appeal(termination.id, { submittedAtMs: T0 + 4 * HOUR })
    account.hear(T0 + 4 * HOUR, word)
    const appeals = word.kind === 'appeal' ? [word.appeal] : []
    const caseId = account.openedCase.id
    const closed = { ...account.openedCase, status: 'closed' as const }
    const decisions = [9, 11].flatMap((hour) => {
      const input = decision('uphold', 'cat', { caseId, decidedAtMs: T0 + hour * HOUR })
      return input.kind === 'decision' ? [input.decision] : []
    })
    const sanctions = sanctionsOf(account.outcomes)
    const counted = async (reviews: readonly ReviewCase[]) => {
      const records = { sanctions, appeals, reviews, decisions }
      return (await transparencyCounts(records, T0, T0 + 100 * HOUR)).appeals
    }
    expect(await counted([closed])).toEqual({ submitted: 1, granted: 0, refused: 1, open: 0, medianHours: 5 })
    expect(await counted([account.openedCase])).toMatchObject({ refused: 0, open: 1 })
  })

  it('counts an appeal as granted when its strike is reversed without a word of the appeal', async () => {
    const account = everything()
    const termination = only(account, 'termination')
    const word = appeal(termination.id, { submittedAtMs: T0 + 4 * HOUR })
    account.hear(T0 + 4 * HOUR, word)
    account.hear(T0 + 7 * HOUR, decision('reverse', 'cat', { sanctionId: termination.id }))
    const appeals = word.kind === 'appeal' ? [word.appeal] : []
    const records = { sanctions: sanctionsOf(account.outcomes), appeals, reviews: [], decisions: [] }
    expect((await transparencyCounts(records, T0, T0 + 100 * HOUR)).appeals).toEqual({
      submitted: 1,
      granted: 1,
      refused: 0,
      open: 0,
      medianHours: 3,
    })
  })
})
