/** What the kinds of faults have in common. */
import type { Random } from '../../../src/simulate/random.ts'
import type { Servers } from '../servers.ts'
import type { Worker } from '../workers.ts'

/** Whom and what a fault may touch, and where it says what it does. */
export interface Scene {
  readonly random: Random
  readonly workers: readonly Worker[]
  readonly servers: Servers
  readonly sessionTimeoutMs: number
  /** Those that a fault is being done to: nobody is hit twice at once. */
  readonly taken: Set<string>
  tell(text: string): void
  pause(ms: number): Promise<void>
  /** The run is over: what has begun is undone, and nothing begins. */
  over(): boolean
}

export interface FaultKind {
  readonly name: string
  /** One sentence for --help. */
  readonly title: string
  /** Faults of one lane come one after another; lanes do not wait for each other. */
  readonly lane: string
  /** From the end of one fault of the lane to the next, at least and at most. */
  readonly gapMs: readonly [number, number]
  /** Does it and undoes it; false where there was nobody to do it to. */
  make(scene: Scene): Promise<boolean>
}

/** Runs the fault on one victim that nobody else has. */
export async function onOne<T>(
  scene: Scene,
  candidates: readonly T[],
  nameOf: (one: T) => string,
  fault: (victim: T) => Promise<boolean>,
): Promise<boolean> {
  const free = candidates.filter((one) => !scene.taken.has(nameOf(one)))
  if (free.length === 0) return false
  const victim = scene.random.pick(free)
  scene.taken.add(nameOf(victim))
  try {
    return await fault(victim)
  } finally {
    scene.taken.delete(nameOf(victim))
  }
}

export function between(scene: Scene, from: number, to: number): number {
  return scene.random.integer(from, to)
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
