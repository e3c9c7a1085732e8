/**
 * The timers of a task: in memory as heaps, in the store as one sorted set, changed by the same commit as the
 * state (P2). Wall timers fire by the clock, even under lag; stream timers once all sources have passed them.
 *
 * One timer per kind, key and name; setting it again moves it. Heaps keep outdated entries until they surface.
 */
import type { Timer, TimerKind } from './logic.ts'
import type { StoredTimer } from './state-store.ts'

const SEPARATOR = '\u001f'

export function timerId(kind: TimerKind, key: string, name: string): string {
  return `${kind}${SEPARATOR}${key}${SEPARATOR}${name}`
}

function parseTimer(stored: StoredTimer): Timer {
  const [kind, key = '', name = ''] = stored.id.split(SEPARATOR)
  return { kind: kind === 'wall' ? 'wall' : 'stream', key, name, dueMs: stored.dueMs }
}

export class Timers {
  readonly #dueMs = new Map<string, number>()
  readonly #heaps: Record<TimerKind, StoredTimer[]> = { wall: [], stream: [] }
  #set = new Map<string, number>()
  #cleared = new Set<string>()

  get size(): number {
    return this.#dueMs.size
  }

  /** Takes timers that the store already holds. */
  load(stored: readonly StoredTimer[]): void {
    for (const timer of stored) this.#insert(parseTimer(timer).kind, timer)
  }

  set(timer: Timer): void {
    const id = timerId(timer.kind, timer.key, timer.name)
    this.#insert(timer.kind, { id, dueMs: timer.dueMs })
    this.#set.set(id, timer.dueMs)
    this.#cleared.delete(id)
  }

  /** Clears the timer of either kind. */
  clear(key: string, name: string): void {
    for (const kind of ['wall', 'stream'] as const) this.#remove(timerId(kind, key, name))
  }

  /** Due time of the earliest timer of the kind; null where there is none. */
  nextDueMs(kind: TimerKind): number | null {
    return this.#first(kind)?.dueMs ?? null
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
    for (const timer of this.#heaps[kind]) {
      if (keys.length >= limit) break
      if (timer.dueMs <= timeMs && this.#dueMs.get(timer.id) === timer.dueMs) keys.push(parseTimer(timer).key)
    }
    return keys
  }

  get changed(): boolean {
    return this.#set.size > 0 || this.#cleared.size > 0
  }

  /** What the next commit must write; forgotten here by that. */
  takeChanges(): { readonly set: StoredTimer[]; readonly cleared: string[] } {
    const set = [...this.#set].map(([id, dueMs]) => ({ id, dueMs }))
    const cleared = [...this.#cleared]
    this.#set = new Map()
    this.#cleared = new Set()
    return { set, cleared }
  }

  #insert(kind: TimerKind, timer: StoredTimer): void {
    this.#dueMs.set(timer.id, timer.dueMs)
    push(this.#heaps[kind], timer)
  }

  #remove(id: string): void {
    if (!this.#dueMs.delete(id)) return
    this.#set.delete(id)
    this.#cleared.add(id)
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

/** Order of (due time, id): the same timers always fire in the same order (P5). */
function before(a: StoredTimer, b: StoredTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.id < b.id)
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
