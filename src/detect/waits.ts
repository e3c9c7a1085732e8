/**
 * How many events each condition of a key can still be left alone for (`patience.ts`), as bytes in the key's block.
 *
 * V1. They are never stored: a state that was read back waits for nothing, and every condition is asked anew. What comes
 *     out is the same, for a condition that is left alone would not hold.
 */
import { offsetIn, type Arena } from '../windows/arena.ts'

/** More than this is asked again earlier than it need be. */
const MOST = 255

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

  /** Whether the condition can be left alone on this event, which counts towards its wait or does not. */
  leaves(at: number, condition: number, counts: boolean): boolean {
    const words = this.#arena.words(at)
    const word = offsetIn(at) + (condition >>> 2)
    const shift = (condition & 3) * 8
    const left = ((words[word] ?? 0) >>> shift) & MOST
    if (left === 0 || !counts) return left > 0
    words[word] = (words[word] ?? 0) - (1 << shift)
    return left > 1
  }

  /** Leaves a condition, which waits for nothing, alone until so many events that count have come. */
  begin(at: number, condition: number, events: number): void {
    const words = this.#arena.words(at)
    const word = offsetIn(at) + (condition >>> 2)
    words[word] = (words[word] ?? 0) | (Math.min(events, MOST) << ((condition & 3) * 8))
  }

  /** Every condition is asked on the next event. */
  end(at: number): void {
    const first = offsetIn(at)
    this.#arena.words(at).fill(0, first, first + this.#words)
  }
}
