/**
 * The slices of state that the store holds for one task, and when each is over. A slice is dropped whole, once
 * the task has passed its end; nothing is written to it afterwards.
 */
import type { KeyedCache } from './keyed-cache.ts'
import type { Slot, StateCodec } from './logic.ts'
import type { Commit, StateCell } from './state-store.ts'

export class Slots {
  readonly #expiresAtMs: Map<string, number | null>

  constructor(stored: Readonly<Record<string, number | null>>) {
    this.#expiresAtMs = new Map(Object.entries(stored))
  }

  names(): readonly string[] {
    return [...this.#expiresAtMs.keys()]
  }

  stored(): Readonly<Record<string, number | null>> {
    return Object.fromEntries(this.#expiresAtMs)
  }

  /** Notes a slot that is about to be written; false where its time is over. */
  open(slot: Slot, progressMs: number): boolean {
    if (slot.expiresAtMs !== null && slot.expiresAtMs <= progressMs) return false
    if (!this.#expiresAtMs.has(slot.name)) this.#expiresAtMs.set(slot.name, slot.expiresAtMs)
    return true
  }

  /** Takes the slots out whose time is over. */
  takeExpired(progressMs: number): string[] {
    const expired: string[] = []
    for (const [name, expiresAtMs] of this.#expiresAtMs) {
      if (expiresAtMs !== null && expiresAtMs <= progressMs) expired.push(name)
    }
    for (const name of expired) this.#expiresAtMs.delete(name)
    return expired
  }
}

/** The loaded cells by key; a key without cells gets an empty map. */
export function cellsByKey(
  keys: readonly string[],
  cells: readonly StateCell[],
): ReadonlyMap<string, ReadonlyMap<string, Buffer>> {
  const grouped = new Map<string, Map<string, Buffer>>(keys.map((key) => [key, new Map<string, Buffer>()]))
  for (const cell of cells) grouped.get(cell.key)?.set(cell.slot, cell.value)
  return grouped
}

/** What the dirty keys changed, cell by cell; they count as saved from here on. */
export function takeCellChanges<S>(
  cache: KeyedCache<S>,
  codec: StateCodec<S>,
  slots: Slots,
  progressMs: number,
): Pick<Commit, 'puts' | 'deletes' | 'dropSlots'> {
  const puts: StateCell[] = []
  const deletes: { slot: string; key: string }[] = []
  // One closure for all keys: thousands of them change in a commit.
  let key = ''
  const write = (slot: Slot, value: Buffer | null): void => {
    if (!slots.open(slot, progressMs)) return
    if (value === null) deletes.push({ slot: slot.name, key })
    else puts.push({ slot: slot.name, key, value })
  }
  cache.takeDirty((dirty, state) => {
    key = dirty
    codec.changes(state, write)
  })
  return { puts, deletes, dropSlots: slots.takeExpired(progressMs) }
}
