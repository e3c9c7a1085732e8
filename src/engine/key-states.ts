/**
 * The states of a task's keys: loaded from the store where they are missing, made where there are none, in the slots
 * that are live. Waits only in `load`.
 */
import type { Admission } from './admission.ts'
import { NO_PLACE } from './key-index.ts'
import type { KeyedCache } from './keyed-cache.ts'
import type { StateCodec } from './logic.ts'
import { probed } from './probe.ts'
import type { EngineServices } from './services.ts'
import { cellsByKey, takeCellChanges, type Slots } from './slots.ts'
import type { Commit, TaskId } from './state-store.ts'

export class KeyStates<S> {
  readonly #services: Pick<EngineServices, 'store' | 'probe'>
  readonly #task: TaskId
  readonly #codec: StateCodec<S>
  readonly #cache: KeyedCache<S>
  readonly #slots: Slots
  readonly #admission: Admission

  constructor(
    services: Pick<EngineServices, 'store' | 'probe'>,
    task: TaskId,
    codec: StateCodec<S>,
    cache: KeyedCache<S>,
    slots: Slots,
    admission: Admission,
  ) {
    this.#services = services
    this.#task = task
    this.#codec = codec
    this.#cache = cache
    this.#slots = slots
    this.#admission = admission
  }

  /** New keys of events are left out while they must be admitted first; what a timer or a fold needs never is. */
  async load(eventKeys: readonly string[], otherKeys: readonly string[]): Promise<void> {
    const missing = [...new Set([...otherKeys, ...eventKeys])].filter((key) => !this.#cache.has(key))
    if (missing.length === 0 || this.#cache.complete) return
    const slots = this.#slots.names()
    const { probe, store } = this.#services
    const cells = await probed(probe, 'load', () => store.load(this.#task, slots, missing))
    for (const [key, ofKey] of cellsByKey(missing, cells)) {
      if (ofKey.size > 0) this.#cache.put(key, this.#codec.decode(key, ofKey))
      else if (otherKeys.includes(key) || !this.#admission.guarding) this.create(key)
    }
  }

  /** How full the store is, where that is due (admission.ts, G3). */
  measure(nowMs: number): Promise<void> {
    const slots = this.#slots.names()
    return probed(this.#services.probe, 'measure', () => this.#admission.measure(slots, nowMs))
  }

  /** The key's place in the cache, which is made for it where it has none. */
  place(key: string): number {
    const known = this.#cache.find(key)
    return known === NO_PLACE ? this.create(key) : known
  }

  create(key: string): number {
    this.#admission.created()
    return this.#cache.put(key, this.#codec.create(key))
  }

  /** What the next commit writes of them. */
  takeChanges(streamTimeMs: number): Pick<Commit, 'puts' | 'deletes' | 'dropSlots'> {
    return takeCellChanges(this.#cache, this.#codec, this.#slots, streamTimeMs)
  }
}
