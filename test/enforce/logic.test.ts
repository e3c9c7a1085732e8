import { describe, expect, it } from 'vitest'
import { BudgetLedger } from '../../src/enforce/budget.ts'
import { emptyStanding } from '../../src/enforce/account-standing.ts'
import { claimOf, claimsOf } from '../../src/enforce/claims.ts'
import { accountCellCodec } from '../../src/enforce/enforcement-logic.ts'
import { findingOf } from '../../src/enforce/finding.ts'
import { decodeStandings } from '../../src/enforce/stored-standing.ts'
import { publicationOf } from '../../src/enforce/publication.ts'
import { Driver } from './support/driver.ts'
import {
  ACCOUNT,
  accountEvent,
  accountState,
  CIRCUMVENTION,
  clause,
  CSAM,
  DAY,
  decision,
  FULL_LADDER,
  HOUR,
  policy,
  SCRAPING,
  signal,
  signalOf,
  T0,
} from './support/fixtures.ts'
import { Account, given } from './support/given.ts'

const known = (driver = new Driver()) =>
  driver.hear({ atMs: T0 - 1, topic: 'accounts.state.v1', input: accountState() })
const sanctionsOf = ({ sent }: Driver) =>
  sent.flatMap(({ output }) => (output.topic === 'abuse.sanctions.v1' ? [output.value] : []))
const live = (input: ReturnType<typeof signal>, atMs = T0) => ({ atMs, topic: 'abuse.signals.v1', input })

describe('what is published', () => {
  it('is the sanction, the standing that results, and a tombstone when nothing is in force', () => {
    const driver = known().hear(live(signal({ clause: CSAM, more: { capability: 'image' } })))
    const [standing] = driver.outputs('abuse.standing.v1')
    const [sanction] = driver.outputs('abuse.sanctions.v1')
    expect(standing?.value).toMatchObject({ active: [{ act: 'restriction', scopeTarget: 'image' }] })
    expect(sanction?.value).toMatchObject({ act: 'restriction' })
    driver.passTo(T0 + 10 * DAY)
    expect(driver.outputs('abuse.sanctions.v1').at(-1)?.value).toMatchObject({
      act: 'lifting',
      endCause: 'expired',
    })
    const over = driver.outputs('abuse.standing.v1').at(-1)?.value
    expect(over).toMatchObject({ active: [], strikes: [{ act: 'restriction', strikeOrdinal: 1 }] })
    driver.passTo(T0 + 200 * DAY)
    expect(driver.outputs('abuse.standing.v1').at(-1)?.value).toBeNull()
  })

  it('names neither clause nor detector of S0 to those who read sanctions and standing (P9)', () => {
    const driver = known().hear(
      live(signal({ clause: CSAM, detectorId: 'csam.known-media', more: { capability: 'image' } })),
    )
    driver.passTo(T0 + 10 * DAY)
    const shared = driver.sent.filter(({ output }) => /sanctions|standing/.test(output.topic))
    expect(shared.length).toBeGreaterThan(3)
    expect(JSON.stringify(shared)).not.toMatch(/csam/i)
    expect(driver.outputs('abuse.reviews.v1')[0]?.value).toMatchObject({ clause: CSAM })
  })

  it('of shadow signals leaves on shadow topics only, and changes no live standing (P11)', () => {
    const shadow = signal({ more: { mode: 'shadow' } })
    const driver = known()
    const before = driver.cell.standings.live
    driver.hear({ atMs: T0, topic: 'abuse.signals.shadow.v1', input: shadow }).hear(live(shadow))
    driver.passTo(T0 + 30 * DAY)
    expect(new Set(driver.sent.map(({ output }) => output.topic))).toEqual(
      new Set(['abuse.sanctions.shadow.v1', 'abuse.standing.shadow.v1']),
    )
    expect(driver.cell.standings.live).toBe(before)
    expect(driver.outputs('abuse.sanctions.shadow.v1')[0]?.value).toMatchObject({ shadow: true })
  })
})

