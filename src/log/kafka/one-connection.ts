/**
 * Whoever asks by a connection of kafkajs that is not there yet makes one: two that ask at once make two, of which one is
 * forgotten (trap 38). It is never closed, which keeps the process alive, and when its broker closes it, it takes what was asked
 * by the other along. Here the second waits for the first one's.
 */
import Connection from 'kafkajs/src/network/connection.js'
import { isFunction, unknownKafkajs } from './kafkajs-inside.ts'

let once = false

/** For the whole process; done once. Throws RefusedError where kafkajs is not the one that is known. */
export function connectOnce(): void {
  if (once) return
  const connections = Connection.prototype
  const connect: unknown = Reflect.get(connections, 'connect')
  if (!isFunction(connect)) throw unknownKafkajs()
  const connecting = new WeakMap<Connection, Promise<unknown>>()
  connections.connect = function (this: Connection): Promise<unknown> {
    const underWay = connecting.get(this)
    if (underWay !== undefined) return underWay
    const mine = Promise.resolve(Reflect.apply(connect, this, [])).finally(() => connecting.delete(this))
    connecting.set(this, mine)
    return mine
  }
  once = true
}
