/** When a silence is told of, and that it is told of once. */
import { expect, it, onTestFinished, vi } from 'vitest'
import { Silence } from '../../src/log/kafka/silence.ts'

function silence(shortestMs: number) {
  vi.useFakeTimers()
  const told = vi.fn()
  const one = new Silence(shortestMs, told)
  one.start()
  onTestFinished(() => {
    one.stop()
    vi.useRealTimers()
  })
  const afterMs = (ms: number): number => {
    vi.advanceTimersByTime(ms)
    return told.mock.calls.length
  }
  return { one, afterMs }
}

it('is told of once, when it has lasted for longer than was allowed', () => {
  const { one, afterMs } = silence(1_000)
  one.allow(1_000)
  expect([afterMs(1_000), afterMs(100), afterMs(60_000)]).toEqual([0, 1, 1])
  one.allow(3_000)
  expect([afterMs(3_000), afterMs(100)]).toEqual([1, 2])
})

it('is none before a word is expected, nor after it was stopped', () => {
  const { one, afterMs } = silence(1_000)
  expect(afterMs(60_000)).toBe(0)
  one.allow(1_000)
  one.stop()
  expect(afterMs(60_000)).toBe(0)
})
