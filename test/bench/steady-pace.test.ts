/** A paced load neither drifts nor forgets what a late turn owed. */
import { expect, it } from 'vitest'
import { Pace } from '../../bench/steady/pace.ts'

const START_MS = 1_000_000

it('sends what is due from the start, however unevenly its turns come', () => {
  const pace = new Pace(5_000, START_MS)
  let sent = 0
  let nowMs = START_MS
  for (const turnMs of [10, 13, 11, 500, 9, 457]) {
    nowMs += turnMs
    sent += pace.due(nowMs) - sent
  }
  expect(sent).toBe(5_000)
})

it('says how long the next record has been due', () => {
  const pace = new Pace(1_000, START_MS)
  expect(pace.lateMs(100, START_MS + 101)).toBe(0)
  expect(pace.lateMs(100, START_MS + 141)).toBe(40)
})

it('has nothing due before its start', () => {
  expect(new Pace(5_000, START_MS).due(START_MS - 10)).toBe(0)
})
