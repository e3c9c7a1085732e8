import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activeBit, activePanes, MAX_ACTIVE_PANES, streakUpTo } from '../../src/windows/activity.ts'

const newest = fc.integer({ min: -1_000, max: 30_000_000 })
const activity = fc.array(fc.boolean(), { minLength: 1, maxLength: MAX_ACTIVE_PANES })

/** The window whose panes, counted back from the newest, were active or not. */
function windowOf(active: readonly boolean[], newestPane: number): number {
  return active.reduce((sum, isActive, back) => sum + (isActive ? activeBit(newestPane - back) : 0), 0)
}

describe('activity', () => {
  it('counts the active panes of a window, wherever it ends', () => {
    fc.assert(
      fc.property(newest, activity, (end, active) => {
        expect(activePanes(windowOf(active, end))).toBe(active.filter(Boolean).length)
      }),
    )
  })

  it('counts those in a row that end with a pane', () => {
    fc.assert(
      fc.property(newest, activity, (end, active) => {
        const firstIdle = active.indexOf(false)
        expect(streakUpTo(windowOf(active, end), end)).toBe(firstIdle < 0 ? active.length : firstIdle)
      }),
    )
  })

  it('lets a pane go as it came', () => {
    fc.assert(
      fc.property(newest, activity, (end, active) => {
        const gone = activeBit(end - active.length + 1)
        const rest = windowOf([...active.slice(0, -1), false], end)
        expect(windowOf([...active.slice(0, -1), true], end) - gone).toBe(rest)
      }),
    )
  })
})
