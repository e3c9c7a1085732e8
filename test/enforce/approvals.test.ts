/** How many people an irreversible act wants, who is one person, and what is written when they agree (P10). */
import { describe, expect, it } from 'vitest'
import { evolve } from '../../src/enforce/evolve.ts'
import { foldOutcome } from '../../src/enforce/fold.ts'
import {
  accountState,
  clause,
  CSAM,
  DAY,
  decision,
  HOUR,
  key,
  keyFound,
  NCII,
  policy,
  SANCTION_IDS,
  signal,
  step,
  T0,
} from './support/fixtures.ts'
import { given, type Account } from './support/given.ts'

const EXACT = { evidence: [{ name: 'exactMatch', value: 1 }] }

/** Suspended for S0, under review, by a policy that wants so many people. */
function suspended(terminationApprovals = 2, referralApprovals = 2) {
  const account = given({ policy: policy({ terminationApprovals, referralApprovals }) })
  account.hear(T0, signal({ clause: CSAM, more: EXACT }))
  return { account, caseId: account.openedCase.id }
}

function say(account: Account, kind: 'terminate' | 'refer', caseId: string, ...people: string[]): Account {
  for (const one of people) account.hear(T0 + 1, decision(kind, one, { caseId }))
  return account
}

function referrals({ latest }: Account) {
  return latest.flatMap((one) => (one.kind === 'referral' ? [one.referral] : []))
}

describe('a policy that wants more than two people', () => {
  it('gets them before a termination', () => {
    const { account, caseId } = suspended(3, 2)
    say(account, 'terminate', caseId, 'ann', 'ben').expectActs()
    say(account, 'terminate', caseId, 'cat').expectActs({ decidedBy: ['ann', 'ben', 'cat'] })
  })

  it('gets them before a referral', () => {
    const { account, caseId } = suspended(2, 3)
    expect(referrals(say(account, 'refer', caseId, 'ann', 'ben'))).toEqual([])
    expect(referrals(say(account, 'refer', caseId, 'cat'))).toMatchObject([
      { decidedBy: ['ann', 'ben', 'cat'] },
    ])
  })
})

describe('two people', () => {
  it('are not one whose name is written in other characters that look the same', () => {
    const { account, caseId } = suspended()
    say(account, 'terminate', caseId, 'ann', 'ANN', '\uff41\uff4e\uff4e').expectActs()
  })

  it('agree on the same act: a word for a referral is none for a termination', () => {
    const { account, caseId } = suspended()
    say(account, 'refer', caseId, 'ann')
    say(account, 'terminate', caseId, 'ben').expectActs()
    say(account, 'terminate', caseId, 'ann').expectActs({ act: 'termination', decidedBy: ['ben', 'ann'] })
    const other = suspended()
    say(other.account, 'terminate', other.caseId, 'ann')
    expect(referrals(say(other.account, 'refer', other.caseId, 'ben'))).toEqual([])
    expect(referrals(say(other.account, 'refer', other.caseId, 'ann'))).toHaveLength(1)
    say(other.account, 'terminate', other.caseId, 'ben').expectActs({ decidedBy: ['ann', 'ben'] })
  })
})

describe('a termination', () => {
  it('closes its case, and refunds as the last of them says', () => {
    const { account, caseId } = suspended()
    say(account, 'terminate', caseId, 'ann')
    account.hear(T0 + 2, decision('terminate', 'ben', { caseId, refund: 'proRata' }))
    account.expectActs({ act: 'termination', refund: 'proRata' })
    expect(account.standing.reviews).toEqual([])
  })

  it('is made once, however many cases propose it', () => {
    const clauses = [...policy().clauses, NCII]
    const account = given({ policy: policy({ clauses }) })
    account.hear(T0, signal({ clause: CSAM, more: EXACT }))
    const { id: first } = account.openedCase
    account.hear(T0 + HOUR, signal({ clause: NCII.id, detectorId: 'd', atMs: T0 + HOUR, more: EXACT }))
    const { id: second } = account.openedCase
    say(account, 'terminate', first, 'ann', 'ben').expectActs({ act: 'termination' })
    for (const one of ['ann', 'ben'])
      account.hear(T0 + DAY, decision('terminate', one, { caseId: second })).expectOnlyCounted('nothingToDo')
  })
})

describe('a case before a termination', () => {
  const OF_PEOPLE = policy({ clauses: [clause('fair-use.other', 'S2', [step('review', 0)])] })
  const found = (more = {}) => signal({ clause: 'fair-use.other', ...more })

  it('says that it is one, also of a protected account', () => {
    const account = given({ policy: OF_PEOPLE }, accountState({ protected: true })).hear(T0, found())
    expect(account.openedCase).toMatchObject({ reason: 'beforeTermination', proposedAct: 'termination' })
  })

  it('proposes none for what others did with a stolen key', () => {
    const account = given({ policy: OF_PEOPLE }).hear(T0, keyFound('k1', T0))
    account.hear(T0 + 2 * HOUR, found({ actor: key('k1'), atMs: T0 + 2 * HOUR }))
    expect(account.openedCase).toMatchObject({
      reason: 'beforeTermination',
      proposedAct: 'none',
      proposedScope: 'key',
    })
  })
})

describe('a referral', () => {
  it('is due within a day, holds the evidence for a year, and names who takes such reports', () => {
    const { account, caseId } = suspended()
    const [referral] = referrals(say(account, 'refer', caseId, 'ann', 'ben'))
    const requestedAtMs = account.terms.nowMs
    expect(referral).toMatchObject({
      clause: CSAM,
      recipientKind: 'ncmec',
      requestedAtMs,
      dueAtMs: requestedAtMs + DAY,
      holdUntilMs: requestedAtMs + 365 * DAY,
      seenByPerson: true,
    })
    if (referral === undefined) throw new Error('nothing was referred')
    // Where only the log is left it is not made again.
    const output = { topic: 'abuse.referrals.v1', value: referral } as const
    const folded = foldOutcome(account.standing, output, T0, policy(), SANCTION_IDS)
    expect(evolve({ ...account.standing, referrals: [] }, folded).referrals).toEqual([referral.id])
    const other = given({ policy: policy({ clauses: [NCII] }) })
    other.hear(T0, signal({ clause: NCII.id, more: EXACT }))
    expect(referrals(say(other, 'refer', other.openedCase.id, 'ann', 'ben'))).toMatchObject([
      { recipientKind: 'other' },
    ])
  })
})
