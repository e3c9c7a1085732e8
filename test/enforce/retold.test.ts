/** What becomes of open cases when people call a strike wrong that they rest on. */
import { describe, expect, it } from 'vitest'
import { foldOutcome } from '../../src/enforce/fold.ts'
import { evolve } from '../../src/enforce/evolve.ts'
import { publicationOf } from '../../src/enforce/publication.ts'
import type { Outcome } from '../../src/enforce/outcome.ts'
import {
  accountEvent,
  appeal,
  DAY,
  decision,
  HOUR,
  policy,
  SANCTION_IDS,
  signal,
  T0,
} from './support/fixtures.ts'
import { given, type Account } from './support/given.ts'

const GRACE_END = T0 + HOUR + DAY
const REVIEW_MS = GRACE_END + 6 * HOUR

/** Warned, restricted, suspended, and found once more: people are asked about a termination. */
function beforeTermination() {
  const account = given().hear(T0, signal({ requests: ['r1'] }))
  const first = account.act.id
  account.hear(T0 + HOUR, accountEvent('noticeDelivered', first, T0 + HOUR))
  account.hear(T0 + 3 * HOUR, signal({ atMs: T0 + 3 * HOUR })).passTo(GRACE_END)
  account.hear(GRACE_END + 3 * HOUR, signal({ atMs: GRACE_END + 3 * HOUR }))
  const suspension = account.act.id
  account.hear(REVIEW_MS, signal({ atMs: REVIEW_MS }))
  return { account, first, suspension, held: account.openedCase }
}

const revised = ({ latest }: Account) =>
  latest.flatMap((one) => (one.kind === 'reviewRevised' ? [one.review] : []))
const reverse = (account: Account, sanctionId: string) =>
  account.hear(REVIEW_MS + HOUR, decision('reverse', 'ann', { sanctionId }))

describe('an open case, when a strike of its ladder is called wrong', () => {
  it('is told anew under its own id: what it proposes, and why it is there', () => {
    const { account, first, held } = beforeTermination()
    expect(held).toMatchObject({ reason: 'beforeTermination', proposedAct: 'termination', revisedAtMs: null })
    reverse(account, first)
    const [now] = revised(account).filter(({ id }) => id === held.id)
    expect(now).toEqual({
      ...held,
      reason: 'underReview',
      proposedAct: 'suspension',
      proposedScope: 'api',
      revisedAtMs: REVIEW_MS + HOUR,
    })
    const published = account.latest.map((one) => publicationOf(one, false))
    expect(published).toContainEqual({ topic: 'abuse.reviews.v1', value: now })
    account
      .hear(REVIEW_MS + 2 * HOUR, decision('uphold', 'ben', { caseId: held.id }))
      .expectActs({ act: 'suspension', scope: 'api' })
  })

  it('tells what is in force now where it looks after a sanction that came down', () => {
    const { account, first, suspension } = beforeTermination()
    reverse(account, first)
    expect(revised(account).filter(({ sanctionId }) => sanctionId === suspension)).toMatchObject([
      { reason: 'underReview', proposedAct: 'restriction', proposedScope: 'rate' },
    ])
  })

  it('is not told anew where nothing of it changes, nor where it has its answer', () => {
    const { account, suspension } = beforeTermination()
    account.hear(REVIEW_MS + 1, appeal(suspension, { submittedAtMs: REVIEW_MS + 1 }))
    account.hear(REVIEW_MS + HOUR, decision('lift', 'ann', { sanctionId: suspension }))
    expect(revised(account)).toEqual([])
    reverse(account, suspension)
    expect(revised(account).map(({ sanctionId }) => sanctionId)).toEqual([null])
  })

  it('wants votes for a termination anew, and two of them (P10)', () => {
    const { account, first, held } = beforeTermination()
    const votes = (by: string, atMs: number) =>
      account.hear(atMs, decision('terminate', by, { caseId: held.id, decidedAtMs: atMs }))
    votes('ann', REVIEW_MS + 1)
    reverse(account, first)
    votes('ben', REVIEW_MS + 2 * HOUR).expectActs()
    votes('cat', REVIEW_MS + 3 * HOUR).expectActs({ act: 'termination', decidedBy: ['ben', 'cat'] })
  })

  it('keeps votes for a referral: what was found is what it was', () => {
    const { account, first, held } = beforeTermination()
    account.hear(REVIEW_MS + 1, decision('refer', 'ann', { caseId: held.id }))
    reverse(account, first)
    account.hear(REVIEW_MS + 2 * HOUR, decision('refer', 'ben', { caseId: held.id }))
    expect(account.latest).toMatchObject([
      { kind: 'wordSeen' },
      { kind: 'approval' },
      { kind: 'referral', referral: { decidedBy: ['ann', 'ben'] } },
    ])
  })

  it('is known as told last where only the log is left, and an older telling changes nothing', () => {
    const { account, first, held } = beforeTermination()
    reverse(account, first)
    const before = account.standing
    const open = (review: typeof held): Outcome =>
      foldOutcome(account.standing, { topic: 'abuse.reviews.v1', value: review }, 0, policy(), SANCTION_IDS)
    expect(evolve(before, open(held))).toEqual(before)
    const [now = held] = revised(account).filter(({ id }) => id === held.id)
    const older = before.reviews.map((one) => (one.review.id === held.id ? { ...one, review: held } : one))
    const folded = evolve({ ...before, reviews: older }, open(now))
    expect(folded.reviews.find(({ review }) => review.id === held.id)?.review).toEqual(now)
  })
})