describe('a trial (P11)', () => {
  const shadow = (atMs: number, more = {}) => ({
    atMs,
    topic: 'abuse.signals.shadow.v1',
    input: signal({ atMs, ...more, more: { mode: 'shadow' } }),
  })
  const tried = (driver: Driver) => driver.outputs('abuse.sanctions.shadow.v1').map(({ value }) => value)

  it('is what stands on its topic, whatever mode it tells', () => {
    const driver = known().hear({ atMs: T0, topic: 'abuse.signals.shadow.v1', input: signal() })
    expect(sanctionsOf(driver)).toEqual([])
    expect(tried(driver)).toHaveLength(1)
  })

  it('knows what the account is, as that changes, and nothing of what it did', () => {
    const driver = known().hear(live(signal()))
    driver.hear(shadow(T0 + 1, { requests: ['r'] }))
    expect(tried(driver)).toMatchObject([{ act: 'warning', strikeOrdinal: 1 }])
    driver.hear(live(signal({ clause: CSAM, atMs: T0 + 2, more: { capability: 'image' } }), T0 + 2))
    expect([sanctionsOf(driver), tried(driver)]).toMatchObject([{ length: 2 }, { length: 1 }])
    const input = accountState({ protected: true, updatedAtMs: T0 + 3 })
    driver.hear({ atMs: T0 + 3, topic: 'accounts.state.v1', input })
    driver.hear(shadow(T0 + 4, { clause: CIRCUMVENTION }))
    expect(tried(driver)).toHaveLength(1)
  })

  it('ends by a timer of its own, and is known again from its own topics', () => {
    const driver = known().hear(shadow(T0))
    driver.passTo(T0 + 365 * DAY)
    expect(tried(driver)).toMatchObject([{ act: 'warning' }, { act: 'lifting' }])
    expect(sanctionsOf(driver)).toEqual([])
    const after = known(new Driver()).fold(driver.sent.slice(0, 1))
    expect(after.cell.standings.live.sanctions).toEqual([])
    expect(after.cell.standings.shadow?.sanctions).toHaveLength(1)
  })

  it('draws on no budget, and none holds it', () => {
    const budgets = { ...policy().budgets, perClausePerHour: 1, perHour: 1, perDetectorPerHour: 1 }
    const driver = known(new Driver(undefined, { policy: () => ({ ...policy(), budgets }) }))
    driver.hear(shadow(T0)).hear(live(signal({ atMs: T0 + 1 }), T0 + 1))
    expect(sanctionsOf(driver)).toHaveLength(1)
    driver.hear(shadow(T0 + 2, { clause: CIRCUMVENTION }))
    expect(tried(driver)).toHaveLength(2)
  })

  it('opens no case and asks no vault, and no outcome of it has a live record', () => {
    const trial = new Account({}, true).hear(T0, accountState({ protected: true })).hear(T0 + 1, signal())
    expect(trial.latest.map((one) => one.kind)).toEqual(['signalSeen', 'counted', 'counted'])
    const held = new Account().hear(T0, signal()).latest
    expect(held.map((one) => one.kind)).toContain('reviewOpened')
    expect(held.map((one) => publicationOf(one, true))).toEqual(held.map(() => null))
  })
})

