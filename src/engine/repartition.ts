/**
 * Moves the state of a topology's tasks to where its keys belong after partitions were added. Offline.
 *
 * What is right for positions. Old records stay in the partitions in which they were written, by the old count; from
 * then on a key's records lie elsewhere. So whatever was written by the old count must have been processed before, by
 * tasks of the old count: a record that still waits where its key no longer belongs is refused, counted and told (N1).
 * What waits where it belongs was written after the change, or is not moved by it: it is processed afterwards, from the
 * position that stands. New partitions begin at their beginning.
 *
 * N1. Nothing is changed while a misplaced record waits, or while topics disagree on their partitions.
 * N2. Every owner is shut out before anything is read (a new epoch); the command looks for members of the group too.
 * N3. First everything is copied to where it belongs; the originals stay until all of it stands there. A task that is
 *     being filled, and an old one until its turn, has a checkpoint that no task of the new count accepts. Then each
 *     old task forgets what moved away and takes the new count; the new tasks take it last.
 * N4. It can be broken off anywhere and begun again, with still more partitions too: copies are the same bytes under the same
 *     names, a task that has the new count is done, and before anything is forgotten it is noted that nothing is to be copied
 *     again: such a move is brought to its end, and what has been added since is another one.
 * N5. Time: a task begins at the earliest time that any old one had come to, so that nothing counts as over too early.
 *     Where stages' outputs and acknowledged outputs are concerned, a task that was there before goes on with its own.
 *
 * N6. What the store has lost is not moved, and is not rebuilt afterwards. So nothing is changed where the group tells of
 *     commits that the store does not have, or an old task's outputs of a state that is gone: a torn one is given up by
 *     whoever acquires it. Whoever says so goes on without.
 *
 * Not moved: what stands in the log. A store that is lost after a repartition is rebuilt by the new places of keys, and
 * finds what was published of them at the old count in the old partitions only.
 */
import { RefusedError } from './errors.ts'
import type { GroupPosition, Log } from './log.ts'
import type { Layout } from './logic.ts'
import { decodeMeta, MetaWriter } from './meta.ts'
import type { EngineServices } from './services.ts'
import type { Commit, StateCell, StoredTimer, TaskId } from './state-store.ts'
import { keyOfTimer } from './timers.ts'
import { isBehind, noteOf, unpublished, type Stored } from './unmoved.ts'

export interface RepartitionPlan {
  readonly topology: string
  readonly stateVersion: number
  readonly sources: readonly string[]
  readonly outputs: readonly string[]
  /** What the group was told of all partitions of its sources. */
  readonly committed: readonly GroupPosition[]
  /** Goes on without what the store has lost (N6). */
  readonly withoutLost: boolean
  /** Counts and checks only. */
  readonly dryRun: boolean
  /** Told after each page that has been looked at. */
  readonly progress: (seen: Counts) => void
}

/** What lies in the old tasks, and how much of it moves. */
export interface Counts {
  readonly cells: number
  readonly movedCells: number
  readonly timers: number
  readonly movedTimers: number
}

export interface Repartitioned extends Counts {
  readonly from: number
  readonly to: number
  /** Partitions whose state the store has lost, or some commits of it (N6). */
  readonly lost: readonly number[]
  readonly done: boolean
}

type Services = Pick<EngineServices, 'log' | 'store' | 'partitionOf'>

const PAGE = 1_000
/** A count that no topic has, as its negative is: whoever finds it is told to repartition. */
const BEING_FILLED = 0
/** What the first new task says once everything stands where it belongs by the count (N4). */
const filledFor = (count: number): number => -count

export async function repartition(services: Services, plan: RepartitionPlan): Promise<Repartitioned> {
  const topicCount = await commonCount(services.log, plan)
  const tasks = await acquireAll(services, plan, topicCount)
  const { from, to } = countsOf(plan, tasks, topicCount)
  const mover = new Mover(services, plan, tasks.slice(0, to), { from, to })
  const lost = await mover.lost()
  if (from === to) return { from, to, lost, ...mover.counts, done: true }
  if (lost.length > 0 && !plan.withoutLost) throw stateIsLost(plan.topology, lost)
  if (!mover.copied) {
    await mover.check()
    await mover.copy()
  }
  if (!plan.dryRun) await mover.finish()
  // Of a move that was broken off, and to fewer than there are by now, only the end was left (N4).
  if (!plan.dryRun && to < topicCount) return repartition(services, plan)
  return { from, to, lost, ...mover.counts, done: !plan.dryRun }
}

