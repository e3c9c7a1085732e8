import { describe, expect, it } from 'vitest'
import { evolve } from '../../src/enforce/evolve.ts'
import { activeSanctions } from '../../src/enforce/standing.ts'
import {
  accountEvent,
  accountState,
  appeal,
  clause,
  complaint,
  CSAM,
  DAY,
  decision,
  FULL_LADDER,
  HOUR,
  MALWARE,
  key,
  policy,
  SCRAPING,
  signal,
  step,
  T0,
} from './support/fixtures.ts'
import { given } from './support/given.ts'

/** A protected account's signal: a case that proposes a warning. */
const heldCase = () => {
  const account = given({}, accountState({ protected: true })).hear(T0, signal())
  return { account, caseId: account.openedCase.id }
}

const EXACT = { evidence: [{ name: 'exactMatch', value: 1 }] }

/** Suspended for S0, under review, capped at three of its seven days. */
const suspended = () => {
  const account = given().hear(T0, signal({ clause: CSAM, more: EXACT }))
  return { account, suspension: account.act, caseId: account.openedCase.id }
}

const KEY_SUSPENSION = policy({
  clauses: [clause(SCRAPING, 'S2', [step('suspension', DAY, { scope: 'api' })])],
})

describe('termination (P10)', () => {
  it('follows from two different people, and from no one less', () => {
    const { account, caseId } = suspended()
    account.hear(T0 + 1, decision('terminate', 'ann', { caseId })).expectActs()
    account.hear(T0 + 2, decision('terminate', 'ann', { caseId })).expectActs()
    account.hear(T0 + 3, decision('terminate', ' Ann ', { caseId })).expectActs()
    account.hear(T0 + 4, decision('terminate', 'ben', { caseId }))
    expect(account.act).toMatchObject({
      act: 'termination',
      scope: 'account',
      endsAtMs: null,
      automated: false,
      refund: 'none',
    })
    expect(account.act.decidedBy).toHaveLength(2)
  })

  it('needs two people even where a policy asks for fewer', () => {
    const account = given({ policy: policy({ terminationApprovals: 1 }) })
    account.hear(T0, signal({ clause: CSAM, more: EXACT }))
    const { id: caseId } = account.openedCase
    account.hear(T0 + 1, decision('terminate', 'ann', { caseId })).expectActs()
  })

  it('is not approved unseen, nor by whoever enabled the detector', () => {
    const { account, caseId } = suspended()
    account
      .hear(T0 + 1, decision('terminate', 'ann', { caseId, sawContent: false }))
      .expectOnlyCounted('unseenContent')
    account.terms = { ...account.terms, enabledBy: () => ['cat', 'Ben'] }
    account.hear(T0 + 2, decision('terminate', 'ben', { caseId })).expectOnlyCounted('enabledByDecider')
  })

  it('is approved by nobody who enabled one of the detectors on whose findings the case rests', () => {
    const account = given({}, accountState({ protected: true }))
    const of = (detectorId: string, atMs: number) => signal({ clause: MALWARE, detectorId, atMs })
    account.hear(T0, of('malware.generation', T0)).hear(T0 + 1, of('malware.iteration', T0 + 1))
    const { id: caseId } = account.openedCase
    const enabledBy = (detectorId: string) => (detectorId === 'malware.generation' ? ['ann'] : ['ben'])
    account.terms = { ...account.terms, enabledBy }
    account.hear(T0 + 2, decision('terminate', 'ann', { caseId })).expectOnlyCounted('enabledByDecider')
    account.hear(T0 + 3, decision('terminate', 'ben', { caseId })).expectOnlyCounted('enabledByDecider')
  })

  it('needs an open case, and an appeal is none', () => {
    const { account, suspension } = suspended()
    account.hear(T0 + 1, decision('terminate', 'ann')).expectOnlyCounted('unknownCase')
    account.hear(T0 + 2, appeal(suspension.id))
    const { id: caseId } = account.openedCase
    account.hear(T0 + 3, decision('terminate', 'ann', { caseId })).expectOnlyCounted('unknownCase')
  })

  it('leaves nothing for the machine to do, and can be appealed and undone', () => {
    const { account, caseId } = suspended()
    account.hear(T0 + 1, decision('terminate', 'ann', { caseId }))
    account.hear(T0 + 2, decision('terminate', 'ben', { caseId }))
    const termination = account.act
    account.hear(T0 + HOUR, signal({ atMs: T0 + HOUR })).expectOnlyCounted('terminated')
    account.hear(T0 + 100 * DAY, appeal(termination.id))
    account
      .hear(T0 + 101 * DAY, decision('reject', 'cat', { caseId: account.openedCase.id }))
      .expectActs({ act: 'reversal', endsSanctionId: termination.id, endCause: 'appeal' })
    expect(activeSanctions(account.standing)).toEqual([])
  })
})

