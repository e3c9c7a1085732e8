/** What becomes of later strikes when people call an earlier one of their ladder wrong. */
import { describe, expect, it } from 'vitest'
import { activeSanctions } from '../../src/enforce/standing.ts'
import {
  accountEvent,
  appeal,
  CIRCUMVENTION,
  clause,
  CSAM,
  DAY,
  decision,
  HOUR,
  JAILBREAK,
  MALWARE,
  policy,
  SCRAPING,
  signal,
  step,
  T0,
} from './support/fixtures.ts'
import { given, type Account } from './support/given.ts'

const GRACE_END = T0 + HOUR + DAY

/** Warned at T0 and told an hour later; found again, and restricted for six hours at the end of the grace. */
function restricted() {
  const account = given().hear(T0, signal({ requests: ['r1'] }))
  const first = account.act.id
  account.hear(T0 + HOUR, accountEvent('noticeDelivered', first, T0 + HOUR))
  account.hear(T0 + 3 * HOUR, signal({ atMs: T0 + 3 * HOUR })).passTo(GRACE_END)
  const [restriction] = account.acts
  if (restriction === undefined) throw new Error('no restriction')
  return { account, first, second: restriction.id }
}

/** And suspended for three of five days, three hours later; people are to look at it. */
function suspended() {
  const { account, first, second } = restricted()
  account.hear(GRACE_END + 3 * HOUR, signal({ atMs: GRACE_END + 3 * HOUR }))
  return { account, first, second, third: account.act.id, caseId: account.openedCase.id }
}

const reverse = (account: Account, atMs: number, sanctionId: string) =>
  account.hear(atMs, decision('reverse', 'ann', { sanctionId }))

describe('when people call a strike wrong', () => {
  it('a restriction that rested on it is the warning that it would have been, told anew', () => {
    const { account, first, second } = restricted()
    reverse(account, GRACE_END + HOUR, first).expectActs(
      { act: 'reversal', endsSanctionId: first },
      { act: 'warning', step: 0, strikeOrdinal: 2, automated: true, underReview: false },
      { act: 'lifting', endsSanctionId: second, endCause: 'superseded', decidedBy: ['ann'] },
    )
    const again = GRACE_END + 5 * HOUR
    account.hear(again, signal({ atMs: again })).expectOnlyCounted('beforeNotice')
  })

  it('a suspension is the restriction that it would have been, and what that one had been is lifted', () => {
    const { account, first, second, third } = suspended()
    reverse(account, GRACE_END + 4 * HOUR, first).expectActs(
      { act: 'reversal', endsSanctionId: first },
      { act: 'lifting', endsSanctionId: second, endCause: 'decision' },
      {
        act: 'restriction',
        scope: 'rate',
        step: 1,
        strikeOrdinal: 3,
        effectiveAtMs: GRACE_END + 4 * HOUR,
        endsAtMs: GRACE_END + 9 * HOUR,
      },
      { act: 'lifting', endsSanctionId: third, endCause: 'superseded' },
    )
  })

  it('what would be over by now is lifted', () => {
    const { account, first, third } = suspended()
    reverse(account, GRACE_END + 20 * HOUR, first).expectActs(
      { act: 'reversal', endsSanctionId: first },
      { act: 'lifting', endsSanctionId: third, endCause: 'decision', decidedBy: ['ann'] },
    )
    expect(activeSanctions(account.standing)).toEqual([])
  })

  it('the one in the middle takes down what came after it alone', () => {
    const { account, first, second } = suspended()
    reverse(account, GRACE_END + 4 * HOUR, second)
    expect(activeSanctions(account.standing)).toMatchObject([{ act: 'restriction', scope: 'rate' }])
    expect(account.standing.sanctions.find(({ sanction }) => sanction.id === first)).toMatchObject({
      voided: false,
    })
  })

  it('so it is when an appeal is granted', () => {
    const { account, first, second } = restricted()
    account.hear(GRACE_END + 1, appeal(first, { submittedAtMs: GRACE_END + 1 }))
    const { id: caseId } = account.openedCase
    account
      .hear(GRACE_END + HOUR, decision('reject', 'ben', { caseId }))
      .expectActs(
        { act: 'reversal', endsSanctionId: first, endCause: 'appeal' },
        { act: 'warning', strikeOrdinal: 2 },
        { act: 'lifting', endsSanctionId: second },
      )
  })

  it('what people decided stays', () => {
    const { account, first, caseId } = suspended()
    account.hear(GRACE_END + 4 * HOUR, decision('uphold', 'ben', { caseId }))
    const upheld = account.standing.sanctions.at(-1)?.sanction
    reverse(account, GRACE_END + 10 * HOUR, first).expectActs({ act: 'reversal', endsSanctionId: first })
    expect(activeSanctions(account.standing)).toMatchObject([{ sanctionId: upheld?.id, act: 'suspension' }])
  })

  it('an uphold puts back no more than it came down to', () => {
    const { account, first, caseId } = suspended()
    reverse(account, GRACE_END + 4 * HOUR, first)
    account.hear(GRACE_END + 5 * HOUR, decision('uphold', 'ben', { caseId })).expectActs()
    const lifted = suspended()
    reverse(lifted.account, GRACE_END + 20 * HOUR, lifted.first)
    lifted.account.hear(GRACE_END + 21 * HOUR, decision('uphold', 'ben', { caseId: lifted.caseId }))
    lifted.account.expectActs()
  })

  it('nothing comes down where a graver clause took the strike over: nobody called it wrong', () => {
    const { account, second } = restricted()
    const found = signal({
      clause: CSAM,
      atMs: GRACE_END + 1,
      requests: ['r1'],
      more: { capability: 'image' },
    })
    account.hear(GRACE_END + 1, found)
    expect(account.acts.map(({ act, clause }) => [act, clause])).toEqual([
      ['restriction', CSAM],
      ['reversal', SCRAPING],
    ])
    expect(activeSanctions(account.standing).map(({ sanctionId }) => sanctionId)).toContain(second)
  })
})

