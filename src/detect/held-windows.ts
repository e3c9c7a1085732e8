/**
 * Merged sliding windows, one for each sub-key that was read, kept from one reading to the next: an event costs what comes and
 * what goes, and no look at all that is between.
 *
 * D1. What is held is what its panes would give if they were merged anew; where an event or the passing of time leaves something
 *     that cannot be followed, it is dropped.
 * D2. A held window never ends before the newest event of its sub-key.
 */
import type { Following, Gain, Stretch } from '../windows/tally.ts'

interface Held<T> {
  readonly window: T
  startMs: number
  endMs: number
}

/** The panes that have something of a sub-key, as far as they lie between the two times. */
export type StretchesWithin<I, T> = (subKey: string, fromMs: number, toMs: number) => readonly Stretch<I, T>[]

export class HeldWindows<I, T> {
  readonly #following: Following<I, T>
  readonly #windowMs: number
  readonly #bytesOf: (window: T) => number
  readonly #stretches: StretchesWithin<I, T>
  readonly #bySubKey = new Map<string, Held<T>>()

  constructor(
    following: Following<I, T>,
    windowMs: number,
    bytesOf: (window: T) => number,
    stretches: StretchesWithin<I, T>,
  ) {
    this.#following = following
    this.#windowMs = windowMs
    this.#bytesOf = bytesOf
    this.#stretches = stretches
  }

  get bytes(): number {
    let bytes = 0
    for (const { window } of this.#bySubKey.values()) bytes += 120 + this.#bytesOf(window)
    return bytes
  }

  /** The window that ends then, as far as it can be had from what is held; null where it has to be merged anew. */
  at(subKey: string, endMs: number): T | null {
    const held = this.#bySubKey.get(subKey)
    if (held === undefined || endMs < held.endMs) return null
    return this.#moveTo(subKey, held, endMs) ? held.window : null
  }

  /** Keeps a window that was merged anew and holds the newest event of its sub-key, unless one is held that ends later. */
  hold(subKey: string, endMs: number, window: T): void {
    if ((this.#bySubKey.get(subKey)?.endMs ?? -Infinity) > endMs) return
    this.#bySubKey.set(subKey, { window, startMs: endMs - this.#windowMs, endMs })
  }

  /** A pane has taken an item of that time. */
  follow(subKey: string, timeMs: number, item: I, pane: Stretch<I, T>, gain: Gain): void {
    const held = this.#bySubKey.get(subKey)
    if (held === undefined) return
    // One before the window may be the first of a pane that counts as a whole: that one is in it no longer.
    const isCutOff = timeMs < held.startMs && !pane.exact
    const isDecidedAnew = this.#following.byPane && pane.firstMs < held.startMs
    if (gain === 'anew' || isCutOff || isDecidedAnew) return void this.#bySubKey.delete(subKey)
    if (timeMs < held.startMs || !this.#moveTo(subKey, held, Math.max(held.endMs, timeMs))) return
    const isIn = pane.leftOut(held.startMs, held.endMs) === null
    if (gain === 'item' && isIn) this.#following.gain(held.window, item)
  }

  /** Panes have gone: a window that may have something from before `timeMs` can be followed no longer. */
  dropBefore(timeMs: number): void {
    for (const [subKey, { startMs }] of this.#bySubKey) if (startMs < timeMs) this.#bySubKey.delete(subKey)
  }

  /** False where what goes cannot be taken out: then it is dropped. */
  #moveTo(subKey: string, held: Held<T>, endMs: number): boolean {
    const startMs = endMs - this.#windowMs
    if (startMs > held.startMs) {
      const left = this.#stretches(subKey, held.startMs, startMs)
      if (!left.every((pane) => pane.leave(held.window, held.startMs, startMs))) {
        this.#bySubKey.delete(subKey)
        return false
      }
    }
    held.startMs = startMs
    held.endMs = endMs
    return true
  }
}
