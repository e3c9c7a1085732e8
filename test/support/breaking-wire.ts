/**
 * What stands between a client and Redis, counts the commands of all connections, and breaks the connection of one of them:
 * before Redis has it, after Redis did it, or within its answer.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { RespFrames, wordsOf } from './resp-frames.ts'
import { nextTurn } from './until.ts'

export type Break =
  /** Redis never has the command; it did it and the answer is lost; the answer never comes; both, and nobody listens then. */
  | { readonly at: number; readonly kind: 'unsent' | 'unanswered' | 'silent' | 'refused' }
  /** The connection ends so far into the answer, or the answer comes in two parts. */
  | { readonly at: number; readonly kind: 'cut' | 'parts'; readonly bytes: number }

export interface Exchange {
  readonly command: string
  answerBytes: number
}

const HOST = '127.0.0.1'

export class BreakingWire {
  /** All commands that were sent, in order. */
  readonly exchanges: Exchange[] = []
  /** Whether each byte of each answer comes by itself. */
  byteByByte = false
  #redisPort: number
  readonly #break: Break | null
  readonly #clients = new Set<Socket>()
  #server: Server | null = null
  #port = 0

  constructor(redisPort: number, fault: Break | null) {
    this.#redisPort = redisPort
    this.#break = fault
  }

  get url(): string {
    return `redis://${HOST}:${this.#port}`
  }

  /** Also again, after nobody listened. */
  async listen(): Promise<void> {
    if (this.#server !== null) return
    const server = createServer((client) => this.#carry(client))
    this.#server = server
    server.listen({ port: this.#port, host: HOST })
    await once(server, 'listening')
    const address = server.address()
    if (address !== null && typeof address !== 'string') this.#port = address.port
  }

  /** Connections that are made from now on lead to another Redis, as after a fail-over. */
  leadTo(redisPort: number): void {
    this.#redisPort = redisPort
  }

  /** Resolves when the client has no connection. */
  async abandoned(): Promise<void> {
    for (const client of this.#clients) {
      const closed = Promise.withResolvers<void>()
      client.once('close', () => closed.resolve())
      await closed.promise
    }
  }

  close(): void {
    this.#refuse()
    for (const client of this.#clients) client.destroy()
  }

  #carry(client: Socket): void {
    this.#clients.add(client)
    const redis = connect(this.#redisPort, HOST)
    const carried = new Carried(client, redis)
    client.on('close', () => {
      this.#clients.delete(client)
      redis.destroy()
    })
    for (const socket of [client, redis]) socket.on('error', () => undefined)
    const commands = new RespFrames()
    const answers = new RespFrames()
    client.on('data', (came) => {
      for (const command of commands.take(came)) this.#send(carried, command)
    })
    redis.on('data', (came) => {
      for (const answer of answers.take(came)) this.#answer(carried, answer)
    })
  }

  #send(carried: Carried, command: Buffer): void {
    if (carried.client.destroyed) return
    const number = this.exchanges.push({ command: wordsOf(command)[0] ?? '', answerBytes: 0 }) - 1
    if (this.#break?.at === number && this.#break.kind === 'unsent') return carried.tear()
    carried.waiting.push(number)
    carried.redis.write(command)
  }

  #answer(carried: Carried, answer: Buffer): void {
    const number = carried.waiting.shift() ?? -1
    const exchange = this.exchanges[number]
    if (exchange !== undefined) exchange.answerBytes = answer.length
    if (this.#break?.at === number) this.#breakAt(this.#break, carried, answer)
    else carried.give(this.byteByByte ? [...answer].map((byte) => Buffer.of(byte)) : [answer])
  }

  #breakAt(fault: Break, carried: Carried, answer: Buffer): void {
    if (fault.kind === 'silent') carried.fallSilent()
    else if (fault.kind === 'parts')
      carried.give([answer.subarray(0, fault.bytes), answer.subarray(fault.bytes)])
    else if (fault.kind === 'cut') carried.end(answer.subarray(0, fault.bytes))
    else carried.tear()
    if (fault.kind === 'refused') this.#refuse()
  }

  #refuse(): void {
    this.#server?.close()
    this.#server = null
  }
}

/** A client's connection, and ours to Redis for it. */
class Carried {
  readonly client: Socket
  readonly redis: Socket
  /** The numbers of the commands that Redis has not answered. */
  readonly waiting: number[] = []
  #parts: Buffer[] = []
  #isSilent = false

  constructor(client: Socket, redis: Socket) {
    this.client = client
    this.redis = redis
    client.setNoDelay(true)
  }

  /** Each part is read by itself: the client lives in this process, and reads between two turns. */
  give(parts: readonly Buffer[]): void {
    if (this.#isSilent) return
    const isGiving = this.#parts.length > 0
    this.#parts.push(...parts)
    if (!isGiving) void this.#giveParts()
  }

  fallSilent(): void {
    this.#isSilent = true
  }

  end(last: Buffer): void {
    this.give([last])
    this.fallSilent()
    this.redis.destroy()
    void this.#endAfterParts()
  }

  tear(): void {
    this.fallSilent()
    this.redis.destroy()
    this.client.resetAndDestroy()
  }

  async #giveParts(): Promise<void> {
    for (let part = this.#parts[0]; part !== undefined; part = this.#parts[0]) {
      if (!this.client.destroyed) this.client.write(part)
      if (this.#parts.length > 1) await nextTurn()
      this.#parts.shift()
    }
  }

  async #endAfterParts(): Promise<void> {
    while (this.#parts.length > 0) await nextTurn()
    this.client.end()
  }
}
