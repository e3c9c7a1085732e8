/** What people see before they decide, and what a bulk reversal takes, from records of real ladders. */
import { describe, expect, it } from 'vitest'
import {
  historyOf,
  measureLines,
  standingLines,
  snoozesOf,
  subjectViewOf,
  type AccountRecords,
} from '../../src/console/account-history.ts'
import { countsByAct, sanctionsToReverse, signalsOf } from '../../src/console/bulk-reversal.ts'
import { openCases, votesOn } from '../../src/console/cases.ts'
import { linkLines, linksOf } from '../../src/console/links.ts'
import { decisionOf } from '../../src/console/word.ts'
import type { ReviewCase } from '../../src/domain/case.ts'
import type { Sanction } from '../../src/domain/sanction.ts'
import { publicationOf } from '../../src/enforce/publication.ts'
import {
  accountEvent,
  appeal,
  CSAM,
  DAY,
  decision,
  HOUR,
  signal,
  signalOf,
  T0,
} from '../enforce/support/fixtures.ts'
import { given, type Account } from '../enforce/support/given.ts'

const EXACT = { evidence: [{ name: 'exactMatch', value: 1 }] }
const ANY = { accountId: null, reason: null, signalIds: null, templateHash: null, dueBeforeMs: null }
const CSAM_SIGNAL = { clause: CSAM, detectorId: 'csam.known-media', atMs: T0 + HOUR, more: EXACT }
const EVER = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

/** Warned for one clause, suspended under another, as it stands in the log. */
function sanctioned(): Account {
  return given()
    .hear(T0, signal())
    .hear(T0 + HOUR, signal(CSAM_SIGNAL))
}

function published(account: Account) {
  const outputs = account.outcomes.flatMap((one) => publicationOf(one, false) ?? [])
  const sanctions: Sanction[] = []
  const reviews: ReviewCase[] = []
  for (const output of outputs) {
    if (output.topic === 'abuse.sanctions.v1') sanctions.push(output.value)
    if (output.topic === 'abuse.reviews.v1') reviews.push(output.value)
  }
  return { sanctions, reviews }
}

describe('snoozes', () => {
  const word = (detectorId: string | null, untilMs: number, atMs: number) =>
    decisionOf(
      {
        accountId: 'a',
        kind: 'snooze',
        reason: 'they test',
        sawContent: false,
        snooze: { detectorId, untilMs },
      },
      'ann',
      atMs,
    )

  it('in force are the newest words that are not over', () => {
    const words = [word('one', T0 + DAY, T0), word('one', T0, T0 + 1), word(null, T0 + DAY, T0 + 2)]
    expect(snoozesOf(words, T0 + 3)).toEqual([{ detectorId: null, untilMs: T0 + DAY }])
    expect(snoozesOf(words, T0 + DAY)).toEqual([])
    expect(new Set(words.map(({ id }) => id)).size).toBe(3)
  })

  it('stand in the history with their end', () => {
    const none = { standing: null, sanctions: [], signals: [], reviews: [], appeals: [] }
    const told = historyOf({ ...none, decisions: [word('one', T0 + DAY, T0), word('one', T0, T0 + 1)] })
    const until = new Date(T0 + DAY).toISOString()
    expect(told.map(({ text }) => text)).toEqual([
      `snooze of one, until ${until} by ann, content not seen: they test`,
      'end of the snooze of one by ann, content not seen: they test',
    ])
  })
})

