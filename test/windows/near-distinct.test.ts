import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { areNear, likenessOf, type Likeness } from '../../src/windows/likeness.ts'
import { NearDistinct } from '../../src/windows/near-distinct.ts'

const LIMIT = 20

/** Texts that have nothing to do with each other, of which each is a template; their hashes lie far apart. */
const CENTRES = [
  0x0000000000000000n,
  0x00000000ffffffffn,
  0xffffffff00000000n,
  0xffffffffffffffffn,
  0x0000ffff0000ffffn,
  0xffff0000ffff0000n,
  0x00ff00ff00ff00ffn,
]

function hashOf(centre: number, flips: readonly number[]): Likeness {
  const bits = flips.reduce((hash, bit) => hash ^ (1n << BigInt(bit)), CENTRES[centre] ?? 0n)
  return likenessOf(bits.toString(16).padStart(16, '0'))
}

const centre = fc.nat(CENTRES.length - 1)
const flipsUpTo = (most: number) => fc.uniqueArray(fc.nat(63), { maxLength: most })
/** A text of a template: two of one differ in 12 bits at most, of two in 20 at least. */
const filled = fc.record({ centre, flips: flipsUpTo(6) })
/** As near to its template as not. */
const anyText = fc.tuple(centre, flipsUpTo(12)).map(([at, flips]) => hashOf(at, flips))
const texts = fc.array(anyText, { maxLength: 30 })
const panesOf = <T>(text: fc.Arbitrary<T>) =>
  fc.array(fc.array(text, { maxLength: 12 }), { minLength: 1, maxLength: 4 })

function paneOf(hashes: readonly Likeness[], limit = LIMIT): NearDistinct {
  const pane = new NearDistinct(limit)
  for (const hash of hashes) pane.add(hash)
  return pane
}

function merged(panes: readonly NearDistinct[], limit = LIMIT): NearDistinct {
  const window = new NearDistinct(limit)
  for (const pane of panes) window.merge(pane)
  return window
}

function encoded(distinct: NearDistinct): Buffer {
  const writer = new ByteWriter()
  distinct.encode(writer)
  return writer.take()
}

/** What a pane keeps, and in how many groups hashes hang together: both told by trying all pairs. */
function keptByHand(hashes: readonly Likeness[]): readonly Likeness[] {
  return hashes.reduce<readonly Likeness[]>(
    (kept, one) => (kept.some((other) => areNear(one, other)) ? kept : [...kept, one]),
    [],
  )
}

function groupsByHand(hashes: readonly Likeness[]): number {
  let groups = hashes.map((hash) => [hash])
  for (let joined = true; joined;) {
    joined = false
    for (const [at, group] of groups.entries()) {
      const near = groups.findIndex(
        (other, i) => i > at && other.some((a) => group.some((b) => areNear(a, b))),
      )
      if (near < 0) continue
      groups[at] = [...group, ...(groups[near] ?? [])]
      groups = groups.filter((_, i) => i !== near)
      joined = true
      break
    }
  }
  return groups.length
}

describe('distinct texts, near-duplicates once', () => {
  it('are as many as there are templates, in whatever order and panes they come (N3)', () => {
    fc.assert(
      fc.property(panesOf(filled), (panes) => {
        const parts = panes.map((pane) =>
          paneOf(
            pane.map((one) => hashOf(one.centre, one.flips)),
            Infinity,
          ),
        )
        const window = merged(parts, Infinity)
        expect(window.value()).toBe(new Set(panes.flat().map((one) => one.centre)).size)
      }),
    )
  })

  it('are what trying all pairs tells, of any texts (N1, N2)', () => {
    fc.assert(
      fc.property(panesOf(anyText), (panes) => {
        const window = merged(
          panes.map((pane) => paneOf(pane, Infinity)),
          Infinity,
        )
        expect(window.value()).toBe(groupsByHand(panes.flatMap(keptByHand)))
      }),
    )
  })

  it('take one place in a pane, however often a template is filled in', () => {
    const pane = new NearDistinct(LIMIT)
    const before = encoded(paneOf([hashOf(0, [])])).length
    for (let at = 0; at < 60; at++) pane.add(hashOf(0, [at, at + 1, at + 2]))
    expect(pane.value()).toBe(1)
    expect(encoded(pane)).toHaveLength(before)
  })

  it('are the same for panes in any order and grouping', () => {
    fc.assert(
      fc.property(panesOf(anyText), fc.nat(4), (panes, at) => {
        const parts = () => panes.map((pane) => paneOf(pane))
        const forward = merged(parts())
        const grouped = merged([merged(parts().slice(0, at)), merged(parts().slice(at))])
        const backward = merged(parts().toReversed())
        expect(backward.value()).toBe(forward.value())
        expect(grouped.value()).toBe(forward.value())
      }),
    )
  })

  it('are the same for a window that was fed event by event as for one that is merged anew', () => {
    fc.assert(
      fc.property(texts, texts, texts, (first, second, more) => {
        const panes = [paneOf(first), paneOf(second)] as const
        const window = merged(panes)
        for (const hash of more) if (panes[1].add(hash)) window.gain(hash)
        expect(window.value()).toBe(merged(panes).value())
      }),
    )
  })

  it('forget a pane as if it had never been merged, or say that they cannot', () => {
    fc.assert(
      fc.property(texts, texts, texts, (first, second, later) => {
        const [before, rest, next] = [paneOf(first), paneOf(second), paneOf(later)]
        const window = merged([before, rest])
        if (!window.leave(before)) return
        expect(window.value()).toBe(merged([rest]).value())
        window.merge(next)
        expect(window.value()).toBe(merged([rest, next]).value())
      }),
    )
  })

  it('are never more in a window than in its panes together (N5)', () => {
    fc.assert(
      fc.property(panesOf(anyText), (panes) => {
        const parts = panes.map((pane) => paneOf(pane, Infinity))
        const sum = parts.reduce((total, pane) => total + pane.value(), 0)
        expect(merged(parts, Infinity).value()).toBeLessThanOrEqual(sum)
      }),
    )
  })

  it('go on where they were after they were stored, past the limit too', () => {
    fc.assert(
      fc.property(texts, texts, fc.constantFrom(2, LIMIT), (hashes, more, limit) => {
        const kept = paneOf(hashes, limit)
        const restored = NearDistinct.decode(limit, new ByteReader(encoded(kept)))
        expect(restored.value()).toBe(kept.value())
        for (const hash of more) expect(restored.add(hash)).toBe(kept.add(hash))
        expect(restored.value()).toBe(kept.value())
        expect(encoded(restored)).toEqual(encoded(kept))
      }),
    )
  })

  it('count each for itself past the limit, by a sketch that no longer grows (N4)', () => {
    const pane = new NearDistinct(50)
    for (let at = 0; at < 5_000; at++) pane.add(likenessOf(`text ${at}`))
    expect(Math.abs(pane.value() / 5_000 - 1)).toBeLessThan(4 * 0.0163)
    const { bytes } = pane
    for (let at = 5_000; at < 6_000; at++) pane.add(likenessOf(`text ${at}`))
    expect(pane.bytes).toBe(bytes)
    expect(pane.leave(paneOf([]))).toBe(false)
  })
})
