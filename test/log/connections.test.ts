/** A client of kafkajs takes all that it has along when it ends (trap 40). */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Connections } from '../../src/log/kafka/connections.ts'

let server: Server
let port: number
let accepted: Socket[]

beforeEach(async () => {
  accepted = []
  server = createServer((socket) => void accepted.push(socket.on('error', () => undefined)))
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', () => listening.resolve())
  await listening.promise
  const address = server.address()
  port = typeof address === 'object' ? (address?.port ?? 0) : 0
})
afterEach(() => {
  for (const socket of accepted) socket.destroy()
  server.close()
})

async function connected(connections: Connections): Promise<Socket> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = connections.open({ host: '127.0.0.1', port, ssl: {}, onConnect: resolve })
  await promise
  return socket
}

it('ends all connections that stand and tells whoever waits for an answer, and makes no more', async () => {
  const connections = new Connections(({ host, port, onConnect }) => connect({ host, port }, onConnect))
  const sockets = [await connected(connections), await connected(connections)]
  const heard = sockets.map((socket) => new Promise((resolve) => socket.on('error', resolve)))
  connections.end()
  for (const error of await Promise.all(heard)) expect(error).toEqual(new Error('the client was closed'))
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true, true])
  const again = { host: '127.0.0.1', port, ssl: {}, onConnect: () => undefined }
  expect(() => connections.open(again)).toThrow('the client was closed')
})
