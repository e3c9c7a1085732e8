/** Makes faults until the time is over, each lane by its own stream of randomness; counts them by kind. */
import { Random } from '../../src/simulate/random.ts'
import type { FaultKind, Scene } from './faults/fault.ts'
import { NETWORK_FAULTS } from './faults/network.ts'
import { SERVER_FAULTS } from './faults/servers.ts'
import { WORKER_FAULTS } from './faults/workers.ts'

export const FAULT_KINDS: readonly FaultKind[] = [...WORKER_FAULTS, ...SERVER_FAULTS, ...NETWORK_FAULTS]

export type FaultCounts = ReadonlyMap<string, number>

/** Resolves when the last fault has been undone. */
export async function makeFaults(
  seed: number,
  kinds: readonly FaultKind[],
  scene: Omit<Scene, 'random'>,
): Promise<FaultCounts> {
  const counts = new Map(kinds.map(({ name }) => [name, 0]))
  const lanes = [...Map.groupBy(kinds, ({ lane }) => lane)]
  await Promise.all(
    lanes.map(([lane, ofLane]) => runLane(ofLane, { ...scene, random: new Random(seed, lane) }, counts)),
  )
  return counts
}

async function runLane(
  kinds: readonly FaultKind[],
  scene: Scene,
  counts: Map<string, number>,
): Promise<void> {
  while (!scene.over()) {
    const kind = scene.random.pick(kinds)
    await waitFor(scene, scene.random.integer(...kind.gapMs))
    if (scene.over()) return
    if (await kind.make(scene)) counts.set(kind.name, (counts.get(kind.name) ?? 0) + 1)
  }
}

/** A gap ends with the run. */
async function waitFor(scene: Scene, ms: number): Promise<void> {
  const untilMs = Date.now() + ms
  while (Date.now() < untilMs && !scene.over()) await scene.pause(Math.min(200, untilMs - Date.now()))
}
