/** Positions that the group does not take: told of each try, counted in a row, and the work goes on meanwhile. */
import { expect, it } from 'vitest'
import { TransientError } from '../../src/engine/errors.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import type { Probe } from '../../src/engine/probe.ts'
import { Runner } from '../../src/engine/runner.ts'
import { createHarness, drain, START_MS, taskPlan, valuesOf } from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const tally = tallyTopology({ limit: 10, closing: true })

it('a group that takes no positions stops nothing, and is told with the tries that were in vain', async () => {
  const harness = createHarness()
  for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(name, 1)
  let refusals = 3
  const probe: Probe = {
    reach: (point, side) => {
      if (point === 'group.positions' && side === 'before' && refusals-- > 0)
        throw new TransientError('kafka', 'no coordinator')
    },
  }
  const told: (readonly [number, string | null])[] = []
  const observer = {
    ...silentObserver,
    told: (inVain: number, failure: string | null) => void told.push([inVain, failure]),
  }
  const services = { ...(await harness.services(probe)), observer }
  const runner = new Runner(services, taskPlan(services, tally))
  await runner.start()
  await runner.acquired()
  for (let at = 0; at < 12; at++) {
    const atMs = START_MS + at * 7_000
    const value = amountValue({ id: `event-${at}`, atMs, amount: 1 })
    harness.log.append(numbers, { key: Buffer.from('key'), value, headers: {} }, atMs)
  }
  await drain(harness.log, runner)
  for (let tries = 0; tries < 5; tries++) await runner.flush()
  expect(await valuesOf(harness.log, out)).not.toEqual([])
  const tries = told.slice(0, 4).map(([inVain, failure]) => [inVain, failure?.includes('no coordinator')])
  expect(tries).toEqual([
    [1, true],
    [2, true],
    [3, true],
    [3, undefined],
  ])
  expect(told.slice(4).every(([inVain, failure]) => inVain === 0 && failure === null)).toBe(true)
  await runner.stop()
})