describe('budgets (P12)', () => {
  const claim = { detectorId: 'd', clause: 'c', youngAccount: false, exactMatch: false }
  const budgets = { ...policy().budgets, perHour: 100, perDetectorPerHour: 20, youngAccountsPerHour: 4 }
  const spendAll = (ledger: BudgetLedger, of: typeof claim, nowMs: number) => {
    let spent = 0
    for (; ledger.at(nowMs).allows(of) && spent < 10_000; spent++) ledger.spend(of, nowMs)
    return spent
  }

  it('are divided over tasks with a floor, begin at half, and fill over an hour', () => {
    const ledger = new BudgetLedger({ ...budgets, floorPerTaskPerHour: 2 }, 2, null)
    expect(spendAll(ledger, claim, T0)).toBe(5)
    expect(spendAll(ledger, claim, T0 + HOUR)).toBe(10)
    expect(spendAll(new BudgetLedger({ ...budgets, floorPerTaskPerHour: 8 }, 1_000, null), claim, T0)).toBe(4)
  })

  it('are not given back by a restart, and fill on by the time that it took', () => {
    const first = new BudgetLedger(budgets, 1, null)
    expect(spendAll(first, claim, T0)).toBe(10)
    const second = new BudgetLedger(budgets, 1, first.stored())
    expect(spendAll(second, claim, T0)).toBe(0)
    expect(spendAll(new BudgetLedger(budgets, 1, second.stored()), claim, T0 + HOUR / 2)).toBe(10)
    for (const other of ['[1]', '[1,2,3]', '[1,"2"]', '7'])
      expect(() => new BudgetLedger(budgets, 1, `{"overall":${other}}`)).toThrow('unknown shape')
  })

  it('of a task go on where another takes it over', () => {
    const one = { ...policy().budgets, perClausePerHour: 1, perHour: 1, perDetectorPerHour: 1 }
    const parts = { policy: () => ({ ...policy(), budgets: one }) }
    const first = known(new Driver(undefined, parts)).hear(live(signal()))
    expect(first.outputs('abuse.sanctions.v1')).toHaveLength(1)
    const next = new Driver(first.snapshot(), parts)
    next.hear(live(signal({ clause: CSAM, detectorId: 'd', more: { capability: 'image' } })))
    expect(next.outputs('abuse.sanctions.v1')).toEqual([])
    expect(next.outputs('abuse.reviews.v1')[0]?.value).toMatchObject({ reason: 'budgetExceeded' })
  })

  it('of one detector do not eat another’s, nor young accounts everybody’s', () => {
    const ledger = new BudgetLedger(budgets, 1, null)
    spendAll(ledger, { ...claim, youngAccount: true }, T0)
    expect(spendAll(ledger, claim, T0)).toBe(10)
    expect(spendAll(ledger, { ...claim, detectorId: 'other' }, T0)).toBe(10)
    expect(spendAll(ledger, { ...claim, exactMatch: true, youngAccount: true }, T0)).toBe(10)
  })

  it('allow what a whole one is left for, and no more is owed than all of it', () => {
    const ledger = new BudgetLedger(budgets, 1, null)
    for (let spent = 0; spent < 50; spent++) ledger.spend(claim, T0)
    expect(ledger.at(T0 + HOUR / 20 - 1).allows(claim)).toBe(false)
    expect(spendAll(ledger, claim, T0 + HOUR / 20)).toBe(1)
    expect(spendAll(ledger, claim, T0 + 2 * HOUR)).toBe(20)
  })

  it('of one clause are kept too, over several sanctions of one event, and divided over the tasks', () => {
    const few = new BudgetLedger({ ...budgets, perClausePerHour: 6 }, 1, null)
    expect(spendAll(few, claim, T0)).toBe(3)
    expect(few.at(T0).allows({ ...claim, detectorId: 'other' })).toBe(false)
    const view = new BudgetLedger({ ...budgets, perClausePerHour: 6 }, 1, null).at(T0)
    const [one, two, three] = [1, 2, 3].map((times) =>
      Array.from({ length: times })
        .reduce<typeof view>((left) => left.without(claim), view)
        .allows(claim),
    )
    expect([one, two, three]).toEqual([true, true, false])
    const once = new BudgetLedger({ ...budgets, perDetectorPerHour: 2 }, 1, null).at(T0)
    expect(
      once
        .without(claim)
        .without({ ...claim, detectorId: 'other' })
        .allows(claim),
    ).toBe(false)
    const parts = {
      tasks: 1_000,
      policy: () => ({ ...policy(), budgets: { ...policy().budgets, perHour: 1_000 } }),
    }
    const driver = known(new Driver(undefined, parts))
    driver.hear(live(signal())).hear(live(signal({ clause: CIRCUMVENTION, atMs: T0 + 1 }), T0 + 1))
    expect(sanctionsOf(driver)).toHaveLength(1)
  })

  it('lose nothing where a clock goes back', () => {
    const ledger = new BudgetLedger(budgets, 1, null)
    ledger.spend(claim, T0 + HOUR)
    expect(spendAll(ledger, claim, T0)).toBe(9)
  })

  it('hold over all that one event leads to: warnings whose grace ends together', () => {
    const names = ['one', 'two', 'three', 'four'].map((name) => `fair-use.${name}`)
    const budgets = { ...policy().budgets, perHour: 1 }
    const clauses = names.map((name) => clause(name, 'S2', FULL_LADDER))
    const driver = known(new Driver(undefined, { policy: () => ({ ...policy(), clauses, budgets }) }))
    const found = (name: string, atMs: number) =>
      driver.hear(
        live(signal({ clause: name, atMs, windowMs: HOUR / 4, requests: [`${name}-${atMs}`] }), atMs),
      )
    names.forEach((name, at) => found(name, T0 + at * HOUR))
    const toldMs = T0 + 5 * HOUR
    for (const value of sanctionsOf(driver))
      driver.hear({
        atMs: toldMs,
        topic: 'accounts.events.v1',
        input: accountEvent('noticeDelivered', value.id, toldMs),
      })
    names.forEach((name, at) => found(name, toldMs + (1 + at) * HOUR))
    driver.passTo(toldMs + DAY)
    expect(sanctionsOf(driver).filter(({ act }) => act === 'restriction')).toHaveLength(1)
    expect(driver.outputs('abuse.reviews.v1').map(({ value }) => value)).toMatchObject(
      [1, 2, 3].map(() => ({ reason: 'budgetExceeded' })),
    )
  })

  it('are drawn on by the machine alone, once for each strike, and not by what goes nowhere', () => {
    const first = given()
    const before = first.standing
    const { latest, standing, terms } = first.hear(T0, signal())
    const drawn = { clause: SCRAPING, detectorId: 'scraping.bulk-harvest', youngAccount: false }
    expect(claimsOf(before, latest, terms)).toMatchObject([drawn])
    expect(claimsOf(standing, latest, terms)).toEqual([])

    const held = given({}, accountState({ protected: true })).hear(T0, signal())
    const asked = held.standing
    held
      .hear(T0 + 1, decision('uphold', 'ann', { caseId: held.openedCase.id }))
      .expectActs({ act: 'warning' })
    expect(claimsOf(asked, held.latest, held.terms)).toEqual([])

    const one = { ...policy().budgets, perHour: 1 }
    const rebuilt = known(new Driver(undefined, { policy: () => ({ ...policy(), budgets: one }) }))
    rebuilt.rebuilding = true
    rebuilt.hear(live(signal()))
    rebuilt.rebuilding = false
    rebuilt.hear(live(signal({ atMs: T0 + 1 }), T0 + 1))
    expect(sanctionsOf(rebuilt)).toMatchObject([{ act: 'warning' }])
  })

  it('of young accounts are drawn on where nobody knows how old it is, and up to that age', () => {
    const aged = (createdAtMs: number) => given({}, accountState({ createdAtMs }))
    const isYoung = ({ standing, terms }: Account) =>
      claimOf(standing, findingOf(signalOf()), { ...terms, nowMs: T0 }).youngAccount
    expect([new Account(), aged(T0 - 7 * DAY + 1), aged(T0 - 7 * DAY)].map(isYoung)).toEqual([
      true,
      true,
      false,
    ])
  })

  it('past them, sanctions are held for people; liftings never are', () => {
    const none = { ...policy().budgets, perClausePerHour: 1, perHour: 1, perDetectorPerHour: 1 }
    const driver = known(new Driver(undefined, { policy: () => ({ ...policy(), budgets: none }) }))
    driver
      .hear(live(signal()))
      .hear(live(signal({ clause: CSAM, detectorId: 'd', more: { capability: 'image' } })))
    expect(driver.outputs('abuse.sanctions.v1')).toHaveLength(1)
    expect(driver.outputs('abuse.reviews.v1')[0]?.value).toMatchObject({ reason: 'budgetExceeded' })
    driver.passTo(T0 + 365 * DAY)
    expect(driver.outputs('abuse.sanctions.v1').at(-1)?.value).toMatchObject({ act: 'lifting' })
  })
})

describe('stored standings', () => {
  it('are read back as they were written', () => {
    const driver = known().hear(live(signal({ clause: CSAM, more: { capability: 'image' } })))
    driver.hear({ atMs: T0, topic: 'abuse.signals.shadow.v1', input: signal({ more: { mode: 'shadow' } }) })
    const { cell } = driver.snapshot()
    expect(decodeStandings(ACCOUNT, cell ?? Buffer.alloc(0))).toEqual(driver.cell.standings)
  })

  it('of another version, or of another shape, are refused', () => {
    expect(() => decodeStandings(ACCOUNT, Buffer.from('{"version":2,"live":{}}'))).toThrow()
    expect(() => decodeStandings(ACCOUNT, Buffer.from('{"version":1,"live":{"seen":[1]}}'))).toThrow()
  })

  it('are written when something changed, and then taken as saved', () => {
    const cell = accountCellCodec.create(ACCOUNT)
    const writes: unknown[] = []
    const save = () => accountCellCodec.changes(cell, (_, value) => writes.push(value))
    save()
    expect(writes).toEqual([])
    cell.standings = { live: { ...emptyStanding(ACCOUNT, false), words: ['w'] }, shadow: null }
    save()
    save()
    expect(writes).toHaveLength(1)
  })
})
