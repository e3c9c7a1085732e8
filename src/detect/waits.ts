/**
 * How many steps each condition of a key can still be left alone for (`patience.ts`), and which of its parts is waited for,
 * as two bytes in the key's block.
 *
 * V1. They are never stored: a state that was read back waits for nothing, and every condition is asked anew. What comes
 *     out is the same, for a condition that is left alone would not hold.
 */
import { LONGEST_WAIT } from '../topology/patience.ts'
import { offsetIn, type Arena } from '../windows/arena.ts'
import type { Steps } from './steps.ts'

const BYTE = 255
const ENTRY = 0xffff
/** Parts past these are not waited for. */
export const MOST_PARTS = 256

export class Waits {
  readonly #arena: Arena
  readonly #words: number

  /** Of so many conditions. */
  constructor(arena: Arena, conditions: number) {
    this.#arena = arena
    this.#words = Math.ceil(conditions / 2)
  }

  /** What they take in a key's block. */
  get words(): number {
    return this.#words
  }

  /** Whether the condition can be left alone on an event that took those steps; of each part of it, the features. */
  leaves(at: number, condition: number, parts: readonly (readonly number[])[], steps: Steps): boolean {
    const words = this.#arena.words(at)
    const word = offsetIn(at) + (condition >>> 1)
    const shift = (condition & 1) * 16
    const entry = ((words[word] ?? 0) >>> shift) & ENTRY
    const left = entry & BYTE
    const features = parts[entry >>> 8]
    if (left === 0 || features === undefined) return false
    const taken = steps.furthest(features)
    if (taken > 0) words[word] = (words[word] ?? 0) - (Math.min(taken, left) << shift)
    return left > taken
  }

  /** Leaves a condition alone until a part of it has come so many steps further. */
  begin(at: number, condition: number, part: number, steps: number): void {
    const words = this.#arena.words(at)
    const word = offsetIn(at) + (condition >>> 1)
    const shift = (condition & 1) * 16
    const entry = (part << 8) | Math.min(steps, LONGEST_WAIT)
    words[word] = ((words[word] ?? 0) & ~(ENTRY << shift)) | (entry << shift)
  }

  /** Every condition is asked on the next event. */
  end(at: number): void {
    const first = offsetIn(at)
    this.#arena.words(at).fill(0, first, first + this.#words)
  }
}