describe('open cases', () => {
  it('are those that nobody has closed, the most urgent first', async () => {
    const account = sanctioned()
    const { id } = account.openedCase
    expect((await openCases(published(account).reviews, ANY)).map((one) => one.id)).toEqual([id])
    expect(await openCases(published(account).reviews, { ...ANY, dueBeforeMs: T0 })).toEqual([])
    expect(await openCases(published(account).reviews, { ...ANY, reason: 'appeal' })).toEqual([])
    account.hear(T0 + 2 * HOUR, decision('uphold', 'ann', { caseId: id }))
    const { reviews } = published(account)
    expect(await openCases([...reviews, ...reviews.slice(0, 1)], ANY)).toEqual([])
  })

  it('are as they were told last, and votes for a termination from before do not count', async () => {
    const [first] = published(sanctioned()).reviews
    if (first === undefined) throw new Error('no case')
    const opened: ReviewCase = { ...first, reason: 'beforeTermination' }
    const revised: ReviewCase = { ...opened, reason: 'underReview', revisedAtMs: T0 + DAY }
    const told = [opened, revised, opened]
    expect(await openCases(told, ANY)).toEqual([revised])
    expect(await openCases(told, { ...ANY, reason: 'beforeTermination' })).toEqual([])
    const vote = (kind: 'terminate' | 'refer', by: string, atMs: number) =>
      decisionOf(
        { accountId: 'a', kind, reason: 'r', sawContent: true, caseId: first.id, sanctionId: null },
        by,
        atMs,
      )
    const said = [
      vote('terminate', 'ann', T0),
      vote('refer', 'ann', T0),
      vote('terminate', 'ben', T0 + 2 * DAY),
    ]
    expect((await votesOn([revised], said)).get(first.id)).toEqual(['ann: refer', 'ben: terminate'])
    expect((await votesOn([opened], said)).get(first.id)).toHaveLength(3)
  })
})

