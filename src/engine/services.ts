/** What a task is given to work with. Nothing in the engine reaches for any of it by itself. */
import type { Clock } from '../domain/clock.ts'
import type { KeyCounter } from './admission.ts'
import type { Log, Publisher } from './log.ts'
import type { Observer } from './observer.ts'
import type { EngineOptions } from './options.ts'
import type { Probe } from './probe.ts'
import type { StateStore } from './state-store.ts'
import type { Turns } from './turns.ts'

export interface EngineServices {
  readonly log: Log
  readonly store: StateStore
  /** For dead letters and late records. */
  readonly publisher: Publisher
  readonly clock: Clock
  /** Waits; tests and the embedded driver decide what that means. */
  readonly pause: (ms: number) => Promise<void>
  /** Where a key belongs: murmur2 as Kafka's Java clients count it. */
  /** What counts keys that get no state (admission.ts). Without it every key gets one. */
  readonly keyCounter?: () => KeyCounter
  readonly partitionOf: (key: Buffer, partitionCount: number) => number
  readonly observer: Observer
  readonly probe: Probe
  readonly options: EngineOptions
  /** Of all that work in this process. */
  readonly turns: Turns
}
