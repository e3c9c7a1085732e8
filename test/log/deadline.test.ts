/** No call of kafkajs is waited for longer than its deadline (trap 6). */
import { expect, it, onTestFinished, vi } from 'vitest'
import { DeadlineError, within } from '../../src/log/kafka/deadline.ts'

const NEVER = new Promise<string>(() => undefined)

it('a call that never returns fails once its time is over, and not before', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const ended: unknown[] = []
  void within(50, 'publishing', NEVER).catch((error: unknown) => void ended.push(error))
  await vi.advanceTimersByTimeAsync(49)
  expect(ended).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(ended).toEqual([new DeadlineError('publishing took longer than 50 ms')])
})

it('a call that ends in time gives what it gives, and leaves no timer that would keep the process alive', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  expect(await within(50, 'publishing', Promise.resolve('done'))).toBe('done')
  await expect(within(50, 'publishing', Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  expect(vi.getTimerCount()).toBe(0)
})
