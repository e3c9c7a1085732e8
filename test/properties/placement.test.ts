/**
 * Placement under churn: members come and go, read several topics, and are counted anew each time. Whatever the
 * order of events, each partition number has one owner with all its topics, counts differ by one at most, and no
 * partition moves that need not (L1). Repeated as test/properties/engine.test.ts says.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RefusedError } from '../../src/engine/errors.ts'
import { colocate, type Member } from '../../src/log/colocate.ts'
import { propertyParameters, propertyTimeoutMs } from '../support/property-parameters.ts'

/** Two sets of topics that nobody reads together, with different numbers of partitions. */
const CIRCLES = [
  { topics: ['usage', 'verdicts'], most: 24 },
  { topics: ['telemetry'], most: 7 },
] as const

interface Change {
  readonly joins: boolean
  /** Several at once: a deployment, a machine that is lost. */
  readonly members: number
  readonly circle: number
  readonly pick: number
}

const change: fc.Arbitrary<Change> = fc.record({
  joins: fc.boolean(),
  members: fc.integer({ min: 1, max: 4 }),
  circle: fc.constantFrom(0, 1),
  pick: fc.nat(),
})

const churn = fc.record({
  counts: fc.tuple(...CIRCLES.map(({ most }) => fc.integer({ min: 1, max: most }))),
  changes: fc.array(change, { minLength: 1, maxLength: 25 }),
})

const parameters = propertyParameters(500)
const timeoutMs = propertyTimeoutMs(parameters)

it(
  'is co-located, balanced within one and moves the least, whoever joins and leaves',
  () => {
    fc.assert(
      fc.property(churn, ({ counts, changes }) => {
        let members: readonly Member[] = []
        for (const [n, one] of changes.entries()) {
          const before = members
          members = changed(members, one, n)
          const countOf = (topic: string): number => counts[circleOf(topic)] ?? 0
          const placed = colocate(members, countOf)
          for (const circle of CIRCLES.keys())
            expectLaws(circle, counts[circle] ?? 0, before, members, placed)
          members = members.map((member) => ({ ...member, previous: placed.get(member.id) ?? [] }))
        }
      }),
      parameters,
    )
  },
  timeoutMs,
)

it(
  'refuses topics of unequal counts that are read together, whoever reads them',
  () => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }))
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 6 }), ([usage, verdicts], size) => {
        fc.pre(usage !== verdicts)
        const members = Array.from({ length: size }, (_, n) => memberOf(0, `m${n}`))
        const place = (): unknown => colocate(members, (topic) => (topic === 'usage' ? usage : verdicts))
        expect(place).toThrow(RefusedError)
      }),
      parameters,
    )
  },
  timeoutMs,
)

function circleOf(topic: string): number {
  return CIRCLES.findIndex(({ topics }) => topics.some((one) => one === topic))
}

function memberOf(circle: number, id: string): Member {
  return { id, topics: CIRCLES[circle]?.topics ?? [], previous: [] }
}

function changed(
  members: readonly Member[],
  { joins, members: size, circle, pick }: Change,
  n: number,
): readonly Member[] {
  if (joins || members.length === 0) {
    const joining = Array.from({ length: size }, (_, at) =>
      memberOf(circle, `m${(pick * 7 + n) % 97}-${n}-${at}`),
    )
    return [...members, ...joining]
  }
  const from = pick % members.length
  return members.filter((_, at) => at < from || at >= from + size)
}

/** Kept is what a member had before and has now; as much as balance leaves to it must be kept. */
function expectLaws(
  circle: number,
  count: number,
  before: readonly Member[],
  members: readonly Member[],
  placed: ReadonlyMap<string, readonly number[]>,
): void {
  const own = members.filter(({ topics }) => circleOf(topics[0] ?? '') === circle)
  if (own.length === 0) return
  const shares = own.map(({ id }) => placed.get(id) ?? [])
  expect(shares.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at))
  const sizes = shares.map((share) => share.length)
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  const held = own.map(({ id }) => before.find((member) => member.id === id)?.previous.length ?? 0)
  const kept = own.map(({ id, previous }) => {
    return (placed.get(id) ?? []).filter((partition) => previous.includes(partition)).length
  })
  expect(sum(kept)).toBe(mostKept(held, count))
}

/** What any placement balanced within one can leave where it was: the odd ones go to those who hold most. */
function mostKept(held: readonly number[], count: number): number {
  const least = Math.floor(count / held.length)
  const odd = count % held.length
  const byHolding = [...held].sort((a, b) => b - a)
  return sum(byHolding.map((has, at) => Math.min(has, at < odd ? least + 1 : least)))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
