/** What enforcement knows again when its store is gone: from its own log, from the compacted standing, from people. */
import { describe, expect, it } from 'vitest'
import type { ReviewCase } from '../../src/domain/case.ts'
import type { Sanction } from '../../src/domain/sanction.ts'
import type { EnforcementParts } from '../../src/enforce/enforcement-logic.ts'
import { Driver, type Sent } from './support/driver.ts'
import {
  accountState,
  clause,
  CSAM,
  DAY,
  HOUR,
  NCII,
  policy,
  SCRAPING,
  signal,
  step,
  T0,
} from './support/fixtures.ts'

type Input = ReturnType<typeof signal>
const known = (driver = new Driver()) =>
  driver.hear({ atMs: T0 - 1, topic: 'accounts.state.v1', input: accountState() })
const tell = (driver: Driver, atMs: number, input: Input) =>
  driver.hear({ atMs, topic: 'abuse.signals.v1', input })
const sanctionsOf = (driver: Driver): readonly Sanction[] =>
  driver.sent.flatMap(({ output }) => (output.topic === 'abuse.sanctions.v1' ? [output.value] : []))
const lastReview = (driver: Driver): ReviewCase | undefined =>
  driver.sent.flatMap(({ output }) => (output.topic === 'abuse.reviews.v1' ? [output.value] : [])).at(-1)
const csam = (atMs: number, n: number) =>
  signal({ clause: CSAM, detectorId: `detector-${n}`, atMs, more: { capability: `image-${n}` } })

/** One account that was sanctioned under two clauses, with all that was published of it. */
function sanctioned(): Driver {
  const driver = known()
  tell(driver, T0, csam(T0, 1))
  tell(driver, T0 + HOUR, signal({ clause: SCRAPING, atMs: T0 + HOUR }))
  return driver.passTo(T0 + 20 * DAY)
}

/** A driver on an empty store that has read these outputs and the newest state of the account. */
function rebuilt(sent: readonly Sent[], atMs: number, parts: Partial<EnforcementParts> = {}): Driver {
  const driver = new Driver(undefined, parts)
  driver.rebuilding = true
  driver.fold(sent)
  driver.hear({ atMs, topic: 'accounts.state.v1', input: accountState() })
  return driver
}

const standings = (driver: Driver): readonly Sent[] =>
  driver.sent.filter(({ output }) => output.topic === 'abuse.standing.v1')

describe('a lost standing', () => {
  it('has its strikes again though the log of sanctions is gone: the next step follows, under a new id', () => {
    const before = sanctioned()
    const after = rebuilt(standings(before), T0 + 21 * DAY)
    after.rebuilding = false
    for (const driver of [before, after]) tell(driver, T0 + 21 * DAY, csam(T0 + 21 * DAY, 2))
    const [expected, got] = [before, after].map(lastReview)
    expect(got).toMatchObject({ clause: CSAM, reason: 'beforeTermination' })
    expect(got?.id).toBe(expected?.id)
  })

  it('knows of which clause each strike is, though several hide theirs under one code', () => {
    const parts = { policy: () => policy({ clauses: [...policy().clauses, NCII] }) }
    const before = known(new Driver(undefined, parts))
    const more = { capability: 'image', evidence: [{ name: 'exactMatch', value: 1 }] }
    for (const clause of [CSAM, NCII.id]) tell(before, T0, signal({ clause, detectorId: clause, more }))
    before.passTo(T0 + 3 * DAY)
    const after = rebuilt(before.sent, T0 + 4 * DAY, parts)
    const inForce = after.cell.standings.live.sanctions.filter(({ endedAtMs }) => endedAtMs === null)
    expect(inForce.map(({ sanction: { act, clause } }) => [act, clause])).toEqual([
      ['restriction', CSAM],
      ['restriction', NCII.id],
    ])
  })

  it('never gives an ordinal, and so an id, out again', () => {
    const spam = clause('prohibited.spam', 'S1', [step('suspension', DAY, { scope: 'api' })])
    const parts = { policy: () => policy({ clauses: [spam] }) }
    const before = known(new Driver(undefined, parts))
    tell(before, T0, signal({ clause: spam.id, atMs: T0 }))
    before.passTo(T0 + 10 * DAY)
    const after = rebuilt(standings(before), T0 + 11 * DAY, parts)
    after.rebuilding = false
    tell(after, T0 + 11 * DAY, signal({ clause: spam.id, atMs: T0 + 11 * DAY }))
    const [first] = sanctionsOf(before)
    const [next, ...more] = sanctionsOf(after)
    expect(more).toEqual([])
    expect(next).toMatchObject({ act: 'suspension', clause: spam.id, strikeOrdinal: 2 })
    expect(next?.id).not.toBe(first?.id)
  })

  it('takes the log’s word over the standing’s, and a newer standing’s over an older', () => {
    const before = sanctioned()
    const whole = rebuilt(before.sent, T0 + 21 * DAY)
    expect(whole.cell.standings.live.sanctions.every((kept) => kept.sanction.signalIds.length > 0)).toBe(true)
    expect(whole.cell.standings.live.sanctions).toHaveLength(before.cell.standings.live.sanctions.length)
    before.passTo(T0 + 900 * DAY)
    expect(standings(before).at(-1)?.output.value).toBeNull()
    expect(rebuilt(standings(before), T0 + 901 * DAY).cell.standings.live.sanctions).toEqual([])
  })

  it('ends what is still in force on time, once, and says so', () => {
    const before = known()
    tell(before, T0, csam(T0, 1))
    const after = rebuilt(standings(before), T0 + HOUR)
    after.rebuilding = false
    after.passTo(T0 + 30 * DAY)
    expect(sanctionsOf(after)).toMatchObject([
      { act: 'lifting', endCause: 'expired', endsSanctionId: sanctionsOf(before)[0]?.id },
    ])
    expect(JSON.stringify(after.sent)).not.toMatch(/csam/i)
  })

  it('decides nothing about the past, even where the log no longer tells what became of it', () => {
    const after = rebuilt([], T0)
    tell(after, T0, signal({ clause: SCRAPING, atMs: T0 }))
    tell(after, T0 + HOUR, csam(T0 + HOUR, 1))
    expect(after.sent).toEqual([])
    expect(after.withheld.map(({ topic }) => topic)).toContain('abuse.sanctions.v1')
    expect(after.cell.standings.live.sanctions).toEqual([])
    after.rebuilding = false
    tell(after, T0 + DAY, csam(T0 + DAY, 2))
    expect(sanctionsOf(after)).toMatchObject([{ reasonCode: 'code-S0', strikeOrdinal: 1 }])
  })
})
