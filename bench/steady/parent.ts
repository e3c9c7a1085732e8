/** A child's side of the channel: it tells, it is ordered, and it ends with whoever started it. */
import { order, type LoadMessage, type Order, type WorkerMessage } from './messages.ts'

export class Parent<M extends LoadMessage | WorkerMessage> {
  readonly #orders = new Map<Order, PromiseWithResolvers<undefined>>()

  constructor() {
    process.on('message', (message) => this.#promise(order.parse(message)).resolve(undefined))
    process.once('disconnect', () => process.exit(1))
    // Ctrl-C reaches the whole group of processes; the parent says what is to be done about it.
    process.on('SIGINT', () => undefined)
  }

  tell(message: M): void {
    process.send?.(message)
  }

  /** Resolves when the order is given, or has been. */
  ordered(one: Order): Promise<undefined> {
    return this.#promise(one).promise
  }

  /** Nothing more to say; what is still open in this process must not keep it. */
  leave(): void {
    process.exit(0)
  }

  #promise(one: Order): PromiseWithResolvers<undefined> {
    const known = this.#orders.get(one) ?? Promise.withResolvers<undefined>()
    this.#orders.set(one, known)
    return known
  }
}