/** What an operator must know of state that cannot be moved (N6). */
function stateIsLost(topology: string, partitions: readonly number[]): RefusedError {
  const tasks = partitions.map((partition) => `${topology}/${partition}`).join(', ')
  return new RefusedError(
    `The store has lost state of ${tasks}, or some of its commits: what their keys did could not be moved. Restore the ` +
      'store as it was when the topology was stopped, and repeat; or go on without: ' +
      `\`bailiff repartition ${topology} --without-lost\`.`,
  )
}

/** The count that the state was written for, and the one that it moves to; they are one where nothing is left to do. */
function countsOf(
  plan: RepartitionPlan,
  tasks: readonly Place[],
  topicCount: number,
): { readonly from: number; readonly to: number } {
  const counts = tasks.flatMap(({ meta }) => meta?.partitionCount ?? [])
  const to = Math.abs(counts.find((count) => count < 0) ?? topicCount)
  const old = [...new Set(counts)].filter((count) => count > 0 && count !== to)
  const [from] = old
  if (old.length > 1 || (from ?? 0) > to) {
    throw new RefusedError(
      `${plan.topology} has state of ${old.join(' and ')} partitions; its topics have ${topicCount}.`,
    )
  }
  const filling = tasks.findIndex(({ meta }) => meta !== null && meta.partitionCount <= BEING_FILLED)
  return { from: from ?? (filling < 0 ? to : filling), to }
}

async function commonCount(log: Log, plan: RepartitionPlan): Promise<number> {
  const topics = [...plan.sources, ...plan.outputs]
  const counts = await Promise.all(topics.map(async (topic) => (await log.bounds(topic)).length))
  const [count = 0] = counts
  if (counts.every((other) => other === count)) return count
  const listed = topics.map((topic, at) => `${topic} ${counts[at]}`).join(', ')
  throw new RefusedError(
    `Topics of ${plan.topology} must have equally many partitions before its state can move: ${listed}.`,
  )
}

/** One task of the new count. */
interface Place extends Stored {
  readonly epoch: number
  sequence: number
}

async function acquireAll(services: Services, plan: RepartitionPlan, to: number): Promise<readonly Place[]> {
  const places: Place[] = []
  for (let partition = 0; partition < to; partition++) {
    const id: TaskId = { topology: plan.topology, partition }
    const acquired = await services.store.acquire(id)
    const name = `${plan.topology}/${partition}`
    const meta = acquired.meta === null ? null : decodeMeta(acquired.meta, name, plan.stateVersion)
    places.push({ id, epoch: acquired.epoch, sequence: acquired.sequence, acquired, meta })
  }
  return places
}

class Mover {
  readonly #services: Services
  readonly #plan: RepartitionPlan
  readonly #places: readonly Place[]
  readonly #from: number
  readonly #to: number
  readonly #slots: Readonly<Record<string, number | null>>
  readonly #layout: Layout
  counts: Counts = { cells: 0, movedCells: 0, timers: 0, movedTimers: 0 }

  constructor(
    services: Services,
    plan: RepartitionPlan,
    places: readonly Place[],
    counts: { readonly from: number; readonly to: number },
  ) {
    this.#services = services
    this.#plan = plan
    this.#places = places
    this.#from = counts.from
    this.#to = counts.to
    this.#slots = Object.fromEntries(places.flatMap(({ meta }) => Object.entries(meta?.slots ?? {})))
    this.#layout = commonLayout(places.flatMap(({ meta }) => meta?.layout ?? []))
  }

