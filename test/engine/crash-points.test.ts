/**
 * A crash before and after every await of a port: of joining, acquiring, loading, committing, publishing, setting
 * aside, moving group offsets, rejoining and leaving. The points are not typed here: each scenario is run once to
 * count how often the engine's own hooks are reached, then once for each of them with a crash there. Outputs,
 * state, timers, positions and times must be those of the undisturbed run.
 */
import { describe, expect, it } from 'vitest'
import { PROBE_POINTS } from '../../src/engine/probe.ts'
import type { SimulatedWorld } from '../support/simulated-world.ts'
import { outcomeOf, SCENARIOS, type Outcome, type Scenario } from '../support/tally-scenarios.ts'

interface Run {
  readonly world: SimulatedWorld
  readonly outcome: Outcome
}

async function run(scenario: Scenario, crashes: readonly number[]): Promise<Run> {
  const world = scenario.create()
  for (const crash of crashes) world.fates.set(crash, 'crash')
  await scenario.play(world)
  for (const crash of crashes) deaths.add(world.reached[crash] ?? 'none')
  return { world, outcome: await outcomeOf(world, scenario) }
}

/** Where somebody died in any of the runs: `<point> <side>`. */
const deaths = new Set<string>()
const undisturbed = new Map<Scenario, Run>()
for (const scenario of SCENARIOS) undisturbed.set(scenario, await run(scenario, []))

function expected(scenario: Scenario): Run {
  const found = undisturbed.get(scenario)
  if (found === undefined) throw new Error(`${scenario.name} was not run`)
  return found
}

function numbersOf(world: SimulatedWorld, wanted: (hook: string) => boolean): number[] {
  return [...world.reached.entries()].filter(([, hook]) => wanted(hook)).map(([number]) => number)
}

function atOutbox(world: SimulatedWorld, number: number): boolean {
  return world.reached[number]?.startsWith('acquire.outbox') === true
}

describe('crash points', () => {
  it('stand in runs that do what they are for: alarms, closings, reminders, late and damaged records', () => {
    for (const [scenario, { outcome }] of undisturbed) {
      for (const said of ['alarm', 'close', 'remind']) {
        const count = outcome.outputs.filter((line) => line.startsWith(said)).length
        expect(count, `${scenario.name}: ${said}`).toBeGreaterThan(5)
      }
      expect(new Set(outcome.outputs).size, scenario.name).toBe(outcome.outputs.length)
      expect(outcome.setAside.length, scenario.name).toBeGreaterThan(5)
    }
  })

  it.each(SCENARIOS)(
    '$name: nothing lost, doubled or changed, wherever one dies (P1, P2, P3)',
    async (one) => {
      const { world, outcome } = expected(one)
      for (let number = 0; number < world.reached.length; number++) {
        expect((await run(one, [number])).outcome, `crash at hook ${number}`).toEqual(outcome)
      }
    },
  )

  it.each(SCENARIOS)(
    '$name: nor where the next one dies in taking over what was not published',
    async (one) => {
      const { world, outcome } = expected(one)
      const publications = numbersOf(world, (hook) => hook === 'publish before')
      for (const first of publications.filter((_, index) => index % 6 === 1)) {
        const once = await run(one, [first])
        const takeover = numbersOf(once.world, (hook) => hook.startsWith('acquire.'))
        const next = takeover.filter((number) => number > first).slice(0, 36)
        for (const second of next.filter((number) => number % 3 === 0 || atOutbox(once.world, number))) {
          const twice = await run(one, [first, second])
          expect(twice.outcome, `crashes at ${first} and ${second}`).toEqual(outcome)
        }
      }
    },
  )

  it('fell on both sides of every hook that the engine has', () => {
    const all = PROBE_POINTS.flatMap((point) => [`${point} before`, `${point} after`])
    expect([...deaths].sort()).toEqual(all.sort())
  })
})
