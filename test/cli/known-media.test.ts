/**
 * Known media from the lists to the act, through classify, usage and enforcement: only both cryptographic hashes of a
 * vetted entry suspend, what looks alike restricts, and people look within the hour. Hashes are made up.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClassifier } from '../../src/classify/classifier.ts'
import { KnownMediaSnapshot } from '../../src/classify/media/known-media.ts'
import { DEFAULT_BUNDLE_FOLDER } from '../../src/classify/model/bundle.ts'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import type { MediaFact } from '../../src/domain/content.ts'
import type { MediaEntry } from '../../src/domain/known-media.ts'
import { SAMPLES } from '../codec/samples.ts'
import { response } from '../classify/fixtures/events.ts'

const HASH_KEY = { id: 'test-1', secret: Buffer.alloc(32, 7) }
const START_MS = Date.UTC(2026, 5, 1, 9)
const HOUR_MS = 3_600_000
const SHA = 'a1'.repeat(32)
const MD5 = 'b2'.repeat(16)
const PDQ = '0123456789abcdef'.repeat(4)
const NEARLY_PDQ = `f${PDQ.slice(1)}`

const LISTED: MediaEntry = {
  ...SAMPLES['abuse.media-lists.v1'],
  clause: 'prohibited.csam',
  sha256: SHA,
  md5: MD5,
  pdq: PDQ,
  expiresAtMs: null,
}

let knownMedia: KnownMediaSnapshot
let classifier: Awaited<ReturnType<typeof createClassifier>>
let platform: EmbeddedPlatform
let nowMs = START_MS
let events = 0

beforeAll(async () => {
  knownMedia = new KnownMediaSnapshot({
    quarantineAccounts: 3,
    onQuarantine: () => undefined,
    breathe: () => Promise.resolve(),
  })
  classifier = await createClassifier({
    bundleFolder: DEFAULT_BUNDLE_FOLDER,
    hashKey: HASH_KEY,
    lists: knownMedia,
  })
  platform = await EmbeddedPlatform.start({
    flows: loadFlows(),
    bundle: loadBundle('topologies'),
    hashKey: HASH_KEY,
    classifier,
    knownMedia,
    startMs: START_MS,
  })
})
afterAll(async () => {
  await platform.stop()
  await classifier.close()
})

function list(entry: MediaEntry): void {
  platform.append('abuse.media-lists.v1', entry, nowMs)
}

function unlist(id: string): void {
  platform.appendBytes('abuse.media-lists.v1', { key: Buffer.from(id), value: null }, nowMs)
}

/** What follows when the account makes such a picture. */
async function after(accountId: string, media: Partial<MediaFact>) {
  platform.append(
    'accounts.state.v1',
    {
      ...SAMPLES['accounts.state.v1'],
      accountId,
      grants: [],
      protected: false,
      ageAttested: true,
      updatedAtMs: nowMs,
    },
    nowMs,
  )
  await platform.advance((nowMs += 1_000))
  const fact: MediaFact = {
    sha256: null,
    md5: null,
    pdq: null,
    pdqQuality: 90,
    facePresent: null,
    sexualScore: null,
    direction: 'output',
    ...media,
  }
  const id = `e${events++}`
  const made = { eventId: id, requestId: id, accountId, completedAtMs: nowMs, requestedAtMs: nowMs }
  platform.append('inference.responses.v1', response('', { ...made, media: [fact] }), nowMs)
  await platform.advance((nowMs += 60_000))
  await platform.advance((nowMs += 60_000))
  return {
    sanctions: await platform.taken('abuse.sanctions.v1'),
    cases: await platform.taken('abuse.reviews.v1'),
  }
}

it('suspends the account where both cryptographic hashes match a vetted entry, and says why to nobody else', async () => {
  list(LISTED)
  const { sanctions, cases } = await after('exact', { sha256: SHA, md5: MD5, direction: 'upload' })
  expect(sanctions).toMatchObject([
    {
      accountId: 'exact',
      act: 'suspension',
      scope: 'account',
      underReview: true,
      severity: 'S0',
      clause: 'content-safety',
      reasonCode: 'content-safety',
      detectorId: null,
      statement: { facts: [] },
    },
  ])
  expect(JSON.stringify(sanctions)).not.toMatch(/csam/i)
  expect((sanctions[0]?.endsAtMs ?? 0) - (sanctions[0]?.issuedAtMs ?? 0)).toBe(72 * HOUR_MS)
  expect(cases).toMatchObject([{ clause: 'prohibited.csam', severity: 'S0', reason: 'underReview' }])
  expect((cases[0]?.dueAtMs ?? 0) - (cases[0]?.openedAtMs ?? 0)).toBeLessThanOrEqual(HOUR_MS)
})

it.each([
  ['looks alike', { pdq: NEARLY_PDQ }],
  ['has one of the hashes', { sha256: SHA }],
])('restricts the capability at most where a picture %s', async (what, media) => {
  const { sanctions, cases } = await after(what, media)
  expect(sanctions).toMatchObject([{ act: 'restriction', scope: 'capability', underReview: true }])
  expect(cases).toHaveLength(1)
})

it('does nothing where the hash is of poor quality, or of no listed picture', async () => {
  expect(await after('poor', { pdq: PDQ, pdqQuality: 30 })).toEqual({ sanctions: [], cases: [] })
  expect(await after('other', { pdq: 'f0'.repeat(32), sha256: 'c3'.repeat(32) })).toEqual({
    sanctions: [],
    cases: [],
  })
})

it('restricts at most where the list is not vetted', async () => {
  list({ ...LISTED, id: 'rumour/1', list: 'rumour', vetted: false, sha256: 'd4'.repeat(32), pdq: null })
  const { sanctions } = await after('unvetted', { sha256: 'd4'.repeat(32), md5: MD5 })
  expect(sanctions).toMatchObject([{ act: 'restriction', scope: 'capability' }])
})

it('enforces no more on an entry that hits many accounts, and forgets a removed one', async () => {
  const sha256 = 'e5'.repeat(32)
  const md5 = 'e6'.repeat(16)
  list({ ...LISTED, id: 'hotline/blank', sha256, md5, pdq: null })
  for (const account of ['m1', 'm2', 'm3']) {
    expect((await after(account, { sha256, md5 })).sanctions).toHaveLength(1)
  }
  expect((await after('m4', { sha256, md5 })).sanctions).toEqual([])
  unlist(LISTED.id)
  expect((await after('later', { sha256: SHA, md5: MD5 })).sanctions).toEqual([])
})
