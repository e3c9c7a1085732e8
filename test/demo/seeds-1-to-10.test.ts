/** Half of the twenty seeds; the other half runs beside it. See test/support/demo.ts. */
import { describe, expect, it } from 'vitest'
import { demoOf } from '../support/demo.ts'

const SEEDS = Array.from({ length: 10 }, (_, at) => at + 1)

describe.each(SEEDS)('the demo with seed %i', (seed) => {
  it('finds every abuser and touches no honest customer', { timeout: 240_000 }, async ({ signal }) => {
    const { table, accounts, events } = await demoOf(seed, signal)
    expect(table).toContain('Honest customers touched: none of ')
    expect(table, 'an abuser without a reason why').not.toMatch(/ -$/m)
    expect(events).toBeGreaterThanOrEqual(200_000)
    expect(accounts).toBeGreaterThanOrEqual(2_000)
  })
})
