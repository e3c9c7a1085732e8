/**
 * kill -9 of the last worker, and when its partitions moved again. `noticed` is the group's own notice: the first look,
 * ten a second, at which the coordinator says that the group is not what it was. What comes after is told by the
 * survivors. A partition moves when its first records are taken up for processing.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import type { Fleet, Worker } from './fleet.ts'
import type { WorkerMessage } from './messages.ts'

const LOOK_MS = 100
const PATIENCE_MS = 60_000
/** Lag below this is none to speak of. */
const CAUGHT_UP_MS = 1_000

export interface TakeoverFigures {
  readonly partitions: readonly number[]
  readonly killedAtMs: number
  /** From the kill. */
  readonly noticedMs: number
  /** From here on since the group's notice: the first survivor has heard which of them are its own. */
  readonly assignedMs: number
  /** Each of the dead worker's partitions: how its store was found, how long its takeover took, when it moves. */
  readonly acquired: Readonly<Record<string, { readonly found: string; readonly tookMs: number }>>
  readonly movesMs: Readonly<Record<string, number>>
  readonly lastMovesMs: number
  /** All of them less than a second behind what was appended. */
  readonly lagBelowOneSecondMs: number
  readonly mostLagMs: number
}

export async function killOne(fleet: Fleet, admin: Admin, group: string): Promise<TakeoverFigures> {
  const victim = fleet.workers.at(-1)
  if (victim === undefined) throw new Error('there is no worker to kill')
  const partitions = [...victim.held].sort((a, b) => a - b)
  const members = (await describe(admin, group)).members
  const seen = new Survivors(fleet, partitions)
  const killedMs = Date.now()
  await victim.child.kill()
  const noticed = noticedBy(admin, group, members)
  await fleet.until('the dead worker’s partitions move, and lag is gone', PATIENCE_MS, () => seen.done)
  seen.close()
  return seen.figures(killedMs, await noticed)
}

class Survivors {
  readonly #fleet: Fleet
  readonly #partitions: readonly number[]
  readonly #forget: () => void
  readonly #acquired = new Map<number, { found: string; tookMs: number }>()
  readonly #moves = new Map<number, number>()
  #assignedMs: number | null = null
  #caughtUpMs: number | null = null
  #mostLagMs = 0

  constructor(fleet: Fleet, partitions: readonly number[]) {
    this.#fleet = fleet
    this.#partitions = partitions
    this.#forget = fleet.listen((_worker: Worker | null, message) => this.#note(message))
  }

  get done(): boolean {
    return this.#caughtUpMs !== null
  }

  close(): void {
    this.#forget()
  }

  figures(killedMs: number, noticedMs: number): TakeoverFigures {
    const since = (atMs: number | null): number => (atMs ?? NaN) - noticedMs
    const moves = [...this.#moves]
    return {
      partitions: this.#partitions,
      killedAtMs: killedMs,
      noticedMs: noticedMs - killedMs,
      assignedMs: since(this.#assignedMs),
      acquired: Object.fromEntries(this.#acquired),
      movesMs: Object.fromEntries(moves.map(([partition, atMs]) => [partition, since(atMs)])),
      lastMovesMs: since(Math.max(...moves.map(([, atMs]) => atMs))),
      lagBelowOneSecondMs: since(this.#caughtUpMs),
      mostLagMs: this.#mostLagMs,
    }
  }

  #note(message: WorkerMessage | null): void {
    if (message?.kind === 'assigned') this.#assignedMs ??= message.atMs
    if (message?.kind === 'acquired' && this.#partitions.includes(message.partition)) {
      const { partition, found, tookMs } = message
      this.#acquired.set(partition, { found, tookMs })
    }
    if (message?.kind === 'moves' && this.#partitions.includes(message.partition)) {
      this.#moves.set(message.partition, message.atMs)
    }
    const lagMs = this.#fleet.lagMs(this.#partitions)
    this.#mostLagMs = Math.max(this.#mostLagMs, lagMs)
    if (this.#moves.size === this.#partitions.length && lagMs < CAUGHT_UP_MS) this.#caughtUpMs ??= Date.now()
  }
}

/** When the coordinator first says that the group has other members, or is placing its partitions anew. */
async function noticedBy(admin: Admin, group: string, members: number): Promise<number> {
  const endMs = Date.now() + PATIENCE_MS
  while (Date.now() < endMs) {
    const now = await describe(admin, group)
    if (now.state !== 'Stable' || now.members !== members) return Date.now()
    await wait(LOOK_MS)
  }
  return NaN
}

async function describe(admin: Admin, group: string): Promise<{ state: string; members: number }> {
  const { groups } = await admin.describeGroups([group])
  const { state = '', members = [] } = groups[0] ?? {}
  return { state, members: members.length }
}
