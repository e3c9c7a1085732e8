import { grown } from './grown.ts'

/** Where a task's states lie in memory, by the places of their keys. */
export interface Shelf<S> {
  put(place: number, state: S): void
  /** RangeError where there is none. */
  at(place: number): S
  clear(place: number): void
}

/** States that are objects. */
export class ObjectShelf<S> implements Shelf<S> {
  readonly #states: (S | undefined)[] = []

  put(place: number, state: S): void {
    this.#states[place] = state
  }

  at(place: number): S {
    const state = this.#states[place]
    if (state === undefined) throw new RangeError(`nothing lies at ${place}`)
    return state
  }

  clear(place: number): void {
    this.#states[place] = undefined
  }
}

/** States that one number tells, not 0: very many of them are no objects to the garbage collector. */
export class NumberShelf<S> implements Shelf<S> {
  readonly #toNumber: (state: S) => number
  readonly #fromNumber: (number: number) => S
  #numbers = new Int32Array(64)

  constructor(toNumber: (state: S) => number, fromNumber: (number: number) => S) {
    this.#toNumber = toNumber
    this.#fromNumber = fromNumber
  }

  put(place: number, state: S): void {
    if (place >= this.#numbers.length) this.#numbers = grown(this.#numbers, place + 1)
    this.#numbers[place] = this.#toNumber(state)
  }

  at(place: number): S {
    const number = this.#numbers[place] ?? 0
    if (number === 0) throw new RangeError(`nothing lies at ${place}`)
    return this.#fromNumber(number)
  }

  clear(place: number): void {
    this.#numbers[place] = 0
  }
}
