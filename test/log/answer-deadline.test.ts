/** How long a connection waits before it takes its broker for lost (trap 39). */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AnswerDeadline } from '../../src/log/kafka/answer-deadline.ts'

const METADATA = 3
const JOIN_GROUP = 11

/** The head of a question. */
function question(apiKey: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeInt16BE(apiKey, 4)
  return bytes
}

describe('a deadline of answers', () => {
  let missed: number[]
  let deadline: AnswerDeadline
  beforeEach(() => {
    vi.useFakeTimers()
    missed = []
    const timeouts = { requestTimeoutMs: 15_000, rebalanceTimeoutMs: 30_000 }
    deadline = new AnswerDeadline(timeouts, (afterMs) => missed.push(afterMs))
  })
  afterEach(() => void vi.useRealTimers())

  it('is missed shortly after kafkajs has given the question up', () => {
    deadline.asked(question(METADATA))
    vi.advanceTimersByTime(15_000)
    expect(missed).toEqual([])
    vi.advanceTimersByTime(500)
    expect(missed).toEqual([15_500])
  })

  it('is later for who joins, which takes until the others have, and for what is asked behind that', () => {
    deadline.asked(question(JOIN_GROUP))
    deadline.asked(question(METADATA))
    vi.advanceTimersByTime(35_000)
    expect(missed).toEqual([])
    deadline.answered(1)
    vi.advanceTimersByTime(15_000)
    expect(missed).toEqual([])
    vi.advanceTimersByTime(500)
    expect(missed).toEqual([15_500])
  })

  it('is none while nothing is asked, or once the connection has ended', () => {
    deadline.asked(question(METADATA))
    deadline.asked(question(METADATA))
    deadline.answered(2)
    expect(vi.getTimerCount()).toBe(0)
    deadline.asked(question(METADATA))
    deadline.end()
    expect(vi.getTimerCount()).toBe(0)
    expect(missed).toEqual([])
  })
})
