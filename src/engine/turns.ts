/**
 * Who works when in one process: many together, or one alone. A record that owners died over is worked on while
 * nobody else in the process works, in whichever thread, so that the next death is told of it and of nothing that
 * merely lay beside it (P8).
 *
 * T1. While one works alone nobody else does, what others had begun before included.
 * T2. Turns come in the order in which they were asked for: nobody waits for ever, however many want to be alone.
 * T3. A turn must not be asked for within a turn. What outlives the turn that it began in is held (`hold`).
 */

/** Words of the memory that all who take turns share. */
const NEXT = 0
const SERVING = 1
const TOGETHER = 2
const RUNG = 3
const BROKEN = 4
const WORDS = 5

/** How a change is told to those who wait for one. */
interface Bell {
  ring(): void
  /** Resolves at a change, or at once where it has rung since `heard`. */
  next(heard: number): Promise<void>
}

export class Turns {
  readonly #words: Int32Array
  readonly #bell: Bell

  private constructor(words: Int32Array, bell: (words: Int32Array) => Bell) {
    this.#words = words
    this.#bell = bell(words)
  }

  /** Among those of one thread. */
  static inThread(): Turns {
    return new Turns(new Int32Array(WORDS), threadBell)
  }

  /** Among the threads that were given this memory. */
  static over(memory: SharedArrayBuffer): Turns {
    return new Turns(new Int32Array(memory), sharedBell)
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT)
  }

  /** Works beside others who do so. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    await this.#called()
    const end = this.hold()
    this.#step(SERVING, 1)
    try {
      return await work()
    } finally {
      end()
    }
  }

  /** Works while nobody else does (T1). */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    await this.#called()
    await this.#until(() => Atomics.load(this.#words, TOGETHER) === 0)
    try {
      return await work()
    } finally {
      this.#step(SERVING, 1)
    }
  }

  /** Within a turn: something begins that may outlive it. Nobody is alone before it has ended. */
  hold(): () => void {
    this.#step(TOGETHER, 1)
    return () => this.#step(TOGETHER, -1)
  }

  /** A thread has died and keeps its turn: everybody goes on without turns, to end in order. */
  break(): void {
    this.#step(BROKEN, 1)
  }

  /** Resolves when it is one's turn (T2). */
  async #called(): Promise<void> {
    const ticket = Atomics.add(this.#words, NEXT, 1)
    await this.#until(() => Atomics.load(this.#words, SERVING) === ticket)
  }

  async #until(condition: () => boolean): Promise<void> {
    for (;;) {
      const heard = Atomics.load(this.#words, RUNG)
      if (condition() || Atomics.load(this.#words, BROKEN) > 0) return
      await this.#bell.next(heard)
    }
  }

  #step(word: number, by: number): void {
    Atomics.add(this.#words, word, by)
    Atomics.add(this.#words, RUNG, 1)
    this.#bell.ring()
  }
}

function threadBell(): Bell {
  let rung = Promise.withResolvers<void>()
  return {
    ring: () => {
      rung.resolve()
      rung = Promise.withResolvers()
    },
    next: () => rung.promise,
  }
}

function sharedBell(words: Int32Array): Bell {
  return {
    ring: () => void Atomics.notify(words, RUNG),
    next: async (heard) => {
      await Atomics.waitAsync(words, RUNG, heard).value
    },
  }
}
