import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Timers } from '../../src/engine/timers.ts'

const wall = (key: string, name: string, dueMs: number) => ({ kind: 'wall', key, name, dueMs }) as const

describe('timers', () => {
  it('fire in order of due time, whatever the order of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }), (dues) => {
        const timers = new Timers()
        dues.forEach((dueMs, index) => timers.set(wall(`k${index}`, 'end', dueMs)))
        const fired: number[] = []
        for (let next = timers.takeDue('wall', 2000); next !== null; next = timers.takeDue('wall', 2000)) {
          fired.push(next.dueMs)
        }
        expect(fired).toEqual([...dues].sort((a, b) => a - b))
      }),
    )
  })

  it('that were moved fire once, at the new time', () => {
    const timers = new Timers()
    timers.set(wall('a', 'end', 10))
    timers.set(wall('a', 'end', 30))
    expect(timers.takeDue('wall', 20)).toBeNull()
    expect(timers.takeDue('wall', 30)?.dueMs).toBe(30)
    expect(timers.takeDue('wall', 99)).toBeNull()
  })

  it('that were cleared never fire, and the clearing reaches the store', () => {
    const timers = new Timers()
    timers.load([{ id: 'wall\u001fa\u001fend', dueMs: 10 }])
    timers.clear('a', 'end')
    expect(timers.takeDue('wall', 99)).toBeNull()
    expect(timers.takeChanges()).toEqual({ set: [], cleared: ['wall\u001fa\u001fend'] })
  })

  it('of one clock do not fire by the other', () => {
    const timers = new Timers()
    timers.set({ kind: 'stream', key: 'a', name: 'minute', dueMs: 10 })
    expect(timers.takeDue('wall', 99)).toBeNull()
    expect(timers.dueKeys('stream', 99, 5)).toEqual(['a'])
  })

  it('set and cleared between two commits leave a clearing only', () => {
    const timers = new Timers()
    timers.set(wall('a', 'end', 10))
    timers.clear('a', 'end')
    expect(timers.takeChanges()).toEqual({ set: [], cleared: ['wall\u001fa\u001fend'] })
    expect(timers.changed).toBe(false)
  })
})
