/** A Redis that still reads its files: it lets clients in, and says in its INFO for how long it thinks it will. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TransientError } from '../../src/engine/errors.ts'
import { RedisStateStore } from '../../src/state/redis/redis-state-store.ts'
import { RespFrames, wordsOf } from '../support/resp-frames.ts'

const LOADING = 'loading:1\r\nloading_eta_seconds:3600\r\n'
/** An hour is what it thinks, ten seconds what ioredis waits for by itself. */
const SOON_MS = 8_000

let server: Server
let sockets: Socket[]
/** Told by INFO. */
let info: string

beforeEach(async () => {
  sockets = []
  info = LOADING
  server = createServer((socket) => {
    sockets.push(socket)
    const frames = new RespFrames()
    socket.on('error', () => undefined)
    socket.on('data', (came) => {
      for (const command of frames.take(came)) socket.write(answerTo(wordsOf(command)))
    })
  })
  server.listen({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

function answerTo([command = '']: readonly string[]): string {
  return command.toUpperCase() === 'INFO' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n'
}

it('is waited for within the deadline, and used soon after it is done', async () => {
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const url = `redis://127.0.0.1:${port}`
  const store = new RedisStateStore({ url, prefix: '', commandTimeoutMs: 100 })
  await expect(store.ping()).rejects.toThrow(TransientError)
  info = 'loading:0\r\n'
  const doneMs = performance.now()
  for (let isThere = false; !isThere;) {
    isThere = await store.ping().then(
      () => true,
      () => false,
    )
  }
  expect(performance.now() - doneMs).toBeLessThan(SOON_MS)
  await store.close()
})