describe('a bulk reversal', () => {
  const reverse = async (account: Account, detectorId: string, version: number | null) => {
    const signals = await signalsOf([signalOf(), signalOf(CSAM_SIGNAL)], detectorId, version)
    const by = { detectorId, detectorVersion: version }
    return sanctionsToReverse(published(account).sanctions, { by, ...EVER }, signals)
  }

  it('takes the sanctions of the detector, also where the record hides it', async () => {
    const account = sanctioned()
    const [warning, suspension] = published(account).sanctions
    expect(suspension?.detectorId).toBeNull()
    expect(await reverse(account, 'csam.known-media', 3)).toEqual([suspension])
    expect(await reverse(account, 'scraping.bulk-harvest', null)).toEqual([warning])
    expect(await reverse(account, 'csam.known-media', 2)).toEqual([])
    expect(await reverse(account, 'scraping.bulk-harvest', 2)).toEqual([])
    expect(countsByAct(await reverse(account, 'csam.known-media', 3))).toEqual({ suspension: 1 })
  })

  it('keeps to the time, and has nothing left to do the second time', async () => {
    const account = sanctioned()
    const { sanctions } = published(account)
    const by = { detectorId: 'scraping.bulk-harvest', detectorVersion: null }
    expect(await sanctionsToReverse(sanctions, { by, fromMs: T0 + 1, toMs: T0 + DAY }, new Set())).toEqual([])
    expect(await sanctionsToReverse(sanctions, { by, fromMs: T0 - DAY, toMs: T0 }, new Set())).toEqual([])
    expect(await sanctionsToReverse(sanctions, { by, fromMs: T0, toMs: T0 + 1 }, new Set())).toHaveLength(1)
    for (const { id } of await reverse(account, 'scraping.bulk-harvest', null))
      account.hear(T0 + DAY, decision('reverse', 'ann', { sanctionId: id }))
    expect(await reverse(account, 'scraping.bulk-harvest', null)).toEqual([])
  })

  it('takes a strike that a graver one took over: with it gone, the graver one brings nothing back', async () => {
    const requests = ['one-request']
    const account = given()
      .hear(T0, signal({ requests }))
      .hear(T0 + HOUR, signal({ ...CSAM_SIGNAL, requests }))
    const [warning, suspension] = published(account).sanctions
    const taken = await reverse(account, 'scraping.bulk-harvest', null)
    expect(taken.map(({ id }) => id)).toEqual([warning?.id])
    account.hear(T0 + 2 * HOUR, decision('reverse', 'ann', { sanctionId: warning?.id ?? '' }))
    account.expectActs({ act: 'reversal', endsSanctionId: warning?.id ?? '', endCause: 'decision' })
    expect(await reverse(account, 'scraping.bulk-harvest', null)).toEqual([])
    account.hear(T0 + 3 * HOUR, decision('reverse', 'ann', { sanctionId: warning?.id ?? '', id: 'again' }))
    account.expectOnlyCounted('alreadyEnded')
    account.hear(T0 + 4 * HOUR, decision('reverse', 'ann', { sanctionId: suspension?.id ?? '' }))
    account.expectActs({ act: 'reversal', endsSanctionId: suspension?.id ?? '' })
    const ids = published(account).sanctions.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('leaves out what a graver strike took over once it was over: that comes back for nobody', async () => {
    const [warning] = published(sanctioned()).sanctions
    if (warning === undefined) throw new Error('nobody was warned')
    const ends = { endsSanctionId: warning.id, issuedAtMs: T0 + HOUR }
    const lifted: Sanction = { ...warning, ...ends, id: 'lifting', act: 'lifting', endCause: 'expired' }
    const taken: Sanction = { ...warning, ...ends, id: 'reversal', act: 'reversal', endCause: 'superseded' }
    const by = { detectorId: 'scraping.bulk-harvest', detectorVersion: null }
    const toReverse = (...log: readonly Sanction[]) => sanctionsToReverse(log, { by, ...EVER }, new Set())
    expect(await toReverse(warning, lifted)).toEqual([warning])
    expect(await toReverse(warning, taken)).toEqual([warning])
    expect(await toReverse(warning, lifted, taken)).toEqual([])
  })

  it('has nothing left to do of a strike of which people had renewed the record', async () => {
    const account = sanctioned()
    account.hear(T0 + 2 * HOUR, decision('uphold', 'ann', { caseId: account.openedCase.id }))
    const [renewed] = await reverse(account, 'csam.known-media', 3)
    expect(renewed).toMatchObject({ act: 'suspension', decidedBy: ['ann'] })
    account.hear(T0 + 3 * HOUR, decision('reverse', 'ben', { sanctionId: renewed?.id ?? '' }))
    expect(await reverse(account, 'csam.known-media', 3)).toEqual([])
  })

  it('closes the appeal against an earlier record of the strike', async () => {
    const account = sanctioned()
    const [, suspension] = published(account).sanctions
    const caseId = account.openedCase.id
    account.hear(T0 + 2 * HOUR, appeal(suspension?.id ?? '', { submittedAtMs: T0 + 2 * HOUR }))
    account.hear(T0 + 3 * HOUR, decision('uphold', 'ann', { caseId }))
    const [renewed] = await reverse(account, 'csam.known-media', 3)
    account.hear(T0 + 4 * HOUR, decision('reverse', 'ben', { sanctionId: renewed?.id ?? '' }))
    expect(account.standing.reviews).toEqual([])
  })

  it("takes a person's sanctions, each strike by its latest record", async () => {
    const account = sanctioned()
    account.hear(T0 + 2 * HOUR, decision('uphold', 'ann', { caseId: account.openedCase.id }))
    const { sanctions } = published(account)
    const taken = (person: string) =>
      sanctionsToReverse(sanctions, { by: { decidedBy: person }, ...EVER }, new Set())
    expect(await taken('ann')).toMatchObject([{ act: 'suspension', decidedBy: ['ann'] }])
    expect(await taken('ben')).toEqual([])
    const again = decisionOf(
      { accountId: 'a', kind: 'reverse', reason: 'r', sawContent: false, sanctionId: 's' },
      'ann',
      1,
    )
    expect(again.id).toBe(decisionOf({ ...again, reason: 'other words' }, 'ann', 2).id)
    expect(again.id).not.toBe(decisionOf({ ...again, kind: 'lift' }, 'ann', 1).id)
    expect(again.id).not.toBe(decisionOf(again, 'ben', 1).id)
    const narrowed = ['k1', 'k2'].map((narrowToTarget) =>
      decisionOf({ ...again, kind: 'narrow', narrowToScope: 'key', narrowToTarget }, 'ann', 1),
    )
    expect(narrowed[0]?.id).not.toBe(narrowed[1]?.id)
  })
})

describe('an account', () => {
  const records = (account: Account): AccountRecords => ({
    standing: null,
    ...published(account),
    signals: [signalOf(), signalOf(CSAM_SIGNAL)],
    decisions: [],
    appeals: [],
  })

  it('tells people what happened, in order', () => {
    const account = sanctioned()
    expect(historyOf(records(account)).map(({ what }) => what)).toEqual([
      'signal',
      'sanction',
      'signal',
      'sanction',
      'review',
    ])
  })

  it('tells its subject the measures and their reasons, and nothing of how they were found', () => {
    const account = sanctioned()
    const [warning] = published(account).sanctions
    account.hear(T0 + 2 * HOUR, accountEvent('remediated', warning?.id ?? '', T0 + 2 * HOUR))
    const view = subjectViewOf(records(account), T0 + 3 * HOUR)
    expect(view.map(({ act, inForce }) => [act, inForce])).toEqual([
      ['warning', false],
      ['suspension', true],
      ['lifting', false],
    ])
    const [suspended] = published(account).sanctions.slice(1)
    const before = subjectViewOf(records(account), (suspended?.effectiveAtMs ?? 0) - 1)
    expect(before.map(({ act }) => act)).toEqual(['warning'])
    const told = JSON.stringify(view)
    for (const hidden of ['csam', 'detector', 'bulk-harvest', signalOf().id])
      expect(told).not.toContain(hidden)
    expect(told).toContain('Write to the appeals address.')
    const lines = view.flatMap(measureLines)
    expect(lines).toContain(`${new Date(T0).toISOString()}  warning  ${warning?.id ?? ''}`)
    expect(lines).toContain(`  Register the use. (by ${new Date(T0 + DAY).toISOString()})`)
    expect(lines.filter((line) => line === '  found automatically, decided automatically')).toHaveLength(2)
  })

  it('tells people what holds, and of what will hold from when', () => {
    const [, suspended] = published(sanctioned()).sanctions
    if (suspended === undefined) throw new Error('nobody was suspended')
    const { id, act, scope, scopeTarget, effectiveAtMs, endsAtMs } = suspended
    const actor = { actorLevel: 'account', actorId: suspended.accountId } as const
    const active = { sanctionId: id, act, scope, scopeTarget, ...actor, effectiveAtMs, endsAtMs }
    const standing = {
      accountId: suspended.accountId,
      updatedAtMs: T0,
      active: [{ ...active, rateCeilingPerMinute: null, reasonCode: 'content' }],
      shadow: false,
      strikes: null,
      keyFlags: null,
      snoozes: null,
    }
    const lines = (nowMs: number) => standingLines(standing, nowMs)
    expect(lines(effectiveAtMs)[0]).toMatch(/^in force: suspension \(account\), content, until /)
    expect(lines(effectiveAtMs - 1)[0]).toBe(
      lines(effectiveAtMs)[0]?.replace(
        'in force',
        `not in force before ${new Date(effectiveAtMs).toISOString()}`,
      ),
    )
    expect(lines(endsAtMs ?? 0)).toEqual(['nothing is in force'])
    expect(standingLines(null, T0)).toEqual(['nothing is in force'])
  })

  it('tells people its organisation, and that who is linked is not known yet', () => {
    expect(linkLines(linksOf({ organizationId: 'org-1' }))).toEqual([
      'organisation: org-1',
      'linked accounts: not known yet, for linkage is not built',
    ])
    expect(linkLines(linksOf(null))[0]).toBe('organisation: the platform does not tell')
  })
})
