import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { TopShare } from '../../src/windows/top-share.ts'

const LIMIT = 16

function shareOf(values: readonly number[], limit: number): TopShare {
  const share = new TopShare(limit)
  for (const value of values) share.add(value)
  return share
}

function exactShare(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return Math.max(...counts.values()) / values.length
}

function restored(share: TopShare, limit: number): TopShare {
  const writer = new ByteWriter()
  share.encode(writer)
  return TopShare.decode(limit, new ByteReader(writer.take()))
}

describe('the largest share of one value', () => {
  it('is unknown of nothing', () => {
    expect(new TopShare(LIMIT).value()).toBeNaN()
  })

  it('is exact while a pane holds no more values than its limit, also over several panes', () => {
    const few = fc.array(fc.nat(LIMIT - 1), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(fc.array(few, { minLength: 1, maxLength: 4 }), (panes) => {
        const window = new TopShare(Infinity)
        for (const pane of panes) window.merge(restored(shareOf(pane, LIMIT), LIMIT))
        expect(window.value()).toBe(exactShare(panes.flat()))
      }),
    )
  })

  it('past the limit is never too high, and too low by at most 2 / limit', () => {
    const many = fc.array(fc.nat(90), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(fc.array(many, { minLength: 1, maxLength: 4 }), (panes) => {
        const window = new TopShare(Infinity)
        for (const pane of panes) window.merge(shareOf(pane, LIMIT))
        const exact = exactShare(panes.flat())
        expect(window.value()).toBeLessThanOrEqual(exact)
        expect(window.value()).toBeGreaterThanOrEqual(exact - 2 / LIMIT)
      }),
    )
  })

  it('sees one value through a flood of others that never repeat', () => {
    const flood = Array.from({ length: 4_000 }, (_, at) => (at % 2 === 0 ? 7 : 1_000 + at))
    expect(shareOf(flood, LIMIT).value()).toBeGreaterThan(0.5 - 2 / LIMIT)
  })

  it('says when it has given values up, so that a window is merged anew', () => {
    const share = new TopShare(2)
    expect([1, 2, 1, 3].map((value) => share.add(value))).toEqual([false, false, false, true])
  })

  it('takes a pane out again as if it had never been merged', () => {
    const pane = fc.array(fc.nat(40))
    fc.assert(
      fc.property(pane, pane, pane, (first, second, later) => {
        const window = new TopShare(Infinity)
        const rest = new TopShare(Infinity)
        for (const values of [first, second]) window.merge(shareOf(values, LIMIT))
        window.leave(shareOf(first, LIMIT))
        for (const values of [second, later]) rest.merge(shareOf(values, LIMIT))
        for (const value of later) window.add(value)
        if (new Set(later).size <= LIMIT) expect(window.value()).toEqual(rest.value())
      }),
    )
  })

  it('goes on after it was stored as if it had not been', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), fc.array(fc.nat(60)), (values, more) => {
        const kept = shareOf(values, LIMIT)
        const read = restored(kept, LIMIT)
        for (const value of more) expect(read.add(value)).toBe(kept.add(value))
        expect(read.value()).toEqual(kept.value())
      }),
    )
  })
})
