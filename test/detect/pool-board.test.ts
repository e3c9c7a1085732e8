import { describe, expect, it } from 'vitest'
import { PoolBoard } from '../../src/detect/pool-board.ts'
import type { PoolPressure } from '../../src/domain/telemetry.ts'
import { MINUTE_MS, pressure, START_MS } from './harness.ts'

function boardOf(told: readonly PoolPressure[], board = new PoolBoard()): PoolBoard {
  for (const [offset, one] of told.entries()) {
    board.apply(one, { topic: 'abuse.pool-pressure.v1', partition: 2, offset })
  }
  return board
}

const endOf = (minute: number): number => START_MS + (minute + 1) * MINUTE_MS

describe('the board of pool pressure', () => {
  it('knows nothing of a pool that was never told of', () => {
    expect(boardOf([pressure(0)]).view('other', endOf(0), MINUTE_MS)).toBeNull()
  })

  it('adds up the minutes of the window and leaves the others out', () => {
    const told = [
      pressure(0, { gpuSeconds: 1_000 }),
      pressure(1, { gpuSeconds: 50, accountsWaiting: 9 }),
      pressure(2, { gpuSeconds: 60, saturated: false, degraded: true, requestsWaiting: 40 }),
      pressure(3, { gpuSeconds: 1_000 }),
    ]
    expect(boardOf(told).view('pool-1', endOf(2), 2 * MINUTE_MS)).toEqual({
      complete: true,
      minutes: 2,
      saturatedMinutes: 1,
      degradedMinutes: 1,
      gpuSeconds: 110,
      accountsWaiting: 9,
      requestsWaiting: 40,
    })
  })

  it('is incomplete until the last minute was told, or passed by a later one', () => {
    const board = boardOf([pressure(0), pressure(1)])
    expect(board.view('pool-1', endOf(2), 3 * MINUTE_MS)?.complete).toBe(false)
    boardOf([pressure(3)], board)
    expect(board.view('pool-1', endOf(2), 3 * MINUTE_MS)).toMatchObject({ complete: true, minutes: 2 })
  })

  it('takes a minute that is told again as the last word, not twice', () => {
    const board = boardOf([pressure(0, { gpuSeconds: 1 })])
    expect(board.view('pool-1', endOf(0), MINUTE_MS)?.gpuSeconds).toBe(1)
    boardOf([pressure(0, { gpuSeconds: 5 })], board)
    expect(board.view('pool-1', endOf(0), MINUTE_MS)?.gpuSeconds).toBe(5)
  })

  it('does not pretend to know minutes that it no longer keeps', () => {
    const told = Array.from({ length: 8 }, (_, minute) => pressure(minute))
    const board = boardOf(told, new PoolBoard(5))
    expect(board.view('pool-1', endOf(7), 5 * MINUTE_MS)).toMatchObject({ complete: true, minutes: 5 })
    expect(board.view('pool-1', endOf(6), 5 * MINUTE_MS)?.complete).toBe(false)
  })

  it('holds a bounded number of pools; the one silent longest gives way', () => {
    const told = ['a', 'b', 'a', 'c'].map((poolId, minute) => pressure(minute, { poolId }))
    const board = boardOf(told, new PoolBoard(120, 2))
    expect(['a', 'b', 'c'].map((poolId) => board.view(poolId, endOf(0), MINUTE_MS) !== null)).toEqual([
      true,
      false,
      true,
    ])
  })

  it('says how far it has read', () => {
    expect(boardOf([pressure(0), pressure(1)]).offsets()).toEqual({ 'abuse.pool-pressure.v1/2': 2 })
  })
})
