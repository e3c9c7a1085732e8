import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RECENT_EVENTS, RECENT_MS, RECENT_WORDS, RecentIds } from '../../src/detect/recent-ids.ts'
import { Arena } from '../../src/windows/arena.ts'
import { hash47 } from '../../src/windows/hash.ts'

const step = fc.record({ id: fc.nat(70), hour: fc.nat(3), reload: fc.boolean() })

/** The last ids of each hour as plain lists. */
class Oracle {
  readonly #hours = new Map<number, number[]>()

  note(id: number, hour: number): boolean {
    const ids = this.#hours.get(hour) ?? []
    if (ids.includes(id)) return false
    this.#hours.set(hour, [...ids, id].slice(-RECENT_EVENTS))
    return true
  }
}

describe('recent event ids', () => {
  it('recognise repeats as a list of the last ones would, stored and read back at any time (I1)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const arena = new Arena()
        const ids = new RecentIds(arena)
        const oracle = new Oracle()
        const cells = new Map<number, Buffer>()
        const pointer = arena.allocate(RECENT_WORDS)
        ids.begin(pointer)
        for (const { id, hour, reload } of steps) {
          const known = ids.note(pointer, hash47(String(id)), hour * RECENT_MS + id)
          expect(known).toBe(oracle.note(id, hour))
          if (!reload) continue
          ids.changes(pointer, (changed, cell) => cells.set(changed, cell))
          ids.free(pointer)
          ids.begin(pointer)
          for (const [stored, cell] of cells) ids.restore(pointer, stored, cell)
        }
        ids.free(pointer)
        arena.free(pointer, RECENT_WORDS)
        expect(arena.usedBytes).toBe(0)
      }),
    )
  })

  it('that were read back give way oldest first, as if they had stayed', () => {
    const arena = new Arena()
    const ids = new RecentIds(arena)
    const pointer = arena.allocate(RECENT_WORDS)
    ids.begin(pointer)
    for (let id = 0; id < RECENT_EVENTS + 8; id++) ids.note(pointer, id, 0)
    const cells: Buffer[] = []
    ids.changes(pointer, (_hour, cell) => void cells.push(cell))
    ids.free(pointer)
    ids.begin(pointer)
    for (const cell of cells) ids.restore(pointer, 0, cell)
    for (let id = 0; id < 8; id++) ids.note(pointer, 1_000 + id, 0)
    const last = Array.from({ length: RECENT_EVENTS - 8 }, (_, at) => at + 16)
    expect(last.filter((id) => ids.note(pointer, id, 0))).toEqual([])
  })

  it('of an hour are gone an hour after it, and the later ones stay', () => {
    const arena = new Arena()
    const ids = new RecentIds(arena)
    const pointer = arena.allocate(RECENT_WORDS)
    ids.begin(pointer)
    for (const hour of [1, 0, 2]) ids.note(pointer, 7, hour * RECENT_MS)
    ids.dropExpired(pointer, 2 * RECENT_MS - 1)
    expect(ids.note(pointer, 7, 0)).toBe(false)
    ids.dropExpired(pointer, 2 * RECENT_MS)
    expect(ids.note(pointer, 7, 0)).toBe(true)
    expect([1, 2].map((hour) => ids.note(pointer, 7, hour * RECENT_MS))).toEqual([false, false])
  })
})
