/** A template of many accounts: who counts it, what waits for people, and what does not. */
import { describe, expect, it } from 'vitest'
import { findingOf, joined } from '../../src/enforce/finding.ts'
import { decodeTaskState } from '../../src/enforce/task-state.ts'
import { TemplateLedger, type TemplateView } from '../../src/enforce/templates.ts'
import type { TemplateBound } from '../../src/topology/policy.ts'
import { Driver } from './support/driver.ts'
import {
  accountEvent,
  accountState,
  CSAM,
  DAY,
  decision,
  HOUR,
  MALWARE,
  policy,
  SCRAPING,
  signal,
  signalOf,
  T0,
} from './support/fixtures.ts'
import { given } from './support/given.ts'

const BOUND: TemplateBound = { accounts: 3, withinMs: DAY, floorPerTask: 1, confirmed: [] }
const use = (accountId: string, templateHash = 't', clause = SCRAPING) => ({
  accountId,
  clause,
  templateHash,
})

/** A ledger that has met the template with so many accounts, an hour apart. */
function met(accounts: number, bound = BOUND, tasks = 1): TemplateLedger {
  const ledger = new TemplateLedger(bound, tasks, null)
  for (let at = 0; at < accounts; at++) ledger.note(use(`acc-${at}`), T0 + at * HOUR)
  return ledger
}

describe('a ledger of templates', () => {
  it('counts accounts, each once, by clause and template', () => {
    const ledger = met(2)
    for (let again = 0; again < 5; again++) ledger.note(use('acc-1'), T0 + 2 * HOUR)
    expect(ledger.at(T0 + 2 * HOUR).isWidespread(use('new'))).toBe(false)
    ledger.note(use('acc-2'), T0 + 2 * HOUR)
    const view = ledger.at(T0 + 2 * HOUR)
    expect(view.isWidespread(use('new'))).toBe(true)
    expect([use('new', 'other'), use('new', 't', MALWARE)].map((one) => view.isWidespread(one))).toEqual([
      false,
      false,
    ])
  })

  it('does not count the account itself, and forgets what lies behind the window', () => {
    const ledger = met(3)
    expect(ledger.at(T0 + 2 * HOUR).isWidespread(use('acc-0'))).toBe(false)
    expect(ledger.at(T0 + DAY - 1).isWidespread(use('new'))).toBe(true)
    expect(ledger.at(T0 + DAY).isWidespread(use('new'))).toBe(false)
  })

  it('divides the bound over the tasks with a floor', () => {
    const shared = { ...BOUND, accounts: 20, floorPerTask: 2 }
    expect(
      met(2, shared, 5)
        .at(T0 + 2 * HOUR)
        .isWidespread(use('new')),
    ).toBe(false)
    expect(
      met(4, shared, 5)
        .at(T0 + 4 * HOUR)
        .isWidespread(use('new')),
    ).toBe(true)
    expect(
      met(1, shared, 100)
        .at(T0 + HOUR)
        .isWidespread(use('new')),
    ).toBe(false)
    expect(
      met(2, shared, 100)
        .at(T0 + HOUR)
        .isWidespread(use('new')),
    ).toBe(true)
  })

  it('lets pass what people have confirmed', () => {
    const ledger = met(9, { ...BOUND, confirmed: ['t'] })
    expect(ledger.at(T0 + 9 * HOUR).isWidespread(use('new'))).toBe(false)
  })

  it('is read back as it was written, bounded whatever comes, and without names', () => {
    const ledger = met(50)
    for (let at = 0; at < 400; at++) ledger.note(use('acc-0', `t-${at}`), T0 + 50 * HOUR)
    const text = ledger.stored()
    expect(text.length).toBeLessThan(30_000)
    expect(text).not.toContain('acc-')
    expect(new TemplateLedger(BOUND, 1, text).stored()).toBe(text)
    expect(() => new TemplateLedger(BOUND, 1, '[["a"]]')).toThrow('unknown shape')
  })
})

