/** One press of Ctrl-C may arrive twice; two presses are two. */
import { describe, expect, it } from 'vitest'
import { Interrupts } from '../../src/cli/interrupts.ts'

describe('signals that ask a process to end', () => {
  const hearAt = (...timesMs: readonly number[]): readonly string[] => {
    const times = [...timesMs]
    const interrupts = new Interrupts({ now: () => times.shift() ?? 0 })
    return timesMs.map(() => interrupts.hear())
  }

  it('drain at the first, and end at the next', () => {
    expect(hearAt(10_000, 10_700)).toEqual(['drain', 'end'])
  })

  it('are not counted twice where the launcher passes on what the terminal has told already (I1)', () => {
    expect(hearAt(10_000, 10_003)).toEqual(['drain', 'nothing'])
    expect(hearAt(10_000, 10_003, 12_000, 12_002)).toEqual(['drain', 'nothing', 'end', 'end'])
  })
})
