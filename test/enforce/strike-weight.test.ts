/** How far a strike moves the next one up is the policy's to say, clause by clause. */
import { describe, expect, it } from 'vitest'
import { accountState, clause, DAY, HOUR, policy, SCRAPING, signal, step, T0 } from './support/fixtures.ts'
import { Driver } from './support/driver.ts'

import { given } from './support/given.ts'

const STEPS = [
  step('restriction', HOUR, { scope: 'rate', rateCeilingPerMinute: 10 }),
  step('restriction', HOUR, { scope: 'api' }),
  step('suspension', HOUR, { scope: 'api' }),
  step('review', 0, { reviewWithinMs: HOUR }),
]
const weighing = (strikeWeight: number) =>
  policy({ clauses: [clause(SCRAPING, 'S2', STEPS, { strikeWeight })] })
const atDay = (day: number) => signal({ atMs: T0 + day * DAY })

/** The steps of the sanctions that one finding a day leads to. */
function stepsOf(strikeWeight: number, days: number): readonly number[] {
  const account = given({ policy: weighing(strikeWeight) })
  for (let day = 0; day < days; day++) account.hear(T0 + day * DAY, atDay(day))
  return account.outcomes.flatMap((one) =>
    one.kind === 'sanction' && one.sanction.endsSanctionId === null ? [one.sanction.step] : [],
  )
}

describe('a strike', () => {
  it.each([
    [1, [0, 1, 2]],
    [2, [0, 2]],
    [0.5, [0, 0, 1, 1, 2, 2]],
    [0.25, [0, 0, 0, 0, 1, 1]],
  ])('of weight %d moves the next one up by it, to people at the end', (weight, steps) => {
    expect(stepsOf(weight, 6)).toEqual(steps)
  })

  it('weighs as much where it is known from the standing alone', () => {
    const parts = { policy: () => weighing(2) }
    const before = new Driver(undefined, parts)
    before.hear({ atMs: T0 - 1, topic: 'accounts.state.v1', input: accountState() })
    before.hear({ atMs: T0, topic: 'abuse.signals.v1', input: atDay(0) })
    const after = new Driver(undefined, parts)
    after.fold(before.sent.filter(({ output }) => output.topic === 'abuse.standing.v1'))
    after.hear({ atMs: T0, topic: 'accounts.state.v1', input: accountState() })
    after.hear({ atMs: T0 + DAY, topic: 'abuse.signals.v1', input: atDay(1) })
    const made = after.sent.flatMap(({ output }) =>
      output.topic === 'abuse.sanctions.v1' && output.value.endsSanctionId === null
        ? [output.value.step]
        : [],
    )
    expect(made).toEqual([2])
  })
})
