/** The simulator's parts, each by itself: randomness, the agenda, arrivals, the queue of a pool, the limiter. */
import { describe, expect, it } from 'vitest'
import { Agenda } from '../../src/simulate/agenda.ts'
import { identity, plan, planFor } from '../../src/simulate/account.ts'
import {
  ClosedLoop,
  expectedRequests,
  PacedArrivals,
  PeriodicArrivals,
  TraceArrivals,
} from '../../src/simulate/arrivals.ts'
import type { Arrivals } from '../../src/simulate/arrivals.ts'
import { Pool } from '../../src/simulate/pool.ts'
import { Random } from '../../src/simulate/random.ts'
import { RateLimiter } from '../../src/simulate/rate-limiter.ts'
import { TRACE_CLIENTS } from '../../src/simulate/trace.ts'

const HOUR_MS = 3_600_000
const hour = { fromMs: 0, toMs: HOUR_MS }

/** All times at which a customer asks that is answered at once. */
function times(arrivals: Arrivals): number[] {
  const all: number[] = []
  let nextMs = arrivals.begin()[0] ?? Infinity
  while (Number.isFinite(nextMs)) {
    all.push(nextMs)
    nextMs = arrivals.afterArrival(nextMs)
  }
  return all
}

describe('randomness', () => {
  it('is decided by seed and label', () => {
    const draw = (seed: number, label: string) =>
      Array.from({ length: 5 }, (_, n) => n).map(() => new Random(seed, label).next())
    expect(draw(1, 'a')).toEqual(draw(1, 'a'))
    expect(new Set([draw(1, 'a')[0], draw(1, 'b')[0], draw(2, 'a')[0]]).size).toBe(3)
  })

  it.each([0.05, 0.5, 1, 4])('draws gamma numbers with mean and variance %d', (shape) => {
    const random = new Random(7, 'gamma')
    const drawn = Array.from({ length: 40_000 }, () => random.gamma(shape))
    const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length
    const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length
    expect(mean / shape).toBeCloseTo(1, 1)
    expect(variance / shape).toBeGreaterThan(0.85)
    expect(variance / shape).toBeLessThan(1.15)
  })
})

describe('the agenda', () => {
  it('gives what is due first, and of the same time what came first', () => {
    const agenda = new Agenda<string>()
    const random = new Random(1, 'agenda')
    const due = Array.from({ length: 500 }, (_, order) => ({ atMs: random.integer(0, 50), order }))
    for (const { atMs, order } of due) agenda.add(atMs, `${atMs}/${order}`)
    agenda.add(Infinity, 'never')
    const taken = Array.from({ length: 500 }, () => agenda.take()?.item)
    const sorted = due.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)
    expect(taken).toEqual(sorted.map(({ atMs, order }) => `${atMs}/${order}`))
    expect(agenda.take()).toBeNull()
  })
})

describe('arrivals', () => {
  const steady =
    TRACE_CLIENTS.find((client) => client.relativeRate.every((rate) => rate > 0.2)) ?? TRACE_CLIENTS[0]

  it('follow the rate of a real client, burst or no burst', () => {
    if (steady === undefined) throw new Error('the excerpt is empty')
    const expected = 400 * expectedRequests(steady, 0, hour)
    const seen = Array.from({ length: 40 }, (_, seed) =>
      times(new TraceArrivals(steady, 0, 400, hour, new Random(seed, 'trace'))),
    )
    const mean = seen.reduce((sum, list) => sum + list.length, 0) / seen.length
    expect(mean / expected).toBeGreaterThan(0.85)
    expect(mean / expected).toBeLessThan(1.15)
  })

  it('are as bursty as asked', () => {
    const gaps = times(new PacedArrivals(() => 20_000, 2, hour, new Random(3, 'paced'))).map(
      (atMs, at, all) => atMs - (all[at - 1] ?? 0),
    )
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(1.7)
    expect(Math.sqrt(variance) / mean).toBeLessThan(2.3)
  })

  it('of a job come on the minute, so many at a time', () => {
    const job = times(new PeriodicArrivals(60_000, 3, 400, { fromMs: 30_000, toMs: 180_000 }))
    expect(job).toEqual([60_000, 60_400, 60_800, 120_000, 120_400, 120_800])
  })

  it('of a closed loop wait for the answer', () => {
    const loop = new ClosedLoop(4, 1_000, hour, new Random(1, 'loop'))
    expect(loop.begin()).toHaveLength(4)
    expect(loop.afterArrival()).toBe(Infinity)
    expect(loop.afterEnd(5_000)).toBeGreaterThan(5_000)
    expect(loop.afterEnd(HOUR_MS)).toBe(Infinity)
  })

  it('end with the span', () => {
    const span = { fromMs: 1_000, toMs: 61_000 }
    const all = times(new PacedArrivals(() => 60_000, 1, span, new Random(5, 'span')))
    expect(Math.min(...all)).toBeGreaterThanOrEqual(span.fromMs)
    expect(Math.max(...all)).toBeLessThan(span.toMs)
  })
})