describe('a later step that one finding sufficed for', () => {
  const POLICY = policy({
    clauses: [
      clause(MALWARE, 'S1', [step('restriction', 7 * DAY, { scope: 'key' }), step('suspension', DAY)], {
        corroboration: 2,
      }),
      {
        ...clause(CIRCUMVENTION, 'S1', [step('review', 0)]),
        weighs: [{ detector: JAILBREAK, on: [MALWARE], standsMs: 7 * DAY }],
      },
    ],
  })
  const malware = (atMs: number) => signal({ clause: MALWARE, detectorId: 'malware.generation', atMs })

  it('is withdrawn with the strike that it rested on: alone it would have waited', () => {
    const account = given({ policy: POLICY }).hear(T0, malware(T0))
    account.hear(T0 + HOUR, malware(T0 + HOUR))
    const first = account.act.id
    account.hear(T0 + DAY, malware(T0 + DAY)).expectActs({ act: 'suspension', step: 1 })
    const second = account.act.id
    reverse(account, T0 + DAY + HOUR, first).expectActs(
      { act: 'reversal', endsSanctionId: first },
      { act: 'reversal', endsSanctionId: second, decidedBy: ['ann'] },
    )
    expect(activeSanctions(account.standing)).toEqual([])
  })

  it('comes down where it had two findings of its own', () => {
    const account = given({ policy: POLICY }).hear(T0, malware(T0))
    account.hear(T0 + HOUR, malware(T0 + HOUR))
    const first = account.act.id
    const weight = signal({ clause: CIRCUMVENTION, detectorId: JAILBREAK, atMs: T0 + 5 * HOUR })
    account.hear(T0 + 5 * HOUR, weight).hear(T0 + DAY, malware(T0 + DAY))
    reverse(account, T0 + DAY + HOUR, first).expectActs(
      { act: 'reversal', endsSanctionId: first },
      { act: 'restriction', step: 0, strikeOrdinal: 2 },
      { act: 'lifting' },
    )
  })
})
