import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { Distinct } from '../../src/windows/distinct.ts'
import { hash31 } from '../../src/windows/hash.ts'

const LIMIT = 20
const hashes = fc.array(fc.nat(0x7fffffff), { maxLength: 40 })

function distinctOf(values: readonly number[], limit = LIMIT): Distinct {
  const distinct = new Distinct(limit)
  for (const value of values) distinct.add(value)
  return distinct
}

function encoded(distinct: Distinct): Buffer {
  const writer = new ByteWriter()
  distinct.encode(writer)
  return writer.take()
}

describe('distinct values', () => {
  it('is exact up to the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0x7fffffff), { maxLength: LIMIT }), (values) => {
        expect(distinctOf([...values, ...values]).value()).toBe(new Set(values).size)
      }),
    )
  })

  it('merges panes to what all values would have given at once, in any order', () => {
    fc.assert(
      fc.property(fc.array(hashes, { maxLength: 5 }), (panes) => {
        const forward = distinctOf([])
        for (const pane of panes) forward.merge(distinctOf(pane))
        const backward = distinctOf([])
        for (const pane of panes.toReversed()) backward.merge(distinctOf(pane))
        const whole = distinctOf(panes.flat())
        expect(forward.value()).toBe(whole.value())
        expect(backward.value()).toBe(whole.value())
        expect(forward.exact).toBe(whole.exact)
      }),
    )
  })

  it('takes a pane out again as if it had never been merged, or says that it cannot', () => {
    fc.assert(
      fc.property(hashes, hashes, hashes, (first, second, later) => {
        const window = distinctOf([])
        for (const pane of [first, second]) window.merge(distinctOf(pane))
        const rest = distinctOf(second)
        const left = window.leave(distinctOf(first))
        expect(left).toBe(new Set([...first, ...second]).size <= LIMIT)
        if (!left) return
        expect(window.value()).toBe(rest.value())
        window.merge(distinctOf(later))
        rest.merge(distinctOf(later))
        expect(window.value()).toBe(rest.value())
      }),
    )
  })

  it('gives the same value after it was stored, and goes on counting from there', () => {
    fc.assert(
      fc.property(hashes, hashes, (values, more) => {
        const restored = Distinct.decode(LIMIT, new ByteReader(encoded(distinctOf(values))))
        const kept = distinctOf(values)
        expect(restored.value()).toBe(kept.value())
        for (const value of more) {
          restored.add(value)
          kept.add(value)
        }
        expect(restored.value()).toBe(kept.value())
        expect(encoded(restored)).toEqual(encoded(kept))
      }),
    )
  })

  it.each([1_100, 3_000, 6_000, 12_000, 50_000, 300_000])(
    'estimates %i values within three times its standard error',
    (count) => {
      const distinct = new Distinct(1_000)
      for (let at = 0; at < count; at++) distinct.add(hash31(`address-${at}`))
      expect(distinct.exact).toBe(false)
      expect(Math.abs(distinct.value() - count)).toBeLessThan(3 * 0.0163 * count)
    },
  )

  it('stays within its standard error on average over many sets', () => {
    const errors = Array.from({ length: 60 }, (_, set) => {
      const distinct = new Distinct(1_000)
      for (let at = 0; at < 5_000; at++) distinct.add(hash31(`${set}/${at}`))
      return distinct.value() / 5_000 - 1
    })
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
    const bias = errors.reduce((sum, error) => sum + error, 0) / errors.length
    expect(spread).toBeLessThan(0.0163 * 1.3)
    expect(Math.abs(bias)).toBeLessThan(0.0163 / 2)
  })
})
