/** What happens to workers: they die, freeze, leave and come back. */
import { STALL_POINTS, type StallPoint } from '../stall.ts'
import type { Worker } from '../workers.ts'
import { between, onOne, seconds, type FaultKind, type Scene } from './fault.ts'

const nameOf = (worker: Worker): string => worker.name

/** One worker at least stays untouched. */
function onWorker(
  scene: Scene,
  fault: (worker: Worker) => Promise<boolean>,
  fits: (worker: Worker) => boolean = () => true,
): Promise<boolean> {
  const alive = scene.workers.filter((worker) => worker.alive && !scene.taken.has(worker.name))
  return alive.length < 2 ? Promise.resolve(false) : onOne(scene, alive.filter(fits), nameOf, fault)
}

const kill: FaultKind = {
  name: 'worker-kill',
  title: 'kill -9 of a worker, started again within 3 s',
  lane: 'kill',
  gapMs: [4_000, 10_000],
  make: (scene) =>
    onWorker(scene, async (worker) => {
      const awayMs = between(scene, 0, 3_000)
      scene.tell(`kill -9 ${worker.name}, back in ${seconds(awayMs)}`)
      await worker.kill()
      await scene.pause(awayMs)
      worker.start()
      return true
    }),
}

const leave: FaultKind = {
  name: 'rebalance',
  title: 'a worker leaves its groups in an orderly way and joins again',
  lane: 'rebalance',
  gapMs: [3_000, 7_000],
  make: (scene) =>
    onWorker(scene, async (worker) => {
      const awayMs = between(scene, 0, 2_000)
      scene.tell(`${worker.name} leaves, back in ${seconds(awayMs)}`)
      const orderly = await worker.leave()
      if (!orderly) scene.tell(`${worker.name} did not drain in time and was killed`)
      await scene.pause(awayMs)
      worker.start()
      return true
    }),
}

const freeze: FaultKind = {
  name: 'worker-freeze',
  title: 'SIGSTOP of a worker at any moment for longer than the session timeout, then SIGCONT',
  lane: 'freeze',
  gapMs: [10_000, 20_000],
  make: (scene) =>
    onWorker(scene, async (worker) => {
      const heldMs = scene.sessionTimeoutMs + between(scene, 1_000, 5_000)
      scene.tell(`SIGSTOP ${worker.name} for ${seconds(heldMs)}`)
      worker.signal('SIGSTOP')
      await scene.pause(heldMs)
      worker.signal('SIGCONT')
      return true
    }),
}

const REACH_WITHIN_MS = 12_000

const stall: FaultKind = {
  name: 'worker-stall',
  title: 'SIGSTOP by the fault hook, most often between commit and send, for longer than the session timeout',
  lane: 'stall',
  gapMs: [1_000, 6_000],
  make: (scene) =>
    onWorker(
      scene,
      (worker) => stalled(scene, worker, stallPoint(scene)),
      (worker) => worker.hooked,
    ),
}

/** Every other time the point that the promise is about. */
function stallPoint(scene: Scene): StallPoint {
  return scene.random.chance(0.5) ? 'publish/before' : scene.random.pick(STALL_POINTS)
}

async function stalled(scene: Scene, worker: Worker, point: StallPoint): Promise<boolean> {
  const pid = worker.pid
  worker.arm(point)
  const untilMs = Date.now() + REACH_WITHIN_MS
  while (!worker.stopped && Date.now() < untilMs && !scene.over() && worker.pid === pid) await scene.pause(20)
  if (!worker.stopped) {
    worker.arm('nowhere')
    // It may have reached the point just now.
    await scene.pause(50)
    if (!worker.stopped) return false
  }
  const heldMs = scene.sessionTimeoutMs + between(scene, 1_000, 4_000)
  scene.tell(`${worker.name} stopped itself at ${point}, SIGCONT in ${seconds(heldMs)}`)
  await scene.pause(heldMs)
  worker.signal('SIGCONT')
  return true
}

export const WORKER_FAULTS: readonly FaultKind[] = [kill, leave, freeze, stall]
