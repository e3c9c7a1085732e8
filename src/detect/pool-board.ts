/**
 * The broadcast snapshot of pool pressure: the last minutes of every pool, for all tasks of the process.
 *
 * O1. Bounded: `keptMinutes` a pool, `maxPools` pools (the one silent longest gives way).
 * O2. A minute that `capacity` has not told of yet is not known: the view says `complete: false`. A minute that
 *     was passed over (a later one was told) counts as told: the pool did not report in it.
 */
import type { PoolPressure } from '../domain/telemetry.ts'
import type { PoolView } from '../topology/model.ts'

const MINUTE_MS = 60_000

interface PoolMinutes {
  /** By minute number. */
  readonly minutes: Map<number, PoolPressure>
  newest: number
  /** The view that was last asked for: all events of a minute ask for the same. */
  last: { readonly start: number; readonly end: number; readonly view: PoolView } | null
}

export class PoolBoard {
  readonly #keptMinutes: number
  readonly #maxPools: number
  readonly #pools = new Map<string, PoolMinutes>()
  readonly #offsets = new Map<string, number>()

  constructor(keptMinutes = 120, maxPools = 10_000) {
    this.#keptMinutes = keptMinutes
    this.#maxPools = maxPools
  }

  apply(
    pressure: PoolPressure,
    position: { readonly topic: string; readonly partition: number; readonly offset: number },
  ): void {
    this.#offsets.set(`${position.topic}/${position.partition}`, position.offset + 1)
    const minute = Math.floor(pressure.startMs / MINUTE_MS)
    const pool = this.#pools.get(pressure.poolId) ?? {
      minutes: new Map<number, PoolPressure>(),
      newest: minute,
      last: null,
    }
    pool.last = null
    pool.minutes.set(minute, pressure)
    pool.newest = Math.max(pool.newest, minute)
    for (const old of pool.minutes.keys())
      if (old <= pool.newest - this.#keptMinutes) pool.minutes.delete(old)
    this.#pools.delete(pressure.poolId)
    this.#pools.set(pressure.poolId, pool)
    const longestSilent = this.#pools.keys().next()
    if (this.#pools.size > this.#maxPools && longestSilent.done !== true)
      this.#pools.delete(longestSilent.value)
  }

  /** The complete minutes of the window that ends at `endMs` (a minute edge); null for a pool never heard of. */
  view(poolId: string, endMs: number, windowMs: number): PoolView | null {
    const pool = this.#pools.get(poolId)
    if (pool === undefined) return null
    const end = Math.floor(endMs / MINUTE_MS)
    const start = end - Math.round(windowMs / MINUTE_MS)
    if (pool.last?.start === start && pool.last.end === end) return pool.last.view
    const view = this.#summary(pool, start, end)
    pool.last = { start, end, view }
    return view
  }

  /** Minutes that are no longer kept are as unknown as those to come (O1, O2). */
  #summary(pool: PoolMinutes, start: number, end: number): PoolView {
    const told: PoolPressure[] = []
    for (let minute = start; minute < end; minute++) {
      const pressure = pool.minutes.get(minute)
      if (pressure !== undefined) told.push(pressure)
    }
    return summary(told, pool.newest >= end - 1 && start > pool.newest - this.#keptMinutes)
  }

  /** Next offsets, `topic/partition`: what a signal names as the snapshot that it read. */
  offsets(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#offsets)
  }
}

function summary(told: readonly PoolPressure[], complete: boolean): PoolView {
  const largest = (of: (pressure: PoolPressure) => number): number =>
    told.reduce((most, pressure) => Math.max(most, of(pressure)), 0)
  return {
    complete,
    minutes: told.length,
    saturatedMinutes: told.filter((pressure) => pressure.saturated).length,
    degradedMinutes: told.filter((pressure) => pressure.degraded).length,
    gpuSeconds: told.reduce((sum, pressure) => sum + pressure.gpuSeconds, 0),
    accountsWaiting: largest((pressure) => pressure.accountsWaiting),
    requestsWaiting: largest((pressure) => pressure.requestsWaiting),
  }
}
