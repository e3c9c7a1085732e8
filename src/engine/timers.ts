/**
 * The timers of a task: their head in memory as heaps, all of them in the store as one sorted set, changed by the
 * same commit as the state (P2). Wall timers fire by the clock, even under lag; stream timers once all sources have
 * passed them.
 *
 * One timer per kind, key and name; setting it again moves it. Heaps keep outdated entries until they surface.
 *
 * H1. Every timer up to the horizon is in memory; none beyond it is. No horizon: all are.
 * H2. What the store does not know yet (changes of the next commit and of the one in flight) counts for more than
 *     what is read from it.
 * H3. Memory holds at most twice `maxHeld`, however many are set (P7); the order of firing does not depend on it (P5).
 */
import type { Timer, TimerKind } from './logic.ts'
import type { StoredTimer } from './state-store.ts'

const SEPARATOR = '\u001f'

/** A key may hold anything, the separator too; a name, which is the logic's own, must not hold that. */
export function timerId(kind: TimerKind, key: string, name: string): string {
  if (name.includes(SEPARATOR)) throw new Error('a name of a timer holds the separator of its id')
  return `${kind}${SEPARATOR}${key}${SEPARATOR}${name}`
}

export function keyOfTimer(id: string): string {
  return id.slice(id.indexOf(SEPARATOR) + 1, id.lastIndexOf(SEPARATOR))
}

function parseTimer({ id, dueMs }: StoredTimer): Timer {
  const name = id.slice(id.lastIndexOf(SEPARATOR) + 1)
  return { kind: kindOfTimer(id), key: keyOfTimer(id), name, dueMs }
}

function kindOfTimer(id: string): TimerKind {
  return id.startsWith(`wall${SEPARATOR}`) ? 'wall' : 'stream'
}

/** Changes by id: the new due time, or null for a timer that was cleared. */
type Changes = ReadonlyMap<string, number | null>

export class Timers {
  readonly #maxHeld: number
  readonly #dueMs = new Map<string, number>()
  #heaps: Record<TimerKind, StoredTimer[]> = { wall: [], stream: [] }
  #horizon: StoredTimer | null = null
  #changes = new Map<string, number | null>()
  #inFlight: Changes = new Map()

  constructor(maxHeld = Infinity) {
    this.#maxHeld = maxHeld
  }

  get size(): number {
    return this.#dueMs.size
  }

