/**
 * Long work in short slices, so that the event loop breathes in between (20 ms at most, DESIGN section 5).
 *
 * S1. A slice is of SLICE_UNITS at most, or one item: what is longer than a slice has one of its own.
 * S2. What ends with half a slice or more ends with a turn, so that one piece of work after another is no long slice.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** About 5 ms of hashing and looking at text. */
export const SLICE_UNITS = 32_000

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
  let units = 0
  for (const item of items) {
    const more = unitsOf(item)
    if (units > 0 && units + more > SLICE_UNITS) {
      await nextTurn()
      units = 0
    }
    results.push(step(item))
    units += more
  }
  if (units >= SLICE_UNITS / 2) await nextTurn()
  return results
}
