/**
 * A crash before and after every await of a port: of joining, acquiring, loading, committing, publishing, setting
 * aside, moving group offsets, rejoining and leaving. The points are not typed here: each scenario is run once to
 * count how often the engine's own hooks are reached, then once for each of them with a crash there. Outputs,
 * state, timers, positions, times and acknowledgements must be those of the undisturbed run; so they must be where
 * nobody dies, and a server is away or its answer is lost.
 */
import { describe, expect, it } from 'vitest'
import { PROBE_POINTS } from '../../src/engine/probe.ts'
import type { SimulatedWorld } from '../support/simulated-world.ts'
import { outcomeOf, SCENARIOS, type Outcome, type Scenario } from '../support/tally-scenarios.ts'

interface Run {
  readonly world: SimulatedWorld
  readonly outcome: Outcome
}

type Trouble = 'crash' | 'unanswered'

/** What befalls the owners, by the number of the hook at which it does. */
async function run(scenario: Scenario, troubles: Readonly<Record<number, Trouble>>): Promise<Run> {
  const world = scenario.create()
  const all = Object.entries(troubles).map(([number, trouble]) => [Number(number), trouble] as const)
  for (const [number, trouble] of all) world.fates.set(number, trouble)
  await scenario.play(world)
  // Who gets no answer on leaving lives, and leaves what it could not say to the next.
  if (all.some(([, trouble]) => trouble === 'unanswered')) await scenario.succeed(world)
  for (const [number, trouble] of all) met[trouble].add(world.reached[number] ?? 'none')
  return { world, outcome: await outcomeOf(world, scenario) }
}

/** Where somebody died in any of the runs, or got no answer: `<point> <side>`. */
const met: Readonly<Record<Trouble, Set<string>>> = { crash: new Set(), unanswered: new Set() }
const BOTH: readonly Trouble[] = ['crash', 'unanswered']
/** Who cannot join has not begun, and who cannot leave ends by that: neither is tried again. */
const NOT_TRIED_AGAIN = ['group.join', 'group.leave']
/** One of so many hooks is left unanswered, in each scenario others than in the one before, and the first of each. */
const STRIDE = 3
const undisturbed = new Map<Scenario, Run>()
for (const scenario of SCENARIOS) undisturbed.set(scenario, await run(scenario, {}))

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
    for (const [scenario, { world, outcome }] of undisturbed) {
      for (const said of ['alarm', 'close', 'remind']) {
        const count = outcome.outputs.filter((line) => line.startsWith(said)).length
        expect(count, `${scenario.name}: ${said}`).toBeGreaterThan(5)
      }
      expect(new Set(outcome.outputs).size, scenario.name).toBe(outcome.outputs.length)
      expect(outcome.setAside.length, scenario.name).toBeGreaterThan(5)
      const times = (hook: string): number => numbersOf(world, (one) => one === hook).length
      expect(times('release after'), `${scenario.name}: producers`).toBe(times('acquire.producer after'))
      expect(
        outcome.tasks.map(({ outbox }) => outbox),
        scenario.name,
      ).toEqual([0, 0])
    }
  })

  it.each(SCENARIOS)(
    '$name: nothing lost, doubled or changed, wherever one dies (P1, P2, P3)',
    async (one) => {
      const { world, outcome } = expected(one)
      for (let number = 0; number < world.reached.length; number++) {
        expect((await run(one, { [number]: 'crash' })).outcome, `crash at hook ${number}`).toEqual(outcome)
      }
    },
  )

  it.each(SCENARIOS)(
    '$name: nor where the next one dies in taking over what was not published',
    async (one) => {
      const { world, outcome } = expected(one)
      const publications = numbersOf(world, (hook) => hook === 'publish before')
      for (const first of publications.filter((_, index) => index % 6 === 1)) {
        const once = await run(one, { [first]: 'crash' })
        const takeover = numbersOf(once.world, (hook) => hook.startsWith('acquire.'))
        const next = takeover.filter((number) => number > first).slice(0, 36)
        for (const second of next.filter((number) => number % 3 === 0 || atOutbox(once.world, number))) {
          for (const then of atOutbox(once.world, second) ? BOTH : (['crash'] as const)) {
            const twice = await run(one, { [first]: 'crash', [second]: then })
            expect(twice.outcome, `crash at ${first}, ${then} at ${second}`).toEqual(outcome)
          }
        }
      }
    },
  )

  it.each(SCENARIOS.map((one, at) => ({ ...one, one, at })))(
    '$name: nor where a server does not answer, or its answer is lost (P8)',
    async ({ one, at }) => {
      const { world, outcome } = expected(one)
      const asked = numbersOf(world, (hook) => !NOT_TRIED_AGAIN.includes(hook.split(' ')[0] ?? ''))
      const isFirst = (number: number): boolean =>
        world.reached.indexOf(world.reached[number] ?? '') === number
      for (const number of asked.filter((each, index) => index % STRIDE === at % STRIDE || isFirst(each))) {
        const { outcome: told } = await run(one, { [number]: 'unanswered' })
        expect(told, `no answer at hook ${number}`).toEqual(outcome)
      }
    },
  )

  it('fell on both sides of every hook that the engine has', () => {
    const sidesOf = (points: readonly string[]) =>
      points.flatMap((point) => [`${point} before`, `${point} after`]).sort()
    expect([...met.crash].sort()).toEqual(sidesOf(PROBE_POINTS))
    const triedAgain = PROBE_POINTS.filter((point) => !NOT_TRIED_AGAIN.includes(point))
    expect([...met.unanswered].sort()).toEqual(sidesOf(triedAgain))
  })
})
