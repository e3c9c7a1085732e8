/** What kafkajs' own connections make of answers that come in pieces, or not to their end. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import Connection from 'kafkajs/src/network/connection.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectOnce } from '../../src/log/kafka/one-connection.ts'
import {
  Answers,
  handingOverWholeAnswers,
  openSocket,
  wholeAnswers,
} from '../../src/log/kafka/whole-answers.ts'

const ID_AT = 8
const TIMEOUTS = { requestTimeoutMs: 500, rebalanceTimeoutMs: 2_000 }

/** An answer to the question, as a broker writes it. */
function answerTo(question: Buffer, body: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeInt32BE(4 + body.length, 0)
  head.writeInt32BE(question.readInt32BE(ID_AT), 4)
  return Buffer.concat([head, body])
}

/** Questions may come together. */
function apart(came: Buffer): readonly Buffer[] {
  if (came.length === 0) return []
  const end = 4 + came.readInt32BE(0)
  return [came.subarray(0, end), ...apart(came.subarray(end))]
}

const BODY = Buffer.alloc(500, 7)

describe('a connection of kafkajs (traps 36, 38, 39)', () => {
  let server: Server
  let client: Connection
  let sockets: Socket[]
  /** What the broker does about a question on its n-th connection. */
  let answers: ((socket: Socket, question: Buffer) => void)[]

  beforeEach(async () => {
    sockets = []
    server = createServer((socket) => {
      const answer = answers[sockets.push(socket) - 1]
      socket.on('data', (came) => {
        for (const question of apart(came)) answer?.(socket, question)
      })
      socket.on('error', () => undefined)
    })
    const listening = Promise.withResolvers<void>()
    server.listen(0, '127.0.0.1', () => listening.resolve())
    await listening.promise
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const quiet = () => undefined
    const logger = { namespace: () => ({ debug: quiet, info: quiet, warn: quiet, error: quiet }) }
    const patience = { requestTimeout: 2_000, connectionTimeout: 2_000 }
    client = new Connection({
      host: '127.0.0.1',
      port,
      logger,
      socketFactory: wholeAnswers(openSocket, TIMEOUTS),
      ...patience,
    })
  })
  afterEach(async () => {
    await client.disconnect()
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  async function ask(): Promise<Buffer> {
    if (!client.isConnected()) await client.connect()
    return client.send({
      request: { apiName: 'Metadata', encode: () => Promise.resolve(new Encoder()) },
      response: { decode: (bytes) => Promise.resolve(bytes), parse: (bytes) => Promise.resolve(bytes) },
    })
  }

  const inPieces = (socket: Socket, question: Buffer): void => {
    const answer = answerTo(question, BODY)
    for (let at = 0; at < answer.length; at += 100) socket.write(answer.subarray(at, at + 100))
  }

  it('is given answers that come in pieces', async () => {
    answers = [inPieces]
    expect(await ask()).toEqual(BODY)
    expect(await ask()).toEqual(BODY)
  })

  it.each([3, 4, 40, 507])('answers again after one that ended %i bytes into an answer', async (bytes) => {
    answers = [(socket, question) => socket.end(answerTo(question, BODY).subarray(0, bytes)), inPieces]
    await expect(ask()).rejects.toThrow('Closed connection')
    expect(await ask()).toEqual(BODY)
  })

  it.each([-1, 0, 3, 0x7fffffff])('is ended by an answer of %i bytes, and answers again', async (size) => {
    const nonsense = Buffer.alloc(8)
    nonsense.writeInt32BE(size)
    answers = [(socket) => socket.write(nonsense), inPieces]
    await expect(ask()).rejects.toThrow(`an answer of ${size} bytes`)
    expect(await ask()).toEqual(BODY)
  })

  it('is one, however many ask by it at once before it is there', async () => {
    connectOnce()
    answers = [inPieces, inPieces]
    expect(await Promise.all([ask(), ask(), ask()])).toEqual([BODY, BODY, BODY])
    expect(sockets).toHaveLength(1)
  })

  it('is ended where an answer does not come, and answers again', async () => {
    answers = [() => undefined, inPieces]
    await expect(ask()).rejects.toThrow('no answer came for 1000 ms')
    expect(await ask()).toEqual(BODY)
    expect(sockets).toHaveLength(2)
  })
})

it('who writes to a socket that is gone hears of it', async () => {
  const told = Promise.withResolvers<Error>()
  const socket = handingOverWholeAnswers(connect(1, '127.0.0.1'), TIMEOUTS)
  socket.on('error', () => undefined)
  socket.destroy()
  socket.on('error', told.resolve)
  socket.write(Buffer.alloc(1), 'binary')
  expect((await told.promise).message).toBe('the connection is gone')
})

it('answers are the same however they come', () => {
  const answer = fc.uint8Array({ minLength: 4, maxLength: 30 }).map((body) => {
    const size = Buffer.alloc(4)
    size.writeInt32BE(body.length)
    return Buffer.concat([size, body])
  })
  fc.assert(
    fc.property(fc.array(answer), fc.array(fc.nat(40)), (all, cuts) => {
      const bytes = Buffer.concat(all)
      const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
      const answers = new Answers()
      const whole: Buffer[] = []
      let from = 0
      for (const end of ends) {
        const taken = answers.take(bytes.subarray(from, end))
        from = end
        if (!Buffer.isBuffer(taken)) continue
        whole.push(taken)
        // Ends where an answer does.
        const given = Buffer.concat(whole).length
        expect(all.map((_, at) => Buffer.concat(all.slice(0, at + 1)).length)).toContain(given)
      }
      expect(Buffer.concat(whole)).toEqual(bytes)
    }),
  )
})