describe('a pool', () => {
  const job = (accountId: string, gpuSeconds = 1) => ({ accountId, gpuSeconds, arrivedAtMs: 0 })

  it('makes those wait that come when all places are taken, in their order', () => {
    const pool = new Pool(1, 2, 0)
    const first = [job('a'), job('b'), job('c'), job('d')].flatMap((one) => pool.submit(one, 0))
    expect(first.map((one) => [one.job.accountId, one.endsAtMs])).toEqual([
      ['a', 2_000],
      ['b', 2_000],
    ])
    expect(pool.release(2_000).map((one) => one.job.accountId)).toEqual(['c'])
    expect(pool.sample(2_000)).toMatchObject({ requestsWaiting: 1, accountsWaiting: 1, requestsRunning: 2 })
  })

  it('is active for exactly the GPU seconds that it served', () => {
    const pool = new Pool(2, 4, 0)
    const ends = [3, 5, 1]
      .flatMap((gpuSeconds) => pool.submit(job('a', gpuSeconds), 0))
      .map((one) => one.endsAtMs)
    for (const endMs of ends.toSorted((a, b) => a - b)) pool.release(endMs)
    const { gpuActiveRatio, gpuCount } = pool.sample(60_000)
    expect(gpuActiveRatio * gpuCount * 60).toBeCloseTo(9, 6)
  })

  it('that loses GPUs finishes what runs and starts no more than it still holds', () => {
    const pool = new Pool(2, 1, 0)
    for (const name of ['a', 'b', 'c']) pool.submit(job(name), 0)
    pool.resize(1, 500)
    expect(pool.release(1_000)).toHaveLength(0)
    expect(pool.release(1_000).map((one) => one.job.accountId)).toEqual(['c'])
    expect(pool.sample(1_000).gpuCount).toBe(1)
  })
})

describe('the limiter', () => {
  const limited = (limitScope: 'account' | 'key') =>
    identity(
      { accountId: 'a', plan: plan('free', 2, 100, 1_000, 1), nowMs: 0, limitScope },
      new Random(1, 'a'),
    ).account

  it('counts over the account, and says how long the minute lasts', () => {
    const limiter = new RateLimiter()
    const account = limited('account')
    const asked = ['k1', 'k2', 'k1'].map((key, at) => limiter.refuse(account, key, 1_000 + at * 10_000))
    expect(asked).toEqual([null, null, 40_000])
    expect(limiter.refuse(account, 'k1', 61_000)).toBeNull()
  })

  it('counts over each key where the account is limited by key', () => {
    const limiter = new RateLimiter()
    const asked = ['k1', 'k1', 'k2', 'k1'].map((key) => limiter.refuse(limited('key'), key, 0))
    expect(asked).toEqual([null, null, null, 60_000])
  })
})

it('people buy the smallest plan that holds what they need', () => {
  expect(planFor({ requestsPerHour: 200, tokensPerHour: 1_000, gpuSecondsPerHour: 10 }).tier).toBe('free')
  expect(planFor({ requestsPerHour: 200, tokensPerHour: 1_000, gpuSecondsPerHour: 3_000 }).tier).toBe(
    'payAsYouGo',
  )
  const own = planFor({ requestsPerHour: 90_000, tokensPerHour: 1_000, gpuSecondsPerHour: 10 })
  expect(own.quota.requestsPerHour).toBe(90_000)
})
