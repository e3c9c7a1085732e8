/** Random stories of one account: signals, people, notices, grants, switches, budgets and time, as moves that are told in order. */
import fc from 'fast-check'
import type { Grant } from '../../../src/domain/account.ts'
import type { EnforcementInput } from '../../../src/enforce/event.ts'
import { UNLIMITED, type BudgetView, type Terms } from '../../../src/enforce/terms.ts'
import type { Heard } from './driver.ts'
import {
  accountEvent,
  accountState,
  appeal,
  complaint,
  CSAM,
  decision,
  endUser,
  grantOf,
  HOUR,
  key,
  MALWARE,
  SCRAPING,
  signal,
  T0,
} from './fixtures.ts'
import { Account } from './given.ts'

/** What happens next; people and notices speak of whatever the account has by then. */
export interface Move {
  readonly kind:
    | 'signal'
    | 'vote'
    | 'notice'
    | 'remedy'
    | 'decision'
    | 'appeal'
    | 'complaint'
    | 'state'
    | 'grant'
    | 'switch'
    | 'budget'
    | 'wait'
  readonly afterMs: number
  readonly pick: number
  readonly which: number
  readonly flag: boolean
}

export const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom<Move['kind']>(
    'signal',
    'signal',
    'signal',
    'notice',
    'notice',
    'remedy',
    'decision',
    'decision',
    'vote',
    'vote',
    'appeal',
    'complaint',
    'state',
    'grant',
    'switch',
    'budget',
    'wait',
  ),
  afterMs: fc.integer({ min: 0, max: 80 }).map((quarters) => (quarters * HOUR) / 4),
  pick: fc.nat(30),
  which: fc.nat(30),
  flag: fc.boolean(),
})
export const moves = fc.array(move, { minLength: 1, maxLength: 40 })

const CLAUSES = [SCRAPING, SCRAPING, MALWARE, CSAM]
const KINDS = [
  'uphold',
  'reject',
  'narrow',
  'terminate',
  'terminate',
  'terminate',
  'reverse',
  'lift',
  'refer',
  'snooze',
] as const
const PEOPLE = ['ann', 'Ann ', 'ben', 'cat']

export function from<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(1, list.length)]
}

function inputOf(one: Move, account: Account, atMs: number): EnforcementInput | null {
  const { sanctions, reviews } = account.standing
  const sanction = from(sanctions, one.pick)?.sanction.id ?? null
  const caseId = from(reviews, one.pick)?.review.id ?? null
  switch (one.kind) {
    case 'signal':
      return signalInput(one, atMs)
    case 'notice':
      return accountEvent('noticeDelivered', sanction, atMs)
    case 'remedy':
      return accountEvent('remediated', sanction, atMs)
    case 'decision':
      return decision(from(KINDS, one.which) ?? 'lift', from(PEOPLE, one.pick) ?? 'ann', {
        snooze: { detectorId: one.flag ? null : 'scraping.bulk-harvest', untilMs: atMs + one.pick * HOUR },
        caseId,
        sanctionId: one.flag ? sanction : null,
        sawContent: one.which % 5 !== 0,
        narrowToScope: 'key',
        narrowToTarget: 'k1',
      })
    case 'vote':
      return decision(one.flag ? 'terminate' : 'refer', from(PEOPLE, one.which) ?? 'ann', { caseId })
    case 'appeal':
      return sanction === null ? null : appeal(sanction, { submittedAtMs: atMs })
    case 'complaint':
      return complaint({ receivedAtMs: atMs })
    case 'state':
      return accountState({ updatedAtMs: atMs, protected: one.which === 0 })
    case 'grant':
      return accountState({ updatedAtMs: atMs, grants: grantsOf(one, atMs) })
    case 'switch':
    case 'budget':
    case 'wait':
      return null
  }
}

/** None, a reseller's with an end or without, or one that a warning asks for. */
function grantsOf(one: Move, atMs: number): readonly Grant[] {
  const expiresAtMs = one.flag ? atMs + one.pick * HOUR : null
  return (
    from<readonly Grant[]>(
      [[], [grantOf('reseller', { expiresAtMs })], [grantOf('scraping', { expiresAtMs })]],
      one.which,
    ) ?? []
  )
}

/** What people stop, and what is left of the budget, from now on. */
function termsAfter(one: Move, terms: Terms): Terms {
  if (one.kind === 'budget') return { ...terms, budget: one.flag ? SPENT : UNLIMITED }
  if (one.kind !== 'switch') return terms
  const detector = `detector-${one.which % 4}`
  const stops = from([() => false, () => true, (id: string) => id === detector], one.pick)
  return { ...terms, switchedOff: stops ?? terms.switchedOff }
}

const SPENT: BudgetView = { allows: () => false, without: () => SPENT }

function signalInput(one: Move, atMs: number): EnforcementInput {
  const actor = from([undefined, key('k1'), endUser('u1'), endUser('u2'), endUser('u3')], one.pick)
  const windowMs = one.flag ? HOUR : HOUR / 4
  return signal({
    clause: from(CLAUSES, one.which) ?? SCRAPING,
    detectorId: `detector-${one.which % 4}`,
    atMs,
    windowMs,
    requests: [`r${one.which}`],
    more: { capability: one.flag ? 'image' : null },
    ...(actor === undefined ? {} : { actor }),
  })
}

/** What was heard, and when; and the account that heard it. */
/** The moves, told one after the other to a new account; what it heard of each. */
export function story(all: readonly Move[]): { readonly account: Account; readonly heard: readonly Heard[] } {
  const account = new Account()
  const heard: Heard[] = []
  let atMs = T0
  const hear = (input: EnforcementInput) => {
    heard.push({ atMs, topic: topicOf(input), input })
    account.hear(atMs, input)
  }
  hear(accountState())
  for (const one of all) {
    atMs += one.afterMs
    account.passTo(atMs)
    account.terms = termsAfter(one, account.terms)
    const input = inputOf(one, account, atMs)
    if (input !== null) hear(input)
  }
  return { account, heard }
}

function topicOf(input: EnforcementInput): string {
  const topics = {
    signal: 'abuse.signals.v1',
    decision: 'abuse.decisions.v1',
    appeal: 'abuse.appeals.v1',
    complaint: 'abuse.complaints.v1',
    accountEvent: 'accounts.events.v1',
    accountState: 'accounts.state.v1',
  }
  return topics[input.kind]
}