describe('a reversal', () => {
  it('of what stands no longer, for a person put another in its place, is the same when it is heard again', () => {
    const { account, suspension, caseId } = suspended()
    account.hear(T0 + 1, decision('uphold', 'ann', { caseId }))
    account.hear(T0 + 2, decision('reverse', 'ben', { sanctionId: suspension.id }))
    expect(account.latest.reduce(evolve, account.standing)).toEqual(account.standing)
    expect(account.standing.sanctions.map(({ endCause }) => endCause)).toEqual(['decision', 'decision'])
  })
})

describe('referral (P10)', () => {
  it('follows from two different people, once a case', () => {
    const { account, caseId } = suspended()
    account.hear(T0 + 1, decision('refer', 'ann', { caseId, sawContent: false }))
    expect(account.latest.some((one) => one.kind === 'referral')).toBe(false)
    account.hear(T0 + 2, decision('refer', 'ben', { caseId }))
    expect(account.latest.filter((one) => one.kind === 'referral')).toMatchObject([
      { referral: { decidedBy: ['ann', 'ben'], seenByPerson: false } },
    ])
    account.hear(T0 + 3, decision('refer', 'cat', { caseId })).expectOnlyCounted('nothingToDo')
  })
})

describe('decisions', () => {
  it('uphold what was held back', () => {
    const { account, caseId } = heldCase()
    account.hear(T0 + HOUR, decision('uphold', 'ann', { caseId }))
    expect(account.act).toMatchObject({
      act: 'warning',
      automated: false,
      decidedBy: ['ann'],
      strikeOrdinal: 1,
    })
    expect(account.act.statement).toMatchObject({ automatedDetection: true, automatedDecision: false })
    expect(account.standing.reviews).toEqual([])
  })

  it('uphold a suspension that the cap had cut short: it gets its days', () => {
    const { account, suspension, caseId } = suspended()
    account
      .hear(T0 + HOUR, decision('uphold', 'ann', { caseId }))
      .expectActs(
        { act: 'suspension', endsAtMs: T0 + 7 * DAY, automated: false, strikeOrdinal: 1 },
        { act: 'lifting', endsSanctionId: suspension.id, endCause: 'superseded' },
      )
    account.passTo(T0 + 8 * DAY).expectActs({ act: 'lifting', endCause: 'expired' })
  })

  it('uphold what nobody had looked at in time: it gets its days, and what stood in its place goes', () => {
    const account = given().hear(T0, signal({ clause: CSAM, more: { ...EXACT, capability: 'image' } }))
    const { id: caseId } = account.openedCase
    const [fallback] = account.passTo(T0 + 3 * DAY).acts
    account
      .hear(T0 + 4 * DAY, decision('uphold', 'ann', { caseId }))
      .expectActs(
        { act: 'suspension', scope: 'account', endsAtMs: T0 + 7 * DAY, decidedBy: ['ann'] },
        { act: 'lifting', endsSanctionId: fallback?.id ?? '', endCause: 'superseded' },
      )
    account.passTo(T0 + 30 * DAY).expectActs({ act: 'lifting', endCause: 'expired' })
  })

  it('narrow, lift and reverse what stands in the place of what their case was about', () => {
    for (const kind of ['narrow', 'lift', 'reverse'] as const) {
      const account = given().hear(T0, signal({ clause: CSAM, more: { ...EXACT, capability: 'image' } }))
      const { id: caseId } = account.openedCase
      account.passTo(T0 + 3 * DAY)
      const word = { caseId, narrowToScope: 'key', narrowToTarget: 'k1' } as const
      account.hear(T0 + 4 * DAY, decision(kind, 'ann', word))
      const scopes = activeSanctions(account.standing).map(({ scope }) => scope)
      expect(scopes).toEqual(kind === 'narrow' ? ['key'] : [])
    }
  })

  it('reject what was held back: nothing happens, and old evidence is spent', () => {
    const { account, caseId } = heldCase()
    account.hear(T0 + HOUR, decision('reject', 'ann', { caseId })).expectActs()
    const atMs = T0 + 1.5 * HOUR
    account.hear(atMs, signal({ atMs })).expectOnlyCounted('overlapsLastAct')
  })

  it('reject a sanction: it is undone, with its strike', () => {
    const { account, suspension, caseId } = suspended()
    account
      .hear(T0 + HOUR, decision('reject', 'ann', { caseId }))
      .expectActs({ act: 'reversal', endsSanctionId: suspension.id, endCause: 'decision' })
    expect(activeSanctions(account.standing)).toEqual([])
    expect(account.standing.sanctions.every((kept) => kept.voided)).toBe(true)
  })

  it('narrow a sanction, and never widen it', () => {
    const account = given({ policy: KEY_SUSPENSION }).hear(T0, signal({ actor: key('k1') }))
    const { id: sanctionId, endsAtMs } = account.act
    account
      .hear(T0 + 1, decision('narrow', 'ann', { sanctionId, narrowToScope: 'account' }))
      .expectOnlyCounted('notNarrower')
    account
      .hear(T0 + 2, decision('narrow', 'ann', { sanctionId, narrowToScope: 'key', narrowToTarget: 'k1' }))
      .expectActs(
        { act: 'suspension', scope: 'key', scopeTarget: 'k1', endsAtMs },
        { act: 'lifting', endCause: 'superseded' },
      )
  })

  it('narrow to what others hold: never', () => {
    const terms = { policy: policy({ clauses: [clause(SCRAPING, 'S2', [step('suspension', DAY)])] }) }
    const account = given(terms).hear(T0, signal({ actor: key('k1') }))
    const word = { sanctionId: account.act.id, narrowToScope: 'key', narrowToTarget: 'k2' } as const
    account.hear(T0 + 1, decision('narrow', 'ann', word)).expectOnlyCounted('notNarrower')
    const held = given(terms, accountState({ protected: true })).hear(T0, signal({ actor: key('k1') }))
    const about = { caseId: held.openedCase.id, narrowToScope: 'key', narrowToTarget: 'k2' } as const
    held.hear(T0 + 1, decision('narrow', 'ann', about)).expectOnlyCounted('notNarrower')
  })

  it('narrow a suspension to a ceiling: that restricts, and suspends nobody', () => {
    const steps = [step('suspension', DAY, { scope: 'api' }), ...FULL_LADDER]
    const terms = { policy: policy({ clauses: [clause(SCRAPING, 'S2', steps)] }) }
    const account = given(terms).hear(T0, signal())
    const word = { sanctionId: account.act.id, narrowToScope: 'rate' } as const
    account
      .hear(T0 + 1, decision('narrow', 'ann', word))
      .expectActs({ act: 'restriction', scope: 'rate' }, { act: 'lifting', endCause: 'superseded' })
    const held = given(terms, accountState({ protected: true })).hear(T0, signal())
    held
      .hear(T0 + 1, decision('narrow', 'ann', { caseId: held.openedCase.id, narrowToScope: 'rate' }))
      .expectActs({ act: 'restriction', scope: 'rate' })
  })

  it('that grant an appeal leave no case on which the finding could still lead to a termination', () => {
    const { account, suspension, caseId } = suspended()
    account.hear(T0 + 1, appeal(suspension.id, { submittedAtMs: T0 + 1 }))
    account.hear(T0 + 2, decision('reject', 'cat', { caseId: account.openedCase.id }))
    expect(account.standing.reviews).toEqual([])
    account.hear(T0 + 3, decision('terminate', 'ann', { caseId })).expectOnlyCounted('unknownCase')
  })

  it('lift or narrow a sanction under review: nobody can put it back by upholding its case', () => {
    for (const kind of ['lift', 'narrow'] as const) {
      const { account, suspension, caseId } = suspended()
      const word = { sanctionId: suspension.id, narrowToScope: 'key', narrowToTarget: 'k1' } as const
      account.hear(T0 + 1, decision(kind, 'ann', word))
      expect(account.standing.reviews).toEqual([])
      account.hear(T0 + 2, decision('uphold', 'ben', { caseId })).expectActs()
    }
  })

  it('reverse a narrowed sanction: both go, nothing stays in force', () => {
    const account = given({ policy: KEY_SUSPENSION }).hear(T0, signal({ actor: key('k1') }))
    const { id: sanctionId } = account.act
    account.hear(
      T0 + 2,
      decision('narrow', 'ann', { sanctionId, narrowToScope: 'key', narrowToTarget: 'k1' }),
    )
    account.hear(T0 + 3, decision('reverse', 'ben', { sanctionId }))
    expect(activeSanctions(account.standing)).toEqual([])
  })

  it('lift ends a sanction and leaves its strike; reverse takes the strike back', () => {
    const { account, suspension } = suspended()
    account.hear(T0 + 1, decision('lift', 'ann', { sanctionId: suspension.id }))
    account.expectActs({ act: 'lifting', endCause: 'decision' })
    expect(account.standing.sanctions[0]).toMatchObject({ voided: false })
    account.hear(T0 + 2, decision('reverse', 'ann', { sanctionId: suspension.id }))
    account.expectActs({ act: 'reversal' })
    expect(account.standing.sanctions[0]).toMatchObject({ voided: true })
    expect(account.standing.reviews).toEqual([])
    account
      .hear(T0 + 3, decision('reverse', 'ann', { sanctionId: suspension.id }))
      .expectOnlyCounted('alreadyEnded')
  })

  it('reversal restores what stood before', () => {
    const account = given().hear(T0, signal())
    const before = activeSanctions(account.standing)
    account.hear(T0 + 1, signal({ clause: CSAM, atMs: T0 + 1, more: EXACT }))
    account.hear(T0 + 2, decision('reverse', 'ann', { sanctionId: account.act.id }))
    expect(activeSanctions(account.standing)).toEqual(before)
  })

  it('without a reason or a name are none, and are taken once', () => {
    const { account, caseId } = heldCase()
    account.hear(T0, decision('uphold', ' ', { caseId })).expectOnlyCounted('noReason')
    account.hear(T0, decision('uphold', 'ann', { caseId, reason: ' ' })).expectOnlyCounted('noReason')
    const reject = decision('reject', 'ann', { caseId })
    account
      .hear(T0 + 1, reject)
      .hear(T0 + 2, reject)
      .expectOnlyCounted('duplicate')
  })
})

