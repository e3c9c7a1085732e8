/** What gateways are told to be in force, and which signals count as judged. */
import { describe, expect, it } from 'vitest'
import { MOST, type AccountStanding, type SanctionCore } from '../../src/enforce/account-standing.ts'
import { foldOutcome } from '../../src/enforce/fold.ts'
import { seen } from '../../src/enforce/seen.ts'
import { activeSanctions, standingOf } from '../../src/enforce/standing.ts'
import { strikesOf } from '../../src/enforce/strikes.ts'
import { ACCOUNT, CSAM, key, policy, SANCTION_IDS, signal, T0 } from './support/fixtures.ts'
import { given } from './support/given.ts'

const EXACT = { evidence: [{ name: 'exactMatch', value: 1 }] }
const { standing } = given().hear(T0, signal())

/** The account as if these were all that it was ever given. */
function under(...cores: readonly Partial<SanctionCore>[]): AccountStanding {
  const [kept] = standing.sanctions
  if (kept === undefined) throw new Error('nothing was given')
  return {
    ...standing,
    sanctions: cores.map((core) => ({ ...kept, sanction: { ...kept.sanction, ...core } })),
  }
}

const span = (from: number, to: number | null) => ({
  effectiveAtMs: T0 + from,
  endsAtMs: to === null ? null : T0 + to,
})
const closed = { id: 'closed', act: 'suspension', scope: 'api', scopeTarget: null } as const
const limited = { id: 'limited', act: 'restriction', scope: 'api', scopeTarget: null } as const

describe('what is in force', () => {
  const told = (...cores: readonly Partial<SanctionCore>[]) =>
    activeSanctions(under(...cores)).map(({ sanctionId }) => sanctionId)

  it('is what nothing stricter covers from its beginning to its end (N1)', () => {
    expect(told({ ...limited, ...span(10, 50) }, { ...closed, ...span(0, 100) })).toEqual(['closed'])
    expect(told({ ...limited, ...span(0, 50) }, { ...closed, ...span(10, 100) })).toEqual([
      'limited',
      'closed',
    ])
    expect(told({ ...limited, ...span(0, 100) }, { ...closed, ...span(0, 50) })).toEqual([
      'closed',
      'limited',
    ])
    expect(told({ ...limited, ...span(0, 100) }, { ...closed, ...span(0, null) })).toEqual(['closed'])
  })

  it('is the lower of two ceilings, and one of two that are the same', () => {
    const rate = { ...limited, scope: 'rate', ...span(0, 100) } as const
    const ceilings = [60, 10].map((rateCeilingPerMinute) => ({
      ...rate,
      id: `to ${rateCeilingPerMinute}`,
      rateCeilingPerMinute,
    }))
    expect(told(...ceilings)).toEqual(['to 10'])
    expect(told({ ...rate, id: 'first' }, { ...rate, id: 'second' })).toEqual(['first'])
  })

  it('is told of each actor and each scope, oldest first', () => {
    const ofKey = { ...closed, id: 'of a key', actor: key('k1'), ...span(5, 100) }
    const ofImages = { ...closed, id: 'of images', scopeTarget: 'image', ...span(0, 100) }
    expect(told({ ...closed, ...span(9, 100) }, ofKey, ofImages)).toEqual(['of images', 'of a key', 'closed'])
  })
})

it('an account under nothing is forgotten, be it that its last snooze ends now', () => {
  const snoozed = { ...under(), snoozes: [{ detectorId: null, untilMs: T0 + 1 }] }
  expect(standingOf(snoozed, T0)?.snoozes).toHaveLength(1)
  expect(standingOf(snoozed, T0 + 1)).toBeNull()
})

it('a strike that was undone is none', () => {
  const struck = under(closed, limited)
  const sanctions = struck.sanctions.map((kept, at) => ({ ...kept, voided: at === 0 }))
  expect(strikesOf({ ...struck, sanctions }).map(({ sanctionId }) => sanctionId)).toEqual(['limited'])
})

it('a case that was closed over a sanction that stands spends nothing, where only the log is left', () => {
  const account = given().hear(T0, signal({ clause: CSAM, more: EXACT }))
  const review = { ...account.openedCase, status: 'closed' } as const
  const folded = (from: AccountStanding) =>
    foldOutcome(from, { topic: 'abuse.reviews.v1', value: review }, T0 + 1, policy(), SANCTION_IDS)
  expect(folded(account.standing)).toMatchObject({ kind: 'reviewClosed', spent: false })
  const voided = account.standing.sanctions.map((kept) => ({ ...kept, voided: true }))
  for (const sanctions of [voided, []])
    expect(folded({ ...account.standing, sanctions })).toMatchObject({ kind: 'reviewClosed', spent: true })
})

describe('what was seen', () => {
  const full = Array.from({ length: MOST.seen }, (_, at) => at).reduce<AccountStanding>(
    (before, at) => seen(before, `s${at}`, T0 + at, { judged: true }),
    { ...under(), accountId: ACCOUNT, seen: [], seenUntilMs: T0 - 1 },
  )

  it('is remembered up to the bound, and what is older than all of it counts as seen', () => {
    expect([full.seen.length, full.seenUntilMs]).toEqual([MOST.seen, T0 - 1])
    const more = seen(full, 'newest', T0 + MOST.seen, { judged: true })
    expect([more.seen.length, more.seenUntilMs, more.seen[0]?.id]).toEqual([MOST.seen, T0, 's1'])
    expect(seen(more, 'an old one', T0 - 9, { judged: true }).seenUntilMs).toBe(T0)
  })

  it('keeps what was said of a signal before, and its own time before a guess', () => {
    const id = 's1'
    const asked = seen(full, id, T0 + 1, { preserved: true })
    const judged = seen(asked, id, T0 + 7, { judged: true, known: true })
    expect(judged.seen.find((one) => one.id === id)).toEqual({
      id,
      occurredAtMs: T0 + 1,
      judged: true,
      preserved: true,
    })
    const first = seen(full, 'other', T0 + 5, { preserved: true })
    expect(
      seen(first, 'other', T0 + 5, { judged: true }).seen.find((one) => one.id === 'other'),
    ).toMatchObject({
      judged: true,
      preserved: true,
    })
  })
})
