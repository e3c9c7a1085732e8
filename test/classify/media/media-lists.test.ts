/** What lists of known media say of an item, and how entries come and go. */
import { describe, expect, it } from 'vitest'
import { KnownMediaSnapshot } from '../../../src/classify/media/known-media.ts'
import { MediaLists } from '../../../src/classify/media/media-lists.ts'
import type { MediaFact } from '../../../src/domain/content.ts'
import type { MediaEntry } from '../../../src/domain/known-media.ts'

const NOW_MS = Date.UTC(2026, 5, 1)
const HOUR_MS = 3_600_000
const SHA = 'a1'.repeat(32)
const MD5 = 'b2'.repeat(16)
const PDQ = '0123456789abcdef'.repeat(4)
/** Differs from PDQ in so many bits. */
const pdqAt = (bits: number): string => {
  const value = [...Buffer.from(PDQ, 'hex')]
  for (let bit = 0; bit < bits; bit++) value[bit % 32] = (value[bit % 32] ?? 0) ^ (1 << Math.floor(bit / 32))
  return Buffer.from(value).toString('hex')
}

const entry = (given: Partial<MediaEntry> = {}): MediaEntry => ({
  id: 'one',
  list: 'hotline',
  clause: 'prohibited.csam',
  vetted: true,
  quarantined: false,
  sha256: null,
  md5: null,
  pdq: null,
  addedAtMs: NOW_MS,
  addedBy: 'hotline',
  expiresAtMs: null,
  ...given,
})

const fact = (given: Partial<MediaFact> = {}): MediaFact => ({
  sha256: null,
  md5: null,
  pdq: null,
  pdqQuality: 100,
  facePresent: null,
  sexualScore: null,
  direction: 'upload',
  ...given,
})

function lists(...entries: readonly MediaEntry[]): MediaLists {
  const made = new MediaLists(() => Promise.resolve())
  for (const one of entries) made.apply(one)
  return made
}

const said = (of: MediaLists, about: Partial<MediaFact>, nowMs = NOW_MS) =>
  of.matches(fact(about), nowMs).map(({ entryId, match, distance }) => ({ entryId, match, distance }))

describe('cryptographic hashes', () => {
  const both = lists(entry({ sha256: SHA, md5: MD5 }))

  it('are exact where both match', () => {
    expect(said(both, { sha256: SHA, md5: MD5 })).toEqual([
      { entryId: 'one', match: 'exact', distance: null },
    ])
  })

  it('are one hash where the other is not known on either side', () => {
    expect(said(both, { sha256: SHA })).toMatchObject([{ match: 'oneHash' }])
    expect(said(both, { md5: MD5 })).toMatchObject([{ match: 'oneHash' }])
    expect(said(lists(entry({ md5: MD5 })), { md5: MD5, sha256: SHA })).toMatchObject([{ match: 'oneHash' }])
  })

  it('are no match where one contradicts', () => {
    expect(said(both, { sha256: SHA, md5: 'c3'.repeat(16) })).toEqual([])
    expect(said(both, { sha256: 'c3'.repeat(32), md5: MD5 })).toEqual([])
  })
})

describe('perceptual hashes', () => {
  const known = lists(entry({ pdq: PDQ }))

  it.each([0, 1, 16, 31])('match at a distance of %i bits', (distance) => {
    expect(said(known, { pdq: pdqAt(distance) })).toEqual([{ entryId: 'one', match: 'perceptual', distance }])
  })

  it('do not match at 32 bits', () => {
    expect(said(known, { pdq: pdqAt(32) })).toEqual([])
  })

  it('are not compared below a quality of 50, or where it is not known', () => {
    expect(said(known, { pdq: PDQ, pdqQuality: 49 })).toEqual([])
    expect(said(known, { pdq: PDQ, pdqQuality: null })).toEqual([])
    expect(said(known, { pdq: PDQ, pdqQuality: 50 })).toHaveLength(1)
  })
})

