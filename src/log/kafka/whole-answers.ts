/**
 * Sockets for kafkajs, which keeps what has come of an answer when a connection is lost, and reads the next connection's
 * answers on from there (trap 36): a broker that dies within an answer is never understood again, or ends the process.
 *
 * S1. Only whole answers are handed over. What is cut off by the end of its connection is gone with it.
 * S2. An answer of a size that no broker is asked for ends the connection: where the last answer ended is not known then.
 * S3. Who writes to a socket that is gone hears of it: while kafkajs gives a connection up it takes questions, and would
 *     wait for their answers for ever.
 * S4. Who has no answer in time hears that the connection is gone (`answer-deadline.ts`).
 */
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs'
import { AnswerDeadline, type AnswerTimeouts } from './answer-deadline.ts'

/** Before each answer stands its size. */
const SIZE_BYTES = 4
/** The number of the question that it answers. */
const SHORTEST_ANSWER_BYTES = 4
/** A fetch's answer is some megabytes (options.ts), or one batch where that is larger. */
const LONGEST_ANSWER_BYTES = 256 * 1024 * 1024
const KEEP_ALIVE_MS = 60_000

export const openSocket: ISocketFactory = (asked) => connected(asked).setKeepAlive(true, KEEP_ALIVE_MS)

export function wholeAnswers(open: ISocketFactory, timeouts: AnswerTimeouts): ISocketFactory {
  return (asked) => handingOverWholeAnswers(open(asked), timeouts)
}

/** The same socket. */
export function handingOverWholeAnswers(socket: Socket, timeouts: AnswerTimeouts): Socket {
  const answers = new Answers()
  const deadline = new AnswerDeadline(timeouts, (afterMs) =>
    socket.destroy(new Error(`no answer came for ${afterMs} ms`)),
  )
  socket.once('close', () => deadline.end())
  const on = socket.on.bind(socket)
  const write = socket.write.bind(socket)

  const hand = (came: Buffer, listener: (answer: Buffer) => void): void => {
    const before = answers.count
    const whole = answers.take(came)
    if (answers.count > before) deadline.answered(answers.count - before)
    if (whole instanceof Error) socket.destroy(whole)
    else if (whole !== null) listener(whole)
  }
  return Object.assign(socket, {
    on: (name: string, listener: (...values: unknown[]) => void): Socket =>
      name === 'data' ? on('data', (came: Buffer) => hand(came, listener)) : on(name, listener),
    write: (bytes: Buffer, encoding: BufferEncoding): boolean => {
      if (!socket.destroyed) {
        deadline.asked(bytes)
        return write(bytes, encoding)
      }
      process.nextTick(() => socket.emit('error', new Error('the connection is gone')))
      return false
    },
  })
}

function connected({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  // An address is no name that a certificate could be asked for.
  const name = isIP(host) === 0 ? { servername: host } : {}
  return ssl
    ? connectSecurely({ host, port, ...name, ...ssl }, onConnect)
    : connect({ host, port }, onConnect)
}

/** Puts answers together from what comes of them. */
export class Answers {
  /** Of an answer that is not whole yet, and what is needed before there can be more to say. */
  #held: Buffer[] = []
  #heldBytes = 0
  #neededBytes = SIZE_BYTES
  #count = 0

  /** How many were whole so far. */
  get count(): number {
    return this.#count
  }

  /** The answers that are whole now, their sizes included; null where none is; an error where what comes is no answer. */
  take(came: Buffer): Buffer | null | Error {
    this.#held.push(came)
    this.#heldBytes += came.length
    if (this.#heldBytes < this.#neededBytes) return null
    const all = this.#held.length === 1 ? came : Buffer.concat(this.#held, this.#heldBytes)
    let end = 0
    while (all.length - end >= SIZE_BYTES) {
      const size = all.readInt32BE(end)
      if (size < SHORTEST_ANSWER_BYTES || size > LONGEST_ANSWER_BYTES)
        return new Error(`an answer of ${size} bytes`)
      this.#neededBytes = SIZE_BYTES + size
      if (all.length - end < this.#neededBytes) break
      end += this.#neededBytes
      this.#count++
      this.#neededBytes = SIZE_BYTES
    }
    this.#held = end === all.length ? [] : [all.subarray(end)]
    this.#heldBytes = all.length - end
    return end === 0 ? null : all.subarray(0, end)
  }
}
