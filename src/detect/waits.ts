/**
 * How many steps each condition of a key can still be left alone for (`patience.ts`), as bytes in the key's block.
 *
 * V1. They are never stored: a state that was read back waits for nothing, and every condition is asked anew. What comes
 *     out is the same, for a condition that is left alone would not hold.
 */
import { LONGEST_WAIT } from '../topology/patience.ts'
import { offsetIn, type Arena } from '../windows/arena.ts'

const BYTE = 255

export class Waits {
  readonly #arena: Arena
  readonly #words: number

  /** Of so many conditions. */
  constructor(arena: Arena, conditions: number) {
    this.#arena = arena
    this.#words = Math.ceil(conditions / 4)
  }

  /** What they take in a key's block. */
  get words(): number {
    return this.#words
  }

  /** Whether the condition can be left alone on this event, which is so many steps of its wait. */
  leaves(at: number, condition: number, steps: number): boolean {
    const words = this.#arena.words(at)
    const word = offsetIn(at) + (condition >>> 2)
    const shift = (condition & 3) * 8
    const left = ((words[word] ?? 0) >>> shift) & BYTE
    if (left === 0 || steps === 0) return left > 0
    words[word] = (words[word] ?? 0) - (Math.min(steps, left) << shift)
    return left > steps
  }

  /** Leaves a condition, which waits for nothing, alone until so many steps have come. */
  begin(at: number, condition: number, steps: number): void {
    const words = this.#arena.words(at)
    const word = offsetIn(at) + (condition >>> 2)
    words[word] = (words[word] ?? 0) | (Math.min(steps, LONGEST_WAIT) << ((condition & 3) * 8))
  }

  /** Every condition is asked on the next event. */
  end(at: number): void {
    const first = offsetIn(at)
    this.#arena.words(at).fill(0, first, first + this.#words)
  }
}
