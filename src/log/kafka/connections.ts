/**
 * The connections of one client of kafkajs. It forgets some that stand (trap 40): those of a broker that it has taken out of its
 * list while a member still tells it heartbeats, and those by which it tries on what was asked before it was disconnected.
 * Nobody closes them, and the process does not end. Where a client ends, so do all connections that it ever made.
 */
import type { Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'

export class Connections {
  readonly #open: ISocketFactory
  readonly #standing = new Set<Socket>()
  #ended = false

  constructor(open: ISocketFactory) {
    this.#open = open
  }

  /** Throws once they have ended, which kafkajs takes for a connection that could not be made. */
  readonly open: ISocketFactory = (asked) => {
    if (this.#ended) throw new Error('the client was closed')
    const socket = this.#open(asked)
    this.#standing.add(socket)
    socket.once('close', () => this.#standing.delete(socket))
    return socket
  }

  /** Who still waits for an answer hears of it. */
  end(): void {
    this.#ended = true
    for (const socket of this.#standing) socket.destroy(new Error('the client was closed'))
  }
}
