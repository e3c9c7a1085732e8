/**
 * Connections to Kafka that break at one question or answer, and a list of what was asked by them.
 *
 * What breaks is said as it goes over the wire: the n-th question of a kind (its API key), or the n-th connection.
 */
import { connect, type Socket } from 'node:net'
import type { ISocketFactory, ISocketFactoryArgs } from 'kafkajs'

/** The ways of a connection to break; `refused` breaks as it is made, the others at a question. */
export const BREAKS = ['unasked', 'unanswered', 'torn', 'silent', 'refused'] as const
export type Break = (typeof BREAKS)[number]

export interface BreakPoint {
  /** `Metadata`, `JoinGroup`, or CONNECTION for connections. */
  readonly question: string
  /** The how manieth of them, from 0 on. */
  readonly occurrence: number
  readonly how: Break
}

export const CONNECTION = 'connection'
const SIZE_BYTES = 4
const API_KEY_AT = 4
/** A port that nobody listens on. */
const CLOSED_PORT = 1

const QUESTIONS: Readonly<Record<number, string>> = {
  0: 'Produce',
  1: 'Fetch',
  2: 'ListOffsets',
  3: 'Metadata',
  8: 'OffsetCommit',
  9: 'OffsetFetch',
  10: 'FindCoordinator',
  11: 'JoinGroup',
  12: 'Heartbeat',
  13: 'LeaveGroup',
  14: 'SyncGroup',
  18: 'ApiVersions',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  26: 'EndTxn',
}

export class BreakingSockets {
  /** What was asked, in order, connections included. */
  readonly asked: string[] = []
  readonly #point: BreakPoint | null
  readonly #sockets: Socket[] = []
  #broke = false

  constructor(point: BreakPoint | null) {
    this.#point = point
  }

  /** Whether the point was come to. */
  get broke(): boolean {
    return this.#broke
  }

  /** Connections that are not closed. */
  get open(): number {
    return this.#sockets.filter(({ destroyed }) => !destroyed).length
  }

  readonly openSocket: ISocketFactory = (asked) => {
    const breaks = this.#breaksAt(CONNECTION) !== null
    const socket = breaking(connected(asked, breaks), (question) => this.#breaksAt(question))
    this.#sockets.push(socket)
    return socket
  }

  /** How the connection breaks at this question; null where it does not. */
  #breaksAt(question: string): Break | null {
    const occurrence = this.asked.filter((one) => one === question).length
    this.asked.push(question)
    const point = this.#point
    if (point === null || point.question !== question || point.occurrence !== occurrence) return null
    this.#broke = true
    return point.how
  }
}

function connected({ host, port, onConnect }: ISocketFactoryArgs, refused: boolean): Socket {
  return connect({ host, port: refused ? CLOSED_PORT : port }, onConnect)
}

/** The same socket. */
function breaking(socket: Socket, breaksAt: (question: string) => Break | null): Socket {
  const on = socket.on.bind(socket)
  const write = socket.write.bind(socket)
  const answers = new AnswerCutter()

  const hand = (came: Buffer, listener: (bytes: Buffer) => void): void => {
    for (const { bytes, how } of answers.cut(came)) {
      if (bytes.length > 0) listener(bytes)
      if (how !== null) return how === 'silent' ? undefined : end(socket)
    }
  }
  return Object.assign(socket, {
    on: (name: string, listener: (...values: unknown[]) => void): Socket =>
      name === 'data' ? on('data', (came: Buffer) => hand(came, listener)) : on(name, listener),
    write: (bytes: Buffer, encoding: BufferEncoding): boolean => {
      const key = bytes.readInt16BE(API_KEY_AT)
      const how = breaksAt(QUESTIONS[key] ?? `question ${key}`)
      answers.expect(how)
      if (how !== 'unasked') return write(bytes, encoding)
      socket.destroy(new Error('the connection broke'))
      return false
    },
  })
}

/** As the other side does it. */
function end(socket: Socket): void {
  socket.emit('end')
  socket.destroy()
}

interface Piece {
  readonly bytes: Buffer
  readonly how: Break | null
}

/** Takes what comes apart into answers, of which one may be cut off. */
class AnswerCutter {
  /** How the connection breaks at the answers that are to come, in order. */
  readonly #expected: (Break | null)[] = []
  #held: Buffer = Buffer.alloc(0)
  #over = false

  expect(how: Break | null): void {
    this.#expected.push(how)
  }

  cut(came: Buffer): readonly Piece[] {
    const pieces: Piece[] = []
    this.#held = Buffer.concat([this.#held, came])
    while (!this.#over && this.#held.length >= SIZE_BYTES) {
      const end = SIZE_BYTES + this.#held.readInt32BE(0)
      if (this.#held.length < end) break
      const how = this.#expected.shift() ?? null
      this.#over = how !== null
      const handed = how === null ? end : how === 'torn' ? Math.floor(end / 2) : 0
      pieces.push({ bytes: this.#held.subarray(0, handed), how })
      this.#held = this.#held.subarray(end)
    }
    return pieces
  }
}
