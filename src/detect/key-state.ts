/**
 * One key's whole state: facts, and a block of an arena with its windows by pane length; and how it lies in the
 * store.
 *
 * Undated: the account, told episodes, judgements that wait (`facts`), evidence and baselines (`lasting.*`). Dated: panes (`5m.FORM:NUMBER`), event
 * ids (`recent:HOUR`); they leave the store when stream time has passed all that could read them.
 */
import type { EvidencePointer } from '../domain/signal.ts'
import type { Slot, StateCodec } from '../engine/logic.ts'
import { NumberShelf } from '../engine/shelf.ts'
import type { Collection } from '../topology/model.ts'
import { ByteWriter } from '../windows/bytes.ts'
import { hash47 } from '../windows/hash.ts'
import type { FeaturePlan, FeedGroup, PlannedFeature } from './feature-plan.ts'
import type { Facts } from './facts.ts'
import { KeyTable } from './key-table.ts'
import { stepsFromNothing, valueOfNothing } from './lasting-window.ts'
import { isLastingSlot } from './lasting-windows.ts'
import type { LastingFeature } from './moving-plan.ts'
import type { MovingWindows } from './moving-windows.ts'
import { recentExpiryMs } from './recent-ids.ts'
import { canStepTo, stepsBetween } from './steps.ts'

const FACTS: Slot = { name: 'facts', expiresAtMs: null }
const RECENT = 'recent'
/** What a key costs besides what its table holds: its place and its name in the cache. */
const KEY_BYTES = 48

/** Only one state is changed at a time: between `use` and the next, what is taken belongs to it. */
export class KeyState {
  readonly #table: KeyTable
  /** Address of the key's block, which holds all there is: this object may be made anew each time. */
  readonly #block: number

  /** A new key, or the one whose block that is. */
  constructor(table: KeyTable, block = table.open()) {
    this.#table = table
    this.#block = block
  }

  /** The address by which the key can be told again. */
  get block(): number {
    return this.#block
  }

  /** Null while there is nothing to know. */
  get facts(): Facts | null {
    return this.#table.facts(this.#block)
  }

  factsToChange(): Facts {
    return this.#table.factsToChange(this.#block)
  }

  /** Sliding windows and sessions; null where the topology has none. */
  get moving(): MovingWindows | null {
    return this.#table.moving(this.#block)
  }

  get bytes(): number {
    return KEY_BYTES + this.#table.bytesOf(this.#block)
  }

