import type { DeathWatch } from './death-watch.ts'
import type { PartitionWorker } from './partition-worker.ts'

/** A partition of ours: `worker` is null while it is being acquired. */
export interface Slot {
  worker: PartitionWorker | null
  watch: DeathWatch | null
  paused: Set<string>
  /** Set when the partition was taken from us: whoever still works on it stops. */
  revoked: boolean
  /** Ends the waiting of who acquires it. */
  readonly ending: AbortController
  /** The worker ended in order. */
  letGo: boolean
  /** What is being acquired may be of before a renewal was asked for. */
  outdated: boolean
}

export function vacantSlot(): Slot {
  return {
    worker: null,
    watch: null,
    paused: new Set(),
    revoked: false,
    ending: new AbortController(),
    letGo: false,
    outdated: false,
  }
}
