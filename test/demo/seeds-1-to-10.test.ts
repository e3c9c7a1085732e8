/** Half of the twenty seeds; the other half runs beside it. See test/support/demo.ts. */
import { describe, expect, it } from 'vitest'
import { demoOf } from '../support/demo.ts'

const SEEDS = Array.from({ length: 10 }, (_, at) => at + 1)

describe.each(SEEDS)('the demo with seed %i', (seed) => {
  it('finds every abuser and touches no honest customer', { timeout: 120_000 }, async () => {
    const { story, events, accounts } = await demoOf(seed)
    expect(story.touched()).toEqual([])
    expect(story.missed()).toEqual([])
    expect(events).toBeGreaterThanOrEqual(200_000)
    expect(accounts).toBeGreaterThanOrEqual(2_000)
  })
})
