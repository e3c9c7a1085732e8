/**
 * Which keys get state of their own. As long as the store has room, all; past half of its bound a new key meets a
 * sketch first, so that whoever mints keys fills neither us nor the store (P7).
 *
 * G1. A key that has state is never affected, nor is one that a compacted source tells of (an account, as opposed
 *     to a name that somebody made up).
 * G2. A new key gets state once it has come `sketchThreshold` times within the sketch's window; what it did before is
 *     not in its state. The fuller the store, the more often it must come; into a full one nobody new comes.
 * G3. The store is measured before the first record, then once a second, at a commit, and each five seconds while it is far
 *     from its bounds; keys that came since count one cell each.
 * G4. The sketch lives in memory and begins anew with the task.
 */
import type { Event, Source } from './logic.ts'
import type { EngineServices } from './services.ts'
import type { StoreSize, TaskId } from './state-store.ts'

/** Counts keys in bounded memory; `windows/key-sketch.ts` is one. */
export interface KeyCounter {
  /** Counts one coming of the key; gives about how often it came lately, this time included. Never too low. */
  count(key: string, timeMs: number): number
}

const MEASURE_INTERVAL_MS = 1_000
/** Below this share of the bounds ... */
const FAR_SHARE = 0.25
/** ... it is measured this often: a measurement is several questions for each slot. */
const FAR_INTERVAL_MS = 5_000
/** From this share of the bound on the sketch stands before the store. */
const GUARDED_SHARE = 0.5
/** Until a store that was empty is measured. */
const NEW_CELL_BYTES = 128
/** The threshold doubles so often between the guarded share and the bound. */
const DOUBLINGS = 5

export class Admission {
  readonly #services: Pick<EngineServices, 'store' | 'observer' | 'options' | 'keyCounter'>
  readonly #task: TaskId
  #counter: KeyCounter | null = null
  #size: StoreSize = { cells: 0, bytes: 0 }
  #measuredMs = -Infinity
  /** Keys that came since the last commit, which no measurement sees. */
  #unwritten = 0

  /** Without a counter among the services every key is admitted. */
  constructor(services: Pick<EngineServices, 'store' | 'observer' | 'options' | 'keyCounter'>, task: TaskId) {
    this.#services = services
    this.#task = task
  }

  /** Whether new keys meet the sketch. */
  get guarding(): boolean {
    return this.#services.keyCounter !== undefined && this.#share() >= GUARDED_SHARE
  }

  /** Whether a key without state gets one by this event (G1, G2); counts it where not. */
  admits({ key, timeMs }: Event<unknown>, source: Source): boolean {
    if (!this.guarding || source.compacted) return true
    this.#counter ??= this.#services.keyCounter?.() ?? null
    const times = this.#counter?.count(key, timeMs) ?? Infinity
    const excess = (this.#share() - GUARDED_SHARE) / (1 - GUARDED_SHARE)
    const needed = this.#services.options.sketchThreshold * 2 ** Math.floor(excess * DOUBLINGS)
    if (excess < 1 && times >= needed) return true
    this.#services.observer.sketched(source.topic)
    return false
  }

  /** A key that had no state gets one: a cell more, until the store is measured again (G3). */
  created(): void {
    this.#unwritten++
    const { cells, bytes } = this.#size
    this.#size = { cells: cells + 1, bytes: bytes + (cells === 0 ? NEW_CELL_BYTES : bytes / cells) }
  }

  /** Measures the store where that is due: before the first record and before each commit, when none is in flight. */
  async measure(slots: readonly string[], nowMs: number): Promise<void> {
    const { store, observer, keyCounter } = this.#services
    if (keyCounter !== undefined && nowMs - this.#measuredMs >= this.#intervalMs()) {
      const { cells, bytes } = await store.size(this.#task, slots)
      this.#size = { cells: cells + this.#unwritten, bytes }
      this.#measuredMs = nowMs
      observer.stored(this.#task.partition, this.#size, this.guarding)
    }
    this.#unwritten = 0
  }

  #intervalMs(): number {
    return this.#share() < FAR_SHARE ? FAR_INTERVAL_MS : MEASURE_INTERVAL_MS
  }

  #share(): number {
    const { storeMaxCells, storeMaxBytes } = this.#services.options
    return Math.max(this.#size.cells / storeMaxCells, this.#size.bytes / storeMaxBytes)
  }
}