describe('appeals', () => {
  it('open a case, stop the clock of their own warning, and give the time back when refused', () => {
    const account = given().hear(T0, signal())
    const { id } = account.act
    account.hear(T0 + 1, accountEvent('noticeDelivered', id, T0 + 1))
    account.hear(T0 + 3 * HOUR, signal({ atMs: T0 + 3 * HOUR }))
    account.hear(T0 + 4 * HOUR, appeal(id))
    const { id: caseId } = account.openedCase
    account.passTo(T0 + 5 * DAY).expectActs()
    account.hear(T0 + 5 * DAY, decision('uphold', 'ann', { caseId })).expectActs()
    account.passTo(T0 + 6 * DAY - 1).expectActs()
    account.passTo(T0 + 6 * DAY)
    expect(account.acts[0]).toMatchObject({ act: 'restriction' })
  })

  it('never make it worse: a refusal of what is long forgotten is no new act', () => {
    const account = given().hear(T0, signal())
    const { id } = account.act
    account.hear(T0 + 80 * DAY, appeal(id, { submittedAtMs: T0 + 80 * DAY }))
    const { id: caseId } = account.openedCase
    account.passTo(T0 + 400 * DAY)
    expect(account.standing.sanctions).toEqual([])
    account.hear(T0 + 400 * DAY, decision('uphold', 'ann', { caseId })).expectActs()
    expect(account.standing.reviews.map(({ review }) => review.id)).not.toContain(caseId)
    expect(account.standing.sanctions).toEqual([])
  })

  it('are heard once a sanction and as long as the policy says', () => {
    const account = given().hear(T0, signal())
    const { id } = account.act
    account.hear(T0 + 1, appeal('no-such')).expectOnlyCounted('unknownSanction')
    const late = appeal(id, { submittedAtMs: T0 + 181 * DAY })
    account.hear(T0 + 2, late).expectOnlyCounted('appealClosed')
    account.hear(T0 + 3, appeal(id))
    account.hear(T0 + 4, appeal(id)).expectOnlyCounted('appealClosed')
  })
})

describe('complaints', () => {
  it('sanction nobody, however many; one case collects them; a question is none', () => {
    const account = given()
    for (let i = 0; i < 30; i++) account.hear(T0 + i, complaint())
    expect(account.outcomes.filter((one) => one.kind === 'sanction')).toEqual([])
    expect(account.standing.reviews).toHaveLength(1)
    given()
      .hear(T0, complaint({ kind: 'question' }))
      .expectOnlyCounted('question')
  })

  it('about clauses that nobody has are one case, however many words are made up', () => {
    const account = given()
    for (let i = 0; i < 30; i++) account.hear(T0 + i, complaint({ clause: `made-up.${i}` }))
    account.hear(T0 + 31, complaint({ clause: 'constructor' }))
    expect(account.standing.reviews.map(({ review }) => review.clause)).toEqual(['unclassified'])
  })

  it('of child safety are due within the hour', () => {
    const account = given().hear(T0, complaint({ kind: 'childSafety', clause: null }))
    expect(account.openedCase).toMatchObject({ reason: 'complaint', severity: 'S0', dueAtMs: T0 + HOUR })
  })
})
