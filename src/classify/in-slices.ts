/** Long work in short slices, so that the event loop breathes in between (20 ms at most, DESIGN section 5). */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** About 5 ms of hashing and looking at text. */
const SLICE_UNITS = 32_000

/** `step` of every item, in order; other work gets its turn after every slice. `unitsOf` is an item's text length. */
export async function inSlices<T, R>(
  items: readonly T[],
  unitsOf: (item: T) => number,
  step: (item: T) => R,
): Promise<R[]> {
  const results: R[] = []
  let units = 0
  for (const item of items) {
    results.push(step(item))
    units += unitsOf(item)
    if (units < SLICE_UNITS) continue
    units = 0
    await nextTurn()
  }
  return results
}