  /** Lets go of what has left the store; called before a state is read or changed. */
  use(streamTimeMs: number): void {
    this.#table.charge(this.#block)
    for (const { windows } of this.#table.classes) windows.dropExpired(this.#block, streamTimeMs)
    this.moving?.dropExpired(streamTimeMs)
    this.#table.recent.dropExpired(this.#recentAt, streamTimeMs)
  }

  /** Notes an event id; false where it is a repeat (`recent-ids.ts`). */
  note(eventId: string, timeMs: number): boolean {
    return this.#table.recent.note(this.#recentAt, hash47(eventId), timeMs)
  }

  /** Whether a condition can be left alone on the event that was added last; of each part of it, the features (`waits.ts`). */
  leaves(condition: number, parts: readonly (readonly number[])[]): boolean {
    const { waits, steps } = this.#table
    return waits.leaves(this.#waitsAt, condition, parts, steps)
  }

  /** Leaves a condition alone until a part of it has come so many steps further. */
  leave(condition: number, part: number, steps: number): void {
    this.#table.waits.begin(this.#waitsAt, condition, part, steps)
  }

  /** Whether the event that was added last is a step of one of those features. */
  steps(features: readonly number[]): boolean {
    return this.#table.steps.furthest(features) > 0
  }

  /** Lets every condition be asked again. */
  askAll(): void {
    this.#table.waits.end(this.#waitsAt)
  }

  /** Adds one event to the features that its collection feeds. */
  add(feeds: readonly FeedGroup[], body: unknown, timeMs: number, pointer: EvidencePointer | null): void {
    this.#table.steps.begin()
    for (const feed of feeds) {
      const { by, classIndex } = feed.group
      const subKey = by === null ? null : this.#table.subKeyOf(by, body)
      if (subKey === undefined) continue
      this.#table.classes[classIndex]?.windows.add(this.#block, feed, subKey, body, timeMs, pointer)
    }
  }

  /** Adds one event to the features without a window that its collection feeds. */
  addLasting(collection: Collection, body: unknown, timeMs: number): void {
    if (this.#table.plan.lasting.byCollection.has(collection))
      this.#table.lastingToChange(this.#block).add(collection, body, timeMs, this.#table.steps)
  }

  lastingValue(feature: LastingFeature, subKey: string | null, timeMs: number): number {
    return (
      this.#table.lasting(this.#block)?.value(feature, subKey, timeMs) ?? valueOfNothing(feature.aggregate)
    )
  }

  /** At least how many steps there are from now until it can be that great, under whatever sub-key; 0 where unknown. */
  lastingStepsTo(feature: LastingFeature, limit: number): number {
    const lasting = this.#table.lasting(this.#block)
    return lasting === null ? stepsFromNothing(feature.aggregate, limit) : lasting.stepsTo(feature, limit)
  }

  /** The same for a feature over panes. */
  stepsTo(feature: PlannedFeature, limit: number): number {
    const windows = this.#table.classes[feature.classIndex]?.windows
    if (windows === undefined || !canStepTo(feature, limit)) return 0
    return stepsBetween(windows.most(this.#block, feature, limit), limit, feature)
  }

  /** The feature's value under the sub-key that `body` names, at `timeMs`; NaN where it is not known. */
  value(feature: PlannedFeature, body: unknown, timeMs: number, asOf: boolean): number {
    const { by } = feature.spec
    const subKey = by === null ? null : this.#table.subKeyOf(by, body)
    const ofClass = this.#table.classes[feature.classIndex]
    if (subKey === undefined || ofClass === undefined) return NaN
    return ofClass.windows.value(this.#block, feature, subKey, timeMs, asOf)
  }

  /** How far that value may be from the exact one, in its own unit; 0 where it is exact. */
  error(feature: PlannedFeature, body: unknown, timeMs: number, asOf: boolean): number {
    const { by } = feature.spec
    const subKey = by === null ? null : this.#table.subKeyOf(by, body)
    if (subKey === undefined) return 0
    const { windows } = this.#table.classes[feature.classIndex] ?? {}
    return windows?.error(this.#block, feature, subKey, timeMs, asOf) ?? 0
  }

  /** The records that the feature has counted, newest first, as far as they are kept. */
  trail(feature: PlannedFeature, body: unknown, timeMs: number): readonly EvidencePointer[] {
    const { by } = feature.spec
    const subKey = by === null ? null : this.#table.subKeyOf(by, body)
    if (subKey === undefined) return []
    return this.#table.classes[feature.classIndex]?.windows.trail(this.#block, feature, subKey, timeMs) ?? []
  }

  /** Takes a cell of the store in; cells come as `slotOrder` says. */
  restore(slot: string, cell: Buffer): void {
    const [label = '', number = 0] = parseSlot(slot)
    if (slot === FACTS.name) this.factsToChange().restore(cell)
    else if (label === RECENT) this.#table.recent.restore(this.#recentAt, number, cell)
    else if (this.moving?.restore(label, number, cell) === true) return
    else if (isLastingSlot(slot)) this.#table.lastingToChange(this.#block).restore(slot, cell)
    else this.#restorePane(label, number, cell)
  }

  changes(writer: ByteWriter, write: (slot: Slot, cell: Buffer | null) => void): void {
    for (const { windows, slots } of this.#table.classes) {
      windows.changes(this.#block, writer, slots, write)
    }
    this.moving?.changes(writer, write)
    this.#table.lasting(this.#block)?.changes(writer, write)
    const { facts } = this
    if (facts?.dirty === true) {
      write(FACTS, facts.encode())
      facts.dirty = false
    }
    this.#table.recent.changes(this.#recentAt, (hour, cell) =>
      write({ name: `${RECENT}:${hour}`, expiresAtMs: recentExpiryMs(hour) }, cell),
    )
  }

  /** Gives everything back; the state must not be used any more. */
  release(): void {
    this.#table.free(this.#block)
  }

  get #recentAt(): number {
    return this.#block + this.#table.recentAt
  }

  get #waitsAt(): number {
    return this.#block + this.#table.waitsAt
  }

  #restorePane(label: string, number: number, cell: Buffer): void {
    const { plan, classes, former } = this.#table
    const own = plan.classes.find((one) => one.label === label)
    if (own !== undefined) return classes[own.index]?.windows.restore(this.#block, number, cell)
    const other = former.get(label)
    if (other !== undefined)
      classes[other.classIndex]?.windows.restoreFormer(this.#block, other, number, cell)
  }
}

export function keyStateCodec(plan: FeaturePlan): StateCodec<KeyState> {
  const writer = new ByteWriter()
  const table = new KeyTable(plan)
  const inOrder = slotOrder([...table.former.keys()])
  return {
    shelf: () =>
      new NumberShelf(
        ({ block }) => block,
        (block) => new KeyState(table, block),
      ),
    create: () => new KeyState(table),
    decode: (_key, cells) => {
      const state = new KeyState(table)
      for (const [slot, cell] of [...cells].sort(inOrder)) state.restore(slot, cell)
      return state
    },
    changes: (state, write) => state.changes(writer, write),
    sizeBytes: (state) => state.bytes,
    release: (state) => state.release(),
  }
}

/**
 * Ascending numbers, our own form before the others, the newest of them first: a pane that has been written since it
 * lay in an older form holds what it held there.
 */
function slotOrder(formers: readonly string[]): (a: [string, Buffer], b: [string, Buffer]) => number {
  return ([a], [b]) => {
    const [labelOfA, numberOfA] = parseSlot(a)
    const [labelOfB, numberOfB] = parseSlot(b)
    return formers.indexOf(labelOfA) - formers.indexOf(labelOfB) || numberOfA - numberOfB
  }
}

function parseSlot(slot: string): readonly [string, number] {
  const colon = slot.lastIndexOf(':')
  return colon < 0 ? [slot, 0] : [slot.slice(0, colon), Number(slot.slice(colon + 1))]
}