  /** Whether an earlier run had copied everything, as some task tells (N4). */
  get copied(): boolean {
    const done = [this.#to, filledFor(this.#to)]
    return this.#places.some(({ meta }) => done.includes(meta?.partitionCount ?? BEING_FILLED))
  }

  /** Of which tasks the store has less than the group or the log tells (N6); of the new ones, what was copied to them. */
  async lost(): Promise<readonly number[]> {
    const { outputs, committed } = this.#plan
    const lost: number[] = []
    for (const place of this.#places) {
      const { id, meta } = place
      const wasFilled = id.partition >= this.#from && this.copied && meta === null
      const noted = noteOf(committed, id)
      if (wasFilled || (await isBehind(this.#services.log, outputs, place, noted))) lost.push(id.partition)
    }
    return lost
  }

  /** N1, and that every output of the old tasks has left: it could not be placed any more. */
  async check(): Promise<void> {
    for (const place of this.#old()) {
      const { outputs, topology } = this.#plan
      const tail = { task: place.id, outputs }
      const left = await unpublished(this.#services.log, tail, place)
      if (left > 0) {
        throw new RefusedError(
          `${topology}/${place.id.partition} has ${left} commits whose outputs have not been published. ` +
            `Give its topics their ${this.#from} partitions again, or restore them, and run it once more.`,
        )
      }
      for (const topic of this.#plan.sources) await this.#checkLag(place, topic)
    }
  }

  async #checkLag({ id, meta }: Place, topic: string): Promise<void> {
    const bounds = (await this.#services.log.bounds(topic))[id.partition]
    const noted = noteOf(this.#plan.committed, id)?.offsets.get(topic) ?? 0
    const position = Math.max(meta?.sources[topic]?.position ?? 0, noted, bounds?.low ?? 0)
    if (bounds === undefined || position >= bounds.high) return
    let misplaced = 0
    for await (const { key } of this.#services.log.readToEnd(topic, id.partition, position)) {
      if (key !== null && this.#home(key) !== id.partition) misplaced++
    }
    if (misplaced === 0) return
    throw new RefusedError(
      `${topic}/${id.partition}: ${misplaced} records of before the change have not been processed (from offset ` +
        `${position} on); their keys belong elsewhere now. Process them with ${this.#from} partitions first: stop the ` +
        'producers, let the lag become 0, stop bailiff, then add partitions.',
    )
  }

  /** Copies what moves to where it belongs; the originals stay (N3). */
  async copy(): Promise<void> {
    if (!this.#plan.dryRun) {
      for (const place of this.#places.slice(this.#from)) {
        if (place.meta === null) await this.#commit(place, {}, this.#metaOf(place, BEING_FILLED))
      }
    }
    for (const place of this.#old()) {
      for (const slot of Object.keys(place.meta?.slots ?? {})) {
        for await (const cells of this.#services.store.scan(place.id, slot))
          await this.#copyCells(place, cells)
      }
      for await (const timers of this.#timersOf(place)) await this.#copyTimers(place, timers)
    }
  }

  /** Every old task forgets what moved away and takes the new count; new tasks take it last (N3, N4). */
  async finish(): Promise<void> {
    const first = this.#places[this.#from]
    if (first !== undefined && !this.copied)
      await this.#commit(first, {}, this.#metaOf(first, filledFor(this.#to)))
    for (const place of this.#old()) {
      await this.#forget(place)
      await this.#commit(place, {}, this.#metaOf(place, this.#to))
    }
    for (const place of this.#places.slice(this.#from)) {
      if (place.meta?.partitionCount === this.#to) continue
      await this.#forget(place)
      await this.#commit(place, {}, this.#metaOf(place, this.#to))
    }
  }

  /** What belongs elsewhere; in a new task, what an earlier run copied to it when there were fewer partitions. */
  async #forget(place: Place): Promise<void> {
    for (const slot of Object.keys(place.meta?.slots ?? {})) await this.#forgetCells(place, slot)
    for await (const timers of this.#timersOf(place)) {
      const clearTimers = timers
        .filter((timer) => !this.#stays(place, keyOfTimer(timer.id)))
        .map(({ id }) => id)
      if (clearTimers.length > 0) await this.#commit(place, { clearTimers }, this.#unfinished(place))
    }
  }

  async #forgetCells(place: Place, slot: string): Promise<void> {
    const deletes: { slot: string; key: string }[] = []
    for await (const cells of this.#services.store.scan(place.id, slot)) {
      deletes.push(...cells.filter(({ key }) => !this.#stays(place, key)).map(({ key }) => ({ slot, key })))
    }
    for (let at = 0; at < deletes.length; at += PAGE) {
      await this.#commit(place, { deletes: deletes.slice(at, at + PAGE) }, this.#unfinished(place))
    }
  }

  async #copyCells(place: Place, cells: readonly StateCell[]): Promise<void> {
    const own = cells.filter(({ key }) => this.#wasHere(place, key))
    const moving = own.filter(({ key }) => !this.#stays(place, key))
    for (const [target, puts] of Map.groupBy(moving, ({ key }) => this.#home(Buffer.from(key)))) {
      await this.#copyTo(target, { puts })
    }
    this.#count({ cells: own.length, movedCells: moving.length })
  }

  async #copyTimers(place: Place, timers: readonly StoredTimer[]): Promise<void> {
    const own = timers.filter(({ id }) => this.#wasHere(place, keyOfTimer(id)))
    const moving = own.filter(({ id }) => !this.#stays(place, keyOfTimer(id)))
    const targets = Map.groupBy(moving, ({ id }) => this.#home(Buffer.from(keyOfTimer(id))))
    for (const [target, setTimers] of targets) await this.#copyTo(target, { setTimers })
    this.#count({ timers: own.length, movedTimers: moving.length })
  }

  async #copyTo(partition: number, change: Partial<Commit>): Promise<void> {
    const place = this.#places[partition]
    if (place === undefined || this.#plan.dryRun) return
    await this.#commit(place, change, this.#unfinished(place))
  }

  /** What no task of the new count accepts. */
  #unfinished(place: Place): Buffer {
    return this.#metaOf(place, place.id.partition >= this.#from ? BEING_FILLED : this.#from)
  }

  /** Old tasks that have not taken the new count yet. */
  #old(): readonly Place[] {
    return this.#places.slice(0, this.#from).filter(({ meta }) => meta?.partitionCount !== this.#to)
  }

  async *#timersOf({ id }: Place): AsyncIterable<readonly StoredTimer[]> {
    let after: StoredTimer | null = null
    for (;;) {
      const page: readonly StoredTimer[] = await this.#services.store.timers(id, after, PAGE)
      if (page.length > 0) yield page
      after = page.at(-1) ?? null
      if (page.length < PAGE) return
    }
  }

  #metaOf({ meta, id }: Place, partitionCount: number): Buffer {
    const frontiers = this.#places.flatMap((place) => place.meta?.frontierMs ?? [])
    const newest = this.#places.flatMap((place) => place.meta?.newestEventMs ?? [])
    const kept = id.partition < this.#from ? meta : null
    return new MetaWriter().encode({
      stateVersion: this.#plan.stateVersion,
      edition: Math.max(0, ...this.#places.map((place) => place.meta?.edition ?? 0)),
      partitionCount,
      frontierMs: frontiers.length === 0 ? null : Math.min(...frontiers),
      newestEventMs: newest.length === 0 ? null : Math.max(...newest),
      layout: this.#layout,
      taskState: kept?.taskState ?? null,
      sources: kept?.sources ?? {},
      origins: kept?.origins ?? {},
      slots: this.#slots,
      acknowledged: kept?.acknowledged ?? {},
    })
  }

  async #commit(place: Place, change: Partial<Commit>, meta: Buffer): Promise<void> {
    const { epoch, sequence } = place
    const none = { puts: [], deletes: [], dropSlots: [], setTimers: [], clearTimers: [], acknowledged: [] }
    const nonce = `${epoch}.${sequence + 1}`
    const commit = { ...none, outbox: null, ...change, epoch, previousSequence: sequence, nonce, meta }
    if ((await this.#services.store.commit(place.id, commit)) === 'fenced') {
      throw new RefusedError(
        `Somebody else took ${place.id.topology}/${place.id.partition} meanwhile. Stop every bailiff, then repeat.`,
      )
    }
    place.sequence++
  }

  #count(more: Partial<Counts>): void {
    const { cells, movedCells, timers, movedTimers } = this.counts
    this.counts = {
      cells: cells + (more.cells ?? 0),
      movedCells: movedCells + (more.movedCells ?? 0),
      timers: timers + (more.timers ?? 0),
      movedTimers: movedTimers + (more.movedTimers ?? 0),
    }
    this.#plan.progress(this.counts)
  }

  /** Not a copy that has been put here a moment ago. */
  #wasHere(place: Place, key: string): boolean {
    return this.#services.partitionOf(Buffer.from(key), this.#from) === place.id.partition
  }

  #stays(place: Place, key: string): boolean {
    return this.#home(Buffer.from(key)) === place.id.partition
  }

  #home(key: Buffer): number {
    return this.#services.partitionOf(key, this.#to)
  }
}

/** A part misses nothing from when on none of the old tasks does; one that some task lacks is in none. */
function commonLayout(layouts: readonly Layout[]): Layout {
  const parts: Record<string, number | null> = {}
  for (const part of new Set(layouts.flatMap((layout) => Object.keys(layout.parts)))) {
    const since = layouts.map((layout) => layout.parts[part])
    if (since.includes(undefined)) continue
    const known = since.filter((one) => typeof one === 'number')
    parts[part] = known.length === 0 ? null : Math.max(...known)
  }
  return { parts, forms: Object.fromEntries(layouts.flatMap(({ forms }) => Object.entries(forms))) }
}
