/** A partition that goes to another member while it is still being acquired (runner.ts). */
import { expect, it } from 'vitest'
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import type { Probe } from '../../src/engine/probe.ts'
import { Runner } from '../../src/engine/runner.ts'
import { startRunner, taskPlan } from '../support/engine-harness.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { tallyTopology } from '../support/tally-topology.ts'
import { nextTurn } from '../support/until.ts'

it('is let go at once: nothing more is asked for it, and its producer does not stay behind', async () => {
  const harness = tallyHarness({}, 2)
  const topology = tallyTopology({ limit: 10, closing: false })
  const held = Promise.withResolvers<undefined>()
  const reached: string[] = []
  const reach: Probe['reach'] = (point, side) => {
    reached.push(`${point} ${side}`)
    return point === 'acquire.timers' ? held.promise : undefined
  }
  const times = (hook: string): number => reached.filter((one) => one === hook).length
  const [acquired, released]: [number[], number[]] = [[], []]
  const observer: Observer = {
    ...silentObserver,
    acquired: (partition) => void acquired.push(partition),
    released: (partition) => void released.push(partition),
  }
  const services = { ...(await harness.services({ reach })), observer }
  const first = new Runner(services, taskPlan(services, topology))
  await first.start()
  while (times('acquire.timers before') < 2) await nextTurn()
  const second = await startRunner(await harness.services(), topology)
  held.resolve(undefined)
  await first.acquired()
  expect(times('acquire.producer after')).toBe(2)
  expect(times('acquire.fold before')).toBe(1)
  expect(times('release after')).toBe(1)
  await Promise.all([first.stop(), second.stop()])
  expect(released.sort()).toEqual(acquired.sort())
})
