/** The steady stream says which records must set detections off: a run is judged by it, so it must be right. */
import { expect, it } from 'vitest'
import { MARKER_RECORDS, SteadyStream, firstOf, indexOf } from '../../bench/steady/stream.ts'
import type { Response } from '../../bench/yardstick/response.ts'

const START_MS = 1_795_691_820_000
const RATE = 1_000
const PLAN = { rate: RATE, accounts: 1_000, detections: 5 }

/** The stream over `seconds` from a minute's beginning, each record at its time. */
function records(stream: SteadyStream, seconds: number): readonly Response[] {
  return Array.from({ length: RATE * seconds }, (_, at) =>
    stream.next(START_MS + Math.floor((at * 1_000) / RATE)),
  )
}

/** The first record of each marker that is its 61st in one minute of the clock. */
function burstsOf(all: readonly Response[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const bursts = new Map<string, number>()
  for (const { accountId, timeMs, eventId } of all) {
    if (!accountId.startsWith('mark-')) continue
    const key = `${accountId} ${Math.floor(timeMs / 60_000)}`
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    const index = indexOf(eventId)
    if (count === 61 && index !== null && !bursts.has(accountId)) bursts.set(accountId, index)
  }
  return bursts
}

it('expects a detection where a marker has 61 records within a minute of the clock, and nowhere else', () => {
  const stream = new SteadyStream(PLAN)
  const all = records(stream, 130)
  expect(stream.expected).toEqual(burstsOf(all))
})

it('has as many detections a second as it was asked for, but for those that a minute’s end cuts short', () => {
  const stream = new SteadyStream(PLAN)
  const all = records(stream, 130)
  const markers = all.filter(({ accountId }) => accountId.startsWith('mark-')).length
  expect(markers / MARKER_RECORDS / 130).toBeCloseTo(5, 1)
  expect(stream.expected.size).toBeGreaterThan(5 * 130 * 0.95)
})

it('numbers its records in their event ids, and none that only gives an account its state', () => {
  const stream = new SteadyStream(PLAN)
  expect(records(stream, 1).map(({ eventId }) => indexOf(eventId))).toEqual(
    Array.from({ length: RATE }, (_, at) => at),
  )
  expect(indexOf(firstOf(7, START_MS).eventId)).toBeNull()
})

it('gives state to the same accounts that it sends records of', () => {
  const held = new Set(
    Array.from({ length: PLAN.accounts }, (_, account) => firstOf(account, START_MS).accountId),
  )
  const honest = records(new SteadyStream(PLAN), 5).filter(({ accountId }) => !accountId.startsWith('mark-'))
  expect(honest.filter(({ accountId }) => !held.has(accountId))).toEqual([])
})