describe('lists', () => {
  it('speak each for itself, and by their surest entry', () => {
    const of = lists(
      entry({ id: 'far', pdq: pdqAt(20) }),
      entry({ id: 'near', pdq: pdqAt(2) }),
      entry({ id: 'file', sha256: SHA }),
      entry({ id: 'other', list: 'consortium', clause: 'prohibited.violent-extremism', pdq: PDQ }),
    )
    expect(said(of, { pdq: PDQ })).toEqual([
      { entryId: 'near', match: 'perceptual', distance: 2 },
      { entryId: 'other', match: 'perceptual', distance: 0 },
    ])
    expect(said(of, { pdq: PDQ, sha256: SHA })).toMatchObject([{ entryId: 'file' }, { entryId: 'other' }])
  })

  it('let a quarantined entry speak only where no other of them is as sure', () => {
    const of = lists(entry({ id: 'a', pdq: PDQ, quarantined: true }), entry({ id: 'b', pdq: PDQ }))
    expect(said(of, { pdq: PDQ })).toMatchObject([{ entryId: 'b' }])
  })

  it('hold an entry until it is removed, replaced or over', () => {
    const of = lists(entry({ pdq: PDQ, sha256: SHA, expiresAtMs: NOW_MS + HOUR_MS }))
    expect(said(of, { pdq: PDQ }, NOW_MS + HOUR_MS - 1)).toHaveLength(1)
    expect(said(of, { pdq: PDQ }, NOW_MS + HOUR_MS)).toEqual([])
    of.apply(entry({ pdq: pdqAt(200) }))
    expect(said(of, { pdq: PDQ, sha256: SHA })).toEqual([])
    expect(said(of, { pdq: pdqAt(200) })).toHaveLength(1)
    of.remove('one')
    expect(said(of, { pdq: pdqAt(200) })).toEqual([])
    expect(of.size).toBe(0)
  })

  it('say the same from the index as one by one, also while it is built and places are given again', async () => {
    const of = lists()
    for (let n = 0; n < 1_500; n++) of.apply(entry({ id: `n${n}`, pdq: randomPdq(n) }))
    of.apply(entry({ id: 'early', pdq: PDQ }))
    const settled = of.settled()
    of.remove('early')
    of.apply(entry({ id: 'late', pdq: pdqAt(5) }))
    of.apply(entry({ id: 'n7', pdq: pdqAt(9) }))
    await settled
    expect(said(of, { pdq: PDQ })).toEqual([{ entryId: 'late', match: 'perceptual', distance: 5 }])
    expect(said(of, { pdq: randomPdq(7) })).toEqual([])
    expect(said(of, { pdq: randomPdq(8) })).toMatchObject([{ entryId: 'n8' }])
    of.remove('late')
    expect(said(of, { pdq: PDQ })).toMatchObject([{ entryId: 'n7', distance: 9 }])
  })
})

describe('an entry that suddenly hits many accounts', () => {
  function snapshot(told: string[] = []): KnownMediaSnapshot {
    const breathe = (): Promise<void> => Promise.resolve()
    const onQuarantine = (id: string, list: string): unknown => told.push(`${list} ${id}`)
    const made = new KnownMediaSnapshot({ quarantineAccounts: 3, onQuarantine, breathe })
    made.apply(entry({ sha256: SHA, md5: MD5 }))
    return made
  }
  const hit = (of: KnownMediaSnapshot, account: string, timeMs = NOW_MS) =>
    of.matches(fact({ sha256: SHA, md5: MD5 }), account, timeMs)[0]?.quarantined

  it('is quarantined past the bound, told once, and stays so', () => {
    const told: string[] = []
    const of = snapshot(told)
    expect(['a', 'b', 'c', 'a', 'd', 'e'].map((account) => hit(of, account))).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ])
    expect(hit(of, 'a', NOW_MS + 5 * HOUR_MS)).toBe(true)
    expect(told).toEqual(['hotline one'])
  })

  it('is trusted again when it is written anew', () => {
    const of = snapshot()
    for (const account of ['a', 'b', 'c', 'd']) hit(of, account)
    of.apply(entry({ sha256: SHA, md5: MD5 }))
    expect(hit(of, 'e')).toBe(false)
  })

  it('counts each hour by itself', () => {
    const of = snapshot()
    const hours = ['a', 'b', 'c', 'd', 'e', 'f'].map((account, n) => hit(of, account, NOW_MS + n * HOUR_MS))
    expect(hours).toEqual([false, false, false, false, false, false])
  })
})

/** Far from every other, and always the same for the same number (a multiplicative hash). */
function randomPdq(n: number): string {
  const words = Array.from({ length: 16 }, (_, word) => Math.imul(n * 16 + word + 1, 0x9e3779b1) >>> 16)
  return words.map((word) => word.toString(16).padStart(4, '0')).join('')
}
