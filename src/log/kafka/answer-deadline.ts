/**
 * How long a connection waits for its answers. A network may lose a connection and tell nobody: whatever is asked by it is
 * never answered. kafkajs gives each question up and goes on asking by that connection, for a quarter of an hour, which is when the
 * system notices; once it waits for answers to close it, for ever (trap 39). Brokers answer the questions of a connection in order,
 * so where one has no answer none will come.
 */
import type { KafkaLogOptions } from './options.ts'

export type AnswerTimeouts = Pick<KafkaLogOptions, 'requestTimeoutMs' | 'rebalanceTimeoutMs'>

/** Where the protocol's number of what is asked stands in a question. */
const API_KEY_AT = 4
const JOIN_GROUP = 11
/** What kafkajs gives an answer to joining beyond the time that members have for it. */
const JOINING_MS = 5_000
/** kafkajs gives its questions up by then. */
const GRACE_MS = 500

export class AnswerDeadline {
  readonly #timeouts: AnswerTimeouts
  readonly #onMissed: (afterMs: number) => void
  /** How long each question that has no answer may wait for it, from when it is the next to be answered. */
  readonly #waiting: number[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(timeouts: AnswerTimeouts, onMissed: (afterMs: number) => void) {
    this.#timeouts = timeouts
    this.#onMissed = onMissed
  }

  asked(question: Buffer): void {
    const { requestTimeoutMs, rebalanceTimeoutMs } = this.#timeouts
    const joins = question.length > API_KEY_AT + 1 && question.readInt16BE(API_KEY_AT) === JOIN_GROUP
    const askedMs = joins ? Math.max(requestTimeoutMs, rebalanceTimeoutMs + JOINING_MS) : requestTimeoutMs
    this.#waiting.push(askedMs + GRACE_MS)
    if (this.#waiting.length === 1) this.#waitForNext()
  }

  answered(count: number): void {
    this.#waiting.splice(0, count)
    this.#waitForNext()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #waitForNext(): void {
    clearTimeout(this.#timer)
    const [nextMs] = this.#waiting
    if (nextMs !== undefined) this.#timer = setTimeout(() => this.#onMissed(nextMs), nextMs)
  }
}
