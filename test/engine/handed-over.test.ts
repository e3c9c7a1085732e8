/** A partition that goes to another member while it is still being acquired (runner.ts). */
import { expect, it } from 'vitest'
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import type { Probe } from '../../src/engine/probe.ts'
import { Runner } from '../../src/engine/runner.ts'
import { startRunner, taskPlan } from '../support/engine-harness.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { tallyTopology } from '../support/tally-topology.ts'

it('is let go as soon as it is there: neither its producer nor its task stays behind', async () => {
  const harness = tallyHarness({}, 2)
  const topology = tallyTopology({ limit: 10, closing: false })
  const held = Promise.withResolvers<undefined>()
  const reach: Probe['reach'] = (point) => (point === 'acquire.timers' ? held.promise : undefined)
  const [acquired, released]: [number[], number[]] = [[], []]
  const observer: Observer = {
    ...silentObserver,
    acquired: (partition) => void acquired.push(partition),
    released: (partition) => void released.push(partition),
  }
  const services = { ...(await harness.services({ reach })), observer }
  const first = new Runner(services, taskPlan(services, topology))
  await first.start()
  const second = await startRunner(await harness.services(), topology)
  held.resolve(undefined)
  await first.acquired()
  expect(acquired).toHaveLength(2)
  expect(released).toHaveLength(1)
  await Promise.all([first.stop(), second.stop()])
  expect(released.sort()).toEqual(acquired.sort())
})
