/**
 * Long work in short slices, so that the event loop breathes in between (20 ms at most, DESIGN section 5).
 *
 * S1. A slice is of SLICE_UNITS at most, or one step: what is longer than a slice has one of its own.
 * S2. What ends with half a slice or more ends with a turn, so that one piece of work after another is no long slice.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** About 5 ms of hashing and looking at text. */
export const SLICE_UNITS = 32_000

/**
 * Work that may be put down before each of its steps: yields what the next one costs, as `unitsOf` tells it below; ends with
 * what came of it.
 */
export type Steps<R> = Generator<number, R, void>

/** All steps, without a turn for other work. */
export function atOnce<R>(steps: Steps<R>): R {
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/**
 * `step` of every item, in order; other work gets its turn between slices. `unitsOf` is what an item costs: its text's
 * length in characters, or as much as something else takes.
 */
export async function inSlices<T, R>(
  items: readonly T[],
  unitsOf: (item: T) => number,
  step: (item: T) => R,
): Promise<R[]> {
  const results: R[] = []
  const slice = new Slice()
  for (const item of items) {
    const units = unitsOf(item)
    if (slice.isFullFor(units)) await slice.end()
    results.push(step(item))
    slice.add(units)
  }
  if (slice.isHalfFull) await slice.end()
  return results
}

/** The same of items whose work has steps: also a single long one is done in slices. */
export async function inStepSlices<T, R>(items: readonly T[], stepsOf: (item: T) => Steps<R>): Promise<R[]> {
  const results: R[] = []
  const slice = new Slice()
  for (const item of items) {
    const steps = stepsOf(item)
    for (let next = steps.next(); ; next = steps.next()) {
      if (next.done === true) {
        results.push(next.value)
        break
      }
      if (slice.isFullFor(next.value)) await slice.end()
      slice.add(next.value)
    }
  }
  if (slice.isHalfFull) await slice.end()
  return results
}

class Slice {
  #units = 0

  isFullFor(units: number): boolean {
    return this.#units > 0 && this.#units + units > SLICE_UNITS
  }

  get isHalfFull(): boolean {
    return this.#units >= SLICE_UNITS / 2
  }

  add(units: number): void {
    this.#units += units
  }

  async end(): Promise<void> {
    await nextTurn()
    this.#units = 0
  }
}