  /** Loads until one of the kind that is due is known, or all that are due are. */
  async loadDue(
    kind: TimerKind,
    timeMs: number,
    page: (after: StoredTimer | null, limit: number) => Promise<readonly StoredTimer[]>,
  ): Promise<void> {
    while (this.lacks(kind, timeMs)) this.load(await page(this.#horizon, this.#maxHeld))
  }

  /** Takes the next stored timers, `maxHeld` at once; fewer are the last. */
  load(stored: readonly StoredTimer[]): void {
    const from = this.#horizon
    this.#horizon = stored.length < this.#maxHeld ? null : (stored.at(-1) ?? null)
    for (const timer of stored) {
      if (!this.#isChanged(timer.id)) this.#insert(timer)
    }
    for (const [id, dueMs] of new Map([...this.#inFlight, ...this.#changes])) {
      if (dueMs === null || from === null) continue
      const timer = { id, dueMs }
      if (before(from, timer) && !this.#isBeyond(timer)) this.#insert(timer)
    }
  }

  /** Whether the next due timer of the kind, if there is one, lies beyond the horizon: more must be loaded. */
  lacks(kind: TimerKind, timeMs: number): boolean {
    return this.#horizon !== null && this.#horizon.dueMs <= timeMs && this.peekDue(kind, timeMs) === null
  }

  /** Forgets the far end of what is in memory where that is too much (H3). */
  shrink(): void {
    if (this.#dueMs.size <= 2 * this.#maxHeld) return
    const all = [...this.#dueMs].map(([id, dueMs]) => ({ id, dueMs }))
    const held = all.sort((a, b) => (before(a, b) ? -1 : 1)).slice(0, this.#maxHeld)
    this.#dueMs.clear()
    this.#heaps = { wall: [], stream: [] }
    this.#horizon = held.at(-1) ?? null
    for (const timer of held) this.#insert(timer)
  }

  set(timer: Timer): void {
    const stored = { id: timerId(timer.kind, timer.key, timer.name), dueMs: timer.dueMs }
    if (this.#isBeyond(stored)) this.#dueMs.delete(stored.id)
    else this.#insert(stored)
    this.#changes.set(stored.id, stored.dueMs)
  }

  /** Clears the timer of either kind. */
  clear(key: string, name: string): void {
    for (const kind of ['wall', 'stream'] as const) this.#remove(timerId(kind, key, name))
  }

  /** No timer of the kind is due before this; null where there is none. */
  nextDueMs(kind: TimerKind): number | null {
    const first = this.#first(kind)?.dueMs ?? Infinity
    const next = Math.min(first, this.#horizon?.dueMs ?? Infinity)
    return next === Infinity ? null : next
  }

  /** The earliest timer that is due at `timeMs`, left where it is. */
  peekDue(kind: TimerKind, timeMs: number): Timer | null {
    const first = this.#first(kind)
    return first === undefined || first.dueMs > timeMs ? null : parseTimer(first)
  }

  /** Takes the earliest timer that is due at `timeMs`; it is cleared by that. */
  takeDue(kind: TimerKind, timeMs: number): Timer | null {
    const first = this.#first(kind)
    if (first === undefined || first.dueMs > timeMs) return null
    pop(this.#heaps[kind])
    this.#remove(first.id)
    return parseTimer(first)
  }

  /** Keys of the timers that would be taken now, at most `limit`: their states must be loaded first. */
  dueKeys(kind: TimerKind, timeMs: number, limit: number): readonly string[] {
    const keys: string[] = []
    if ((this.nextDueMs(kind) ?? Infinity) > timeMs) return keys
    for (const timer of this.#heaps[kind]) {
      if (keys.length >= limit) break
      if (timer.dueMs <= timeMs && this.#dueMs.get(timer.id) === timer.dueMs) keys.push(keyOfTimer(timer.id))
    }
    return keys
  }

  get changed(): boolean {
    return this.#changes.size > 0
  }

  /** What the next commit must write. The commit before it must have ended. */
  takeChanges(): { readonly set: StoredTimer[]; readonly cleared: string[] } {
    const set: StoredTimer[] = []
    const cleared: string[] = []
    for (const [id, dueMs] of this.#changes) {
      if (dueMs === null) cleared.push(id)
      else set.push({ id, dueMs })
    }
    this.#inFlight = this.#changes
    this.#changes = new Map()
    return { set, cleared }
  }

  #isChanged(id: string): boolean {
    return this.#changes.has(id) || this.#inFlight.has(id)
  }

  #isBeyond(timer: StoredTimer): boolean {
    return this.#horizon !== null && before(this.#horizon, timer)
  }

  #insert(timer: StoredTimer): void {
    this.#dueMs.set(timer.id, timer.dueMs)
    push(this.#heaps[kindOfTimer(timer.id)], timer)
  }

  /** Beyond the horizon there may be one that is not known here. */
  #remove(id: string): void {
    if (!this.#dueMs.delete(id) && this.#horizon === null) return
    this.#changes.set(id, null)
  }

  #first(kind: TimerKind): StoredTimer | undefined {
    const heap = this.#heaps[kind]
    for (;;) {
      const first = heap[0]
      if (first === undefined || this.#dueMs.get(first.id) === first.dueMs) return first
      pop(heap)
    }
  }
}

/** Order of (due time, bytes of the id), as in the store: the same timers always fire in the same order (P5). */
function before(a: StoredTimer, b: StoredTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && bytesBefore(a.id, b.id))
}

/** By code points, which is the order of UTF-8 bytes: surrogates come after everything else. */
function bytesBefore(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  for (let at = 0; at < shorter; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (x !== y) return rank(x) < rank(y)
  }
  return a.length < b.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function push(heap: StoredTimer[], timer: StoredTimer): void {
  heap.push(timer)
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!swapIfBefore(heap, at, parent)) return
    at = parent
  }
}

function pop(heap: StoredTimer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  heap[0] = last
  let at = 0
  for (;;) {
    const left = at * 2 + 1
    const smaller = isBefore(heap, left + 1, left) ? left + 1 : left
    if (!swapIfBefore(heap, smaller, at)) return
    at = smaller
  }
}

function isBefore(heap: readonly StoredTimer[], a: number, b: number): boolean {
  const first = heap[a]
  const second = heap[b]
  return first !== undefined && second !== undefined && before(first, second)
}

function swapIfBefore(heap: StoredTimer[], child: number, parent: number): boolean {
  const a = heap[child]
  const b = heap[parent]
  if (a === undefined || b === undefined || !before(a, b)) return false
  heap[child] = b
  heap[parent] = a
  return true
}
