/**
 * How many events each condition of a key can still be left alone for (`patience.ts`), as bytes in the key's block, and
 * for how much that events bring, as words behind them.
 *
 * V1. They are never stored: a state that was read back waits for nothing, and every condition is asked anew. What comes
 *     out is the same, for a condition that is left alone would not hold.
 */
import { offsetIn, type Arena } from '../windows/arena.ts'
import { asSummand } from '../windows/figures.ts'

/** More than this is asked again earlier than it need be. */
const MOST = 255
/** Amounts are kept in parts of one, what is missing rounded down and what comes rounded up. */
const GRAINS = 256
const MOST_GRAINS = 2 ** 31 - 1

export class Waits {
  readonly #arena: Arena
  readonly #words: number
  /** Where the amounts begin. */
  readonly #amountsAt: number

  /** Of so many conditions, and of those that wait for amounts. */
  constructor(arena: Arena, conditions: number, amounts: number) {
    this.#arena = arena
    this.#amountsAt = Math.ceil(conditions / 4)
    this.#words = this.#amountsAt + amounts
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

  /** Whether a condition that waits for an amount can be left alone on an event that brings so much of it. */
  leavesFor(at: number, amount: number, brought: number): boolean {
    const words = this.#arena.words(at)
    const word = offsetIn(at) + this.#amountsAt + amount
    const left = words[word] ?? 0
    if (left === 0) return false
    const rest = left - Math.ceil(asSummand(Math.max(0, brought)) * GRAINS)
    words[word] = rest > 0 ? rest : 0
    return rest > 0
  }

  /** Leaves a condition alone until events have brought what is missing; false where that is next to nothing. */
  beginFor(at: number, amount: number, missing: number): boolean {
    // One grain less: sums of very many summands are not exact to the last bit.
    const grains = Math.min(Math.floor(missing * GRAINS) - 1, MOST_GRAINS)
    if (!(grains > 0)) return false
    this.#arena.words(at)[offsetIn(at) + this.#amountsAt + amount] = grains
    return true
  }

  /** Every condition is asked on the next event. */
  end(at: number): void {
    const first = offsetIn(at)
    this.#arena.words(at).fill(0, first, first + this.#words)
  }
}
