/** What is due when: a binary heap by time, then by the order in which things were put in. */
interface Entry<T> {
  readonly atMs: number
  readonly order: number
  readonly item: T
}

export interface Due<T> {
  readonly atMs: number
  readonly item: T
}

export class Agenda<T> {
  readonly #heap: Entry<T>[] = []
  #order = 0

  get size(): number {
    return this.#heap.length
  }

  /** Times that are no number of this world (the end of a behaviour) are ignored. */
  add(atMs: number, item: T): void {
    if (!Number.isFinite(atMs)) return
    this.#heap.push({ atMs: Math.ceil(atMs), order: this.#order++, item })
    this.#rise(this.#heap.length - 1)
  }

  /** Takes out what is due first; null when nothing is left. */
  take(): Due<T> | null {
    const first = this.#heap[0]
    const last = this.#heap.pop()
    if (first === undefined || last === undefined) return null
    if (first !== last) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first
  }

  #rise(from: number): void {
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfBefore(at, parent)) return
      at = parent
    }
  }

  #sink(from: number): void {
    let at = from
    for (;;) {
      const left = 2 * at + 1
      const child = this.#isBefore(left + 1, left) ? left + 1 : left
      if (!this.#swapIfBefore(child, at)) return
      at = child
    }
  }

  #swapIfBefore(later: number, earlier: number): boolean {
    if (!this.#isBefore(later, earlier)) return false
    const [a, b] = [this.#heap[later], this.#heap[earlier]]
    if (a === undefined || b === undefined) return false
    this.#heap[later] = b
    this.#heap[earlier] = a
    return true
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (a === undefined) return false
    return b === undefined || a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
  }
}
