/** Long work in slices: the event loop has its turns, whatever the items' lengths, and nothing is left out. */
import { describe, expect, it } from 'vitest'
import { inSlices, SLICE_UNITS } from '../../src/classify/in-slices.ts'
import { turnsDuring } from '../support/turns-during.ts'

/** How many units were worked on in each turn of the event loop. */
async function slicesOf(lengths: readonly number[]): Promise<readonly number[]> {
  const units = new Map<number, number>()
  await turnsDuring((turn) =>
    inSlices(
      lengths,
      (length) => length,
      (length) => units.set(turn(), (units.get(turn()) ?? 0) + length),
    ),
  )
  return [...units.values()]
}

describe('long work', () => {
  it('is done in slices of so many units at most', async () => {
    const lengths = Array.from({ length: 1_000 }, (_, at) => (at * 7_919) % 3_000)
    const slices = await slicesOf(lengths)
    expect(Math.max(...slices)).toBeLessThanOrEqual(SLICE_UNITS)
    expect(slices.reduce((sum, one) => sum + one, 0)).toBe(lengths.reduce((sum, one) => sum + one, 0))
  })

  it('gives what is longer than a slice one of its own', async () => {
    const long = 10 * SLICE_UNITS
    expect(await slicesOf([10, long, 10, long, long])).toEqual([10, long, 10, long, long])
  })

  it('that fits one slice waits for nothing', async () => {
    expect(await slicesOf([SLICE_UNITS - 1, 1])).toEqual([SLICE_UNITS])
  })

  it('gives results in the order of the items', async () => {
    const items = Array.from({ length: 50 }, (_, at) => at)
    const doubled = await inSlices(
      items,
      () => SLICE_UNITS / 3,
      (item) => 2 * item,
    )
    expect(doubled).toEqual(items.map((item) => 2 * item))
  })
})
