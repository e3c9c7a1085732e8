/**
 * Features that are more than a few numbers: distinct values, top shares, enumerations. Each has one word in its
 * row, which tells where its values are: nowhere yet, packed in the arena while they are few, or an object of
 * `windows` past that.
 *
 * S1. Packed or not, a part has the value that its object would have: a pane's and a window's in any order and
 *     grouping (`accumulator.ts`, A1).
 * S2. What a part takes in memory is counted in `bytes`, by which caches are bounded (P7).
 */
import type { Aggregate } from '../topology/model.ts'
import { offsetIn, type Arena } from '../windows/arena.ts'
import type { ByteReader, ByteWriter } from '../windows/bytes.ts'
import { Distinct } from '../windows/distinct.ts'
import { Enumeration, MAX_TEMPLATES } from '../windows/enumeration.ts'
import { MAX_PACKED, NONE, PackedCounts } from '../windows/packed-counts.ts'
import { TopShare } from '../windows/top-share.ts'
import { isKept, Keep } from './keep.ts'

type Part = Distinct | TopShare | Enumeration

/** Of the aggregates that are parts. */
export type PartKind = 'distinct' | 'topShare' | 'enumeration'

export function isPart(kind: Aggregate['kind']): kind is PartKind {
  return kind === 'distinct' || kind === 'topShare' || kind === 'enumeration'
}

/** What the number before an encoded part says: 0 nothing, 1 an object follows, 2n n packed values follow. */
const AS_NOTHING = 0
const AS_OBJECT = 1

export class Parts {
  readonly #arena: Arena
  readonly #packed: PackedCounts
  readonly #objects = new Keep<Part>()

  constructor(arena: Arena) {
    this.#arena = arena
    this.#packed = new PackedCounts(arena)
  }

  /** Beside the arena. */
  get objectBytes(): number {
    return this.#objects.bytes
  }

  isEmpty(slot: number): boolean {
    return this.#handle(slot) === NONE
  }

  /** The part's number; NaN where too little is known. */
  value(aggregate: Aggregate, slot: number): number {
    const handle = this.#handle(slot)
    if (isKept(handle)) return this.#objects.get(handle).value()
    if (aggregate.kind === 'distinct') return this.#packed.size(handle)
    return aggregate.kind === 'topShare' ? this.#packed.topShare(handle) : NaN
  }

