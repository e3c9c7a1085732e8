/**
 * Objects by small numbers, for words of an arena to point at. A handle is even and negative, so that it can stand
 * where an address or an odd number could (`arena.ts`, A1).
 */

/** Whether a word is the handle of a kept object. */
export function isKept(handle: number): boolean {
  return handle < 0 && (handle & 1) === 0
}

export class Keep<T> {
  readonly #objects: (T | undefined)[] = []
  readonly #weights: number[] = []
  readonly #free: number[] = []
  #bytes = 0

  /** What all kept objects weigh. */
  get bytes(): number {
    return this.#bytes
  }

  /** Keeps an object of about so many bytes; gives its handle. */
  add(object: T, bytes: number): number {
    const index = this.#free.pop() ?? this.#objects.length
    this.#objects[index] = object
    this.#weights[index] = bytes
    this.#bytes += bytes
    return -2 * (index + 1)
  }

  get(handle: number): T {
    const object = this.#objects[indexOf(handle)]
    if (object === undefined) throw new RangeError(`nothing is kept under ${handle}`)
    return object
  }

  /** The object weighs that much now. */
  weigh(handle: number, bytes: number): void {
    const index = indexOf(handle)
    this.#bytes += bytes - (this.#weights[index] ?? 0)
    this.#weights[index] = bytes
  }

  drop(handle: number): void {
    const index = indexOf(handle)
    this.#bytes -= this.#weights[index] ?? 0
    this.#objects[index] = undefined
    this.#free.push(index)
  }
}

function indexOf(handle: number): number {
  return handle / -2 - 1
}
