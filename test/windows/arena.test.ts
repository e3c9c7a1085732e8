import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, offsetIn } from '../../src/windows/arena.ts'

/** Takes and gives back blocks at random; every block is filled with its own number while it is taken. */
function churn(steps: readonly (readonly [number, boolean])[]): void {
  const arena = new Arena()
  const taken: { address: number; words: number; mark: number }[] = []
  for (const [mark, [words, gives]] of steps.entries()) {
    const given = gives ? taken.splice(words % Math.max(1, taken.length), 1)[0] : undefined
    if (given !== undefined) arena.free(given.address, given.words)
    else taken.push({ address: filled(arena, words, mark + 1), words, mark: mark + 1 })
    for (const block of taken) {
      const at = offsetIn(block.address)
      const held = [...arena.words(block.address).subarray(at, at + block.words)]
      expect(held).toEqual(held.map(() => block.mark))
    }
  }
  for (const { address, words } of taken) arena.free(address, words)
  expect(arena.usedBytes).toBe(0)
}

function filled(arena: Arena, words: number, mark: number): number {
  const address = arena.allocate(words)
  expect(address % 2).toBe(0)
  expect(address).toBeGreaterThan(0)
  const at = offsetIn(address)
  const block = arena.words(address).subarray(at, at + words)
  expect([...block].every((word) => word === 0)).toBe(true)
  block.fill(mark)
  return address
}

describe('an arena', () => {
  it('gives zeroed blocks that never overlap, whatever is taken and given back (A1, A3)', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.boolean())
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), churn))
  })

  it('keeps a block in one page, also where the last page is nearly full (A2)', () => {
    const arena = new Arena()
    for (let made = 0; made < 2_200; made++) {
      const address = arena.allocate(1_000)
      expect(offsetIn(address) + 1_000).toBeLessThanOrEqual(arena.words(address).length)
    }
  })

  it('uses blocks again', () => {
    const arena = new Arena()
    const first = arena.allocate(10)
    arena.free(first, 10)
    expect(arena.allocate(9)).toBe(first)
  })

  it('refuses what is too large for it', () => {
    expect(() => new Arena().allocate(70_000)).toThrow(RangeError)
  })

  it('shows the same memory as doubles', () => {
    const arena = new Arena()
    const address = arena.allocate(4)
    arena.doubles(address)[(offsetIn(address) >> 1) + 1] = -2.5
    const at = offsetIn(address) + 2
    expect([...arena.words(address).subarray(at, at + 2)]).toEqual([
      ...new Int32Array(Float64Array.of(-2.5).buffer),
    ])
  })
})
