import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/engine/errors.ts'
import { colocate, type Member } from '../../src/log/colocate.ts'

const topics = ['usage', 'verdicts']

function member(id: string, previous: readonly number[] = [], reads: readonly string[] = topics): Member {
  return { id, topics: reads, previous }
}

function counts(placed: ReadonlyMap<string, readonly number[]>): number[] {
  return [...placed.values()].map((partitions) => partitions.length)
}

/** A group as it stands after some members have shared `count` partitions. */
const groups = fc
  .record({
    ids: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 2, maxLength: 9 }),
    count: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ ids, count }) => {
    const placed = colocate(
      ids.map((id) => member(id)),
      () => count,
    )
    return { count, members: ids.map((id) => member(id, placed.get(id))) }
  })

describe('colocate', () => {
  it('gives every partition to exactly one member', () => {
    fc.assert(
      fc.property(groups, ({ count, members }) => {
        const all = [...colocate(members, () => count).values()].flat().sort((a, b) => a - b)
        expect(all).toEqual(Array.from({ length: count }, (_, partition) => partition))
      }),
    )
  })

  it('is balanced within one, whatever members claim to have had', () => {
    const claims = fc.array(fc.integer({ min: -2, max: 50 }), { maxLength: 50 })
    fc.assert(
      fc.property(groups, fc.array(claims, { maxLength: 9 }), ({ count, members }, previous) => {
        const claiming = members.map((one, index) => ({ ...one, previous: previous[index] ?? [] }))
        const placed = counts(colocate(claiming, () => count))
        expect(Math.max(...placed) - Math.min(...placed)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('moves nothing while the members stay', () => {
    fc.assert(
      fc.property(groups, ({ count, members }) => {
        const placed = colocate(members, () => count)
        for (const one of members) expect(placed.get(one.id)).toEqual(one.previous)
      }),
    )
  })

  it('takes from members only what a newcomer needs', () => {
    fc.assert(
      fc.property(groups, ({ count, members }) => {
        const placed = colocate([...members, member('0-newcomer')], () => count)
        const moved = members.flatMap((one) =>
          one.previous.filter((partition) => placed.get(one.id)?.includes(partition) !== true),
        )
        expect(moved.length).toBe(placed.get('0-newcomer')?.length)
      }),
    )
  })

  it('leaves those who stay what they had when somebody leaves', () => {
    fc.assert(
      fc.property(groups, ({ count, members }) => {
        const staying = members.slice(1)
        const placed = colocate(staying, () => count)
        for (const one of staying)
          expect(placed.get(one.id)).toEqual(expect.arrayContaining([...one.previous]))
      }),
    )
  })

  it('does not depend on the order in which members are listed', () => {
    fc.assert(
      fc.property(groups, ({ count, members }) => {
        const one = colocate(members, () => count)
        const other = colocate([...members].reverse(), () => count)
        expect(new Map([...other].sort())).toEqual(new Map([...one].sort()))
      }),
    )
  })

  it('gives members without a common topic partitions of their own', () => {
    const placed = colocate([member('a', [], ['x']), member('b', [], ['y'])], (topic) =>
      topic === 'x' ? 2 : 3,
    )
    expect(placed).toEqual(new Map([['a', [0, 1]], ['b', [0, 1, 2]]])) // prettier-ignore
  })

  it('never splits a partition number over members whose topics overlap', () => {
    const old = member('a', [0, 1, 2, 3], ['x'])
    const placed = colocate([old, member('b', [], ['x', 'y'])], () => 4)
    expect(placed).toEqual(new Map([['a', [0, 1]], ['b', [2, 3]]])) // prettier-ignore
  })

  it('refuses topics with different numbers of partitions and names them', () => {
    const call = (): unknown => colocate([member('a')], (topic) => (topic === 'usage' ? 6 : 12))
    expect(call).toThrow(RefusedError)
    expect(call).toThrow(/usage has 6, verdicts has 12. Add partitions to each until it has 12/)
  })
})