  /** Adds a value to a pane's set of distinct ones; false where it is known to be there already. */
  addDistinct(aggregate: Aggregate, slot: number, hash: number): boolean {
    const handle = this.#handle(slot)
    if (isKept(handle)) {
      const part = this.#objects.get(handle)
      const isNew = part instanceof Distinct && part.add(hash)
      if (isNew) this.#objects.weigh(handle, part.bytes)
      return isNew
    }
    if (this.#packed.count(handle, hash) > 0) return false
    this.increase(aggregate, slot, hash, 1, false)
    return true
  }

  /** Adds to a value's count, in a pane or in a window; true where others had to be given up. */
  increase(aggregate: Aggregate, slot: number, hash: number, by: number, ofWindow: boolean): boolean {
    const handle = this.#handle(slot)
    if (isKept(handle)) return this.#increaseObject(handle, hash, by)
    const next = this.#packed.add(handle, hash, by, packedLimit(aggregate))
    if (next === NONE) return this.#increaseObject(this.#unpack(aggregate, slot, ofWindow), hash, by)
    this.#set(slot, next)
    return false
  }

  /** Adds one step of a walk to a pane's enumeration, or to a window's; true where others had to be given up. */
  addStep(aggregate: Aggregate, slot: number, template: number, ordinal: number, ofWindow: boolean): boolean {
    const handle = isKept(this.#handle(slot)) ? this.#handle(slot) : this.#unpack(aggregate, slot, ofWindow)
    const part = this.#objects.get(handle)
    const gaveUp = part instanceof Enumeration && part.add(template, ordinal)
    this.#objects.weigh(handle, part.bytes)
    return gaveUp
  }

  /** Merges a pane's part into a window's. */
  merge(aggregate: Aggregate, window: number, pane: number): void {
    const from = this.#handle(pane)
    if (isKept(from)) return this.#mergeObject(aggregate, window, this.#objects.get(from))
    for (let index = this.#packed.size(from) - 1; index >= 0; index--) {
      const times = this.#packed.countAt(from, index)
      this.increase(aggregate, window, this.#packed.hashAt(from, index), times, true)
    }
  }

  /** Takes a merged pane's part out of a window's again; where that cannot be done, the window forgets its part. */
  leave(window: number, pane: number): void {
    const into = this.#handle(window)
    const from = this.#handle(pane)
    if (into === NONE || from === NONE) return
    const left = isKept(from) ? this.#leaveObject(into, from) : this.#leavePacked(window, from)
    if (!left) this.forget(window)
  }

  /** The part is empty from here on; what it took is given back. */
  forget(slot: number): void {
    const handle = this.#handle(slot)
    if (handle === NONE) return
    if (isKept(handle)) this.#objects.drop(handle)
    else this.#packed.free(handle)
    this.#set(slot, NONE)
  }

  encode(aggregate: Aggregate, slot: number, writer: ByteWriter): void {
    const handle = this.#handle(slot)
    if (isKept(handle)) {
      writer.varint(AS_OBJECT)
      return this.#objects.get(handle).encode(writer)
    }
    const size = this.#packed.size(handle)
    writer.varint(size * 2)
    for (let index = 0; index < size; index++) {
      writer.word(this.#packed.hashAt(handle, index))
      if (aggregate.kind === 'topShare') writer.varint(this.#packed.countAt(handle, index))
    }
  }

  /** Reads a pane's part into an empty slot. */
  decode(aggregate: Aggregate, slot: number, reader: ByteReader): void {
    const head = reader.varint()
    if (head === AS_NOTHING) return
    if (head === AS_OBJECT) {
      const part = decodedObject(aggregate, reader)
      return this.#set(slot, this.#objects.add(part, part.bytes))
    }
    for (let left = head / 2; left > 0; left--) {
      const hash = reader.word()
      const times = aggregate.kind === 'topShare' ? reader.varint() : 1
      this.increase(aggregate, slot, hash, times, false)
    }
  }

  #handle(slot: number): number {
    return this.#arena.words(slot)[offsetIn(slot)] ?? NONE
  }

  #set(slot: number, handle: number): void {
    this.#arena.words(slot)[offsetIn(slot)] = handle
  }

  /** Turns the slot's packed values into an object, and gives its handle. */
  #unpack(aggregate: Aggregate, slot: number, ofWindow: boolean): number {
    const part = emptyPart(aggregate, ofWindow)
    const packed = this.#handle(slot)
    for (let index = 0; index < this.#packed.size(packed); index++) {
      increasePart(part, this.#packed.hashAt(packed, index), this.#packed.countAt(packed, index))
    }
    this.#packed.free(packed)
    const handle = this.#objects.add(part, part.bytes)
    this.#set(slot, handle)
    return handle
  }

  #increaseObject(handle: number, hash: number, by: number): boolean {
    const part = this.#objects.get(handle)
    const gaveUp = increasePart(part, hash, by)
    this.#objects.weigh(handle, part.bytes)
    return gaveUp
  }

  #mergeObject(aggregate: Aggregate, window: number, from: Part): void {
    const known = this.#handle(window)
    const handle = isKept(known) ? known : this.#unpack(aggregate, window, true)
    const into = this.#objects.get(handle)
    if (into instanceof Distinct && from instanceof Distinct) into.merge(from)
    else if (into instanceof TopShare && from instanceof TopShare) into.merge(from)
    else if (into instanceof Enumeration && from instanceof Enumeration) into.merge(from)
    this.#objects.weigh(handle, into.bytes)
  }

  #leaveObject(into: number, from: number): boolean {
    if (!isKept(into)) return false
    const window = this.#objects.get(into)
    const pane = this.#objects.get(from)
    if (window instanceof Distinct && pane instanceof Distinct) return window.leave(pane)
    return window instanceof TopShare && pane instanceof TopShare && window.leave(pane)
  }

  #leavePacked(window: number, from: number): boolean {
    for (let index = this.#packed.size(from) - 1; index >= 0; index--) {
      const hash = this.#packed.hashAt(from, index)
      const times = this.#packed.countAt(from, index)
      const into = this.#handle(window)
      if (!isKept(into)) this.#set(window, this.#packed.take(into, hash, times))
      else if (!decreasePart(this.#objects.get(into), hash, times)) return false
    }
    return true
  }
}

function packedLimit(aggregate: Aggregate): number {
  return 'exactLimit' in aggregate ? Math.min(MAX_PACKED, aggregate.exactLimit) : 0
}

/** A part for one pane, or for the merge of a window, which is bounded by its panes. */
function emptyPart(aggregate: Aggregate, ofWindow: boolean): Part {
  if (aggregate.kind === 'distinct') return new Distinct(aggregate.exactLimit)
  if (aggregate.kind === 'topShare') return new TopShare(ofWindow ? Infinity : aggregate.exactLimit)
  return new Enumeration(ofWindow ? Infinity : MAX_TEMPLATES)
}

function decodedObject(aggregate: Aggregate, reader: ByteReader): Part {
  if (aggregate.kind === 'distinct') return Distinct.decode(aggregate.exactLimit, reader)
  if (aggregate.kind === 'topShare') return TopShare.decode(aggregate.exactLimit, reader)
  return Enumeration.decode(MAX_TEMPLATES, reader)
}

function increasePart(part: Part, hash: number, by: number): boolean {
  if (part instanceof TopShare) return part.add(hash, by)
  if (part instanceof Distinct) part.gain(hash, by)
  return false
}

/** False where the part cannot tell any more. */
function decreasePart(part: Part, hash: number, by: number): boolean {
  if (part instanceof Distinct) return part.lose(hash)
  if (part instanceof TopShare) part.take(hash, by)
  return part instanceof TopShare
}