describe('the template of a finding', () => {
  const pointing = (...templates: readonly (string | null)[]) => {
    const shape = { requests: templates.map((_, at) => `r-${at}`) }
    const { pointers } = signalOf(shape)
    return signalOf({
      ...shape,
      more: { pointers: pointers.map((one, at) => ({ ...one, templateHash: templates[at] ?? null })) },
    })
  }

  it.each([
    [['a'], 'a'],
    [['a', 'a', 'b'], 'a'],
    [['b', 'a', null, 'a', 'a'], 'a'],
    [['a', 'b'], null],
    [['a', 'a', null, null], null],
    [[null], null],
    [[], null],
  ])('is that of more than half of its records: %j is %s', (templates, expected) => {
    expect(findingOf(pointing(...templates)).templateHash).toBe(expected)
  })

  it('is that of all findings that were joined, else none', () => {
    const [a, b] = [findingOf(pointing('a')), findingOf(pointing('b'))]
    expect([joined(a, a).templateHash, joined(a, b).templateHash]).toEqual(['a', null])
  })
})

const WIDE: TemplateView = { isWidespread: ({ templateHash }) => templateHash === 'wide' }
const wide = (more: Parameters<typeof signal>[0] = {}) => signal({ template: 'wide', ...more })

describe('what rests on a template of many', () => {
  it('waits for people, with an alarm of its own and the template in the case', () => {
    const account = given({ templates: WIDE }).hear(T0, wide())
    expect(account.acts).toEqual([])
    expect(account.openedCase).toMatchObject({ reason: 'templateQuarantined', templateHash: 'wide' })
    expect(account.latest).toContainEqual(
      expect.objectContaining({ kind: 'counted', reason: 'templateQuarantined' }),
    )
    account
      .hear(T0 + HOUR, decision('uphold', 'ann', { caseId: account.openedCase.id }))
      .expectActs({ act: 'warning', automated: false })
  })

  it('shields an account from nothing else: other evidence goes on, and S0 waits for nobody', () => {
    const account = given({ templates: WIDE }).hear(T0, wide())
    account.hear(T0 + HOUR, wide({ atMs: T0 + HOUR })).expectOnlyCounted('heldForReview')
    account.hear(T0 + 2 * HOUR, signal({ atMs: T0 + 2 * HOUR })).expectActs({ act: 'warning' })
    account
      .hear(T0 + 3 * HOUR, wide({ clause: CSAM, atMs: T0 + 3 * HOUR, more: { capability: 'image' } }))
      .expectActs({ act: 'restriction' })
  })

  it('moves nobody from a warning to the next step', () => {
    const account = given({ templates: WIDE }).hear(T0, signal())
    account.hear(T0 + HOUR, accountEvent('noticeDelivered', account.act.id, T0 + HOUR))
    account.hear(T0 + 3 * HOUR, wide({ atMs: T0 + 3 * HOUR })).passTo(T0 + 2 * DAY)
    account.expectActs({ act: 'lifting' })
    expect(account.opened).toMatchObject([{ reason: 'templateQuarantined' }])
  })
})

describe('a task', () => {
  const live = (input: ReturnType<typeof signal>, atMs = T0) => ({ atMs, topic: 'abuse.signals.v1', input })
  const of = (from?: ReturnType<Driver['snapshot']>) =>
    new Driver(
      { cell: null, timers: [], taskState: from?.taskState },
      { policy: () => policy({ templates: { ...BOUND, accounts: 1 } }) },
    ).hear({ atMs: T0 - 1, topic: 'accounts.state.v1', input: accountState() })

  it('counts what it did and what it held, over accounts and over a restart', () => {
    const other = new TemplateLedger(BOUND, 1, null)
    other.note(use('somebody-else'), T0)
    const first = of().hear(live(wide()))
    expect(first.outputs('abuse.sanctions.v1')).toHaveLength(1)
    expect(decodeTaskState(first.snapshot().taskState ?? null).templates).toContain('wide')
    const taskState = JSON.stringify({
      budgets: '{}',
      templates: other.stored().replace('/t"', '/wide"'),
    })
    const next = of({ cell: null, timers: [], taskState }).hear(live(wide()))
    expect(next.outputs('abuse.sanctions.v1')).toEqual([])
    expect(next.outputs('abuse.reviews.v1')[0]?.value).toMatchObject({ reason: 'templateQuarantined' })
    expect(decodeTaskState(next.snapshot().taskState ?? null).templates).toMatch(/wide.*\[.*\],\[/)
  })

  it('reads the state of one that knew of no templates', () => {
    expect(decodeTaskState('{"overall":[1,2]}')).toEqual({ budgets: '{"overall":[1,2]}', templates: null })
    expect(decodeTaskState(null)).toEqual({ budgets: null, templates: null })
  })
})
