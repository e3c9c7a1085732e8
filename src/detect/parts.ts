/**
 * Features that are more than a few numbers: distinct values, shares, quantiles, walks, rhythms. Each has one word in its
 * row, which tells where its values are: nowhere yet, packed in the arena while they are few, or an object of
 * `windows` past that.
 *
 * S1. Packed or not, a part has the value that its object would have: a pane's and a window's in any order and
 *     grouping (`accumulator.ts`, A1).
 * S2. What a part takes in memory is counted in `bytes`, by which caches are bounded (P7).
 * S3. The error is a standard error for different values, and the most for all else; packed values are exact.
 */
import type { Aggregate } from '../topology/model.ts'
import { offsetIn, type Arena } from '../windows/arena.ts'
import type { ByteReader, ByteWriter } from '../windows/bytes.ts'
import { Distinct } from '../windows/distinct.ts'
import { Entropy, entropyBits, entropyWeight } from '../windows/entropy.ts'
import { Enumeration, MAX_TEMPLATES } from '../windows/enumeration.ts'
import type { Likeness } from '../windows/likeness.ts'
import { NearDistinct } from '../windows/near-distinct.ts'
import { MAX_PACKED, NONE, PackedCounts } from '../windows/packed-counts.ts'
import { Quantile } from '../windows/quantile.ts'
import { Regularity } from '../windows/regularity.ts'
import { TopShare } from '../windows/top-share.ts'
import { isKept, Keep } from './keep.ts'

type Part = Distinct | NearDistinct | TopShare | Entropy | Enumeration | Quantile | Regularity

/** Of the aggregates that are parts. */
export type PartKind =
  'distinct' | 'nearDistinct' | 'topShare' | 'entropy' | 'enumeration' | 'quantile' | 'regularity'

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
    if (aggregate.kind === 'entropy') return this.#packedEntropy(handle)
    return aggregate.kind === 'topShare' ? this.#packed.topShare(handle) : NaN
  }

  /** How far the number may be from the exact one, in its own unit (S3); 0 where it is exact. */
  error(aggregate: Aggregate, slot: number): number {
    const handle = this.#handle(slot)
    const part = isKept(handle) ? this.#objects.get(handle) : null
    if (part instanceof TopShare) return part.error('exactLimit' in aggregate ? aggregate.exactLimit : NaN)
    if (part instanceof Distinct || part instanceof NearDistinct) return part.error()
    return part instanceof Entropy || part instanceof Quantile ? part.error() : 0
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

  /** Adds a text to a pane's set of different ones; false where it is known to be there already. */
  addLikeness(aggregate: Aggregate, slot: number, hash: Likeness): boolean {
    const handle = isKept(this.#handle(slot)) ? this.#handle(slot) : this.#unpack(aggregate, slot, false)
    const part = this.#objects.get(handle)
    const isNew = part instanceof NearDistinct && part.add(hash)
    if (isNew) this.#objects.weigh(handle, part.bytes)
    return isNew
  }

  /** The same for a window that is merged: one more of its panes has the text. */
  gainLikeness(slot: number, hash: Likeness): void {
    const part = this.#objects.get(this.#handle(slot))
    if (!(part instanceof NearDistinct)) return
    part.gain(hash)
    this.#objects.weigh(this.#handle(slot), part.bytes)
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

  /** Adds a number to a pane's quantile or rhythm, or to a window's; true where others had to be given up. */
  addNumber(aggregate: Aggregate, slot: number, value: number, ofWindow: boolean): boolean {
    const handle = isKept(this.#handle(slot)) ? this.#handle(slot) : this.#unpack(aggregate, slot, ofWindow)
    const part = this.#objects.get(handle)
    const gaveUp = (part instanceof Quantile || part instanceof Regularity) && part.add(value)
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
      if (countsValues(aggregate)) writer.varint(this.#packed.countAt(handle, index))
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
      const times = countsValues(aggregate) ? reader.varint() : 1
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

  /** As `Entropy` tells it, from the same weights (S1). */
  #packedEntropy(handle: number): number {
    let total = 0
    let weights = 0
    for (let index = this.#packed.size(handle) - 1; index >= 0; index--) {
      total += this.#packed.countAt(handle, index)
      weights += entropyWeight(this.#packed.countAt(handle, index))
    }
    return entropyBits(total, total, weights)
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
    mergeParts(into, from)
    this.#objects.weigh(handle, into.bytes)
  }

  #leaveObject(into: number, from: number): boolean {
    if (!isKept(into)) return false
    return leaveParts(this.#objects.get(into), this.#objects.get(from))
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
  return aggregate.kind === 'distinct' || aggregate.kind === 'topShare' || aggregate.kind === 'entropy'
    ? Math.min(MAX_PACKED, aggregate.exactLimit)
    : 0
}

/** Whether it matters how often a value came, beside that it did. */
function countsValues({ kind }: Aggregate): boolean {
  return kind === 'topShare' || kind === 'entropy'
}

/** A part for one pane, or for the merge of a window, which is bounded by its panes. */
function emptyPart(aggregate: Aggregate, ofWindow: boolean): Part {
  switch (aggregate.kind) {
    case 'distinct':
      return new Distinct(aggregate.exactLimit)
    case 'nearDistinct':
      return new NearDistinct(aggregate.exactLimit)
    case 'topShare':
      return new TopShare(ofWindow ? Infinity : aggregate.exactLimit)
    case 'entropy':
      return new Entropy(ofWindow ? Infinity : aggregate.exactLimit)
    case 'quantile':
      return new Quantile(aggregate.share, aggregate.exactLimit)
    case 'regularity':
      return new Regularity(aggregate.paneMs)
    default:
      return new Enumeration(ofWindow ? Infinity : MAX_TEMPLATES)
  }
}

function decodedObject(aggregate: Aggregate, reader: ByteReader): Part {
  switch (aggregate.kind) {
    case 'distinct':
      return Distinct.decode(aggregate.exactLimit, reader)
    case 'nearDistinct':
      return NearDistinct.decode(aggregate.exactLimit, reader)
    case 'topShare':
      return TopShare.decode(aggregate.exactLimit, reader)
    case 'entropy':
      return Entropy.decode(aggregate.exactLimit, reader)
    case 'quantile':
      return Quantile.decode(aggregate.share, aggregate.exactLimit, reader)
    case 'regularity':
      return Regularity.decode(aggregate.paneMs, reader)
    default:
      return Enumeration.decode(MAX_TEMPLATES, reader)
  }
}

/** Both are of one kind: they belong to one feature. */
function mergeParts(into: Part, from: Part): void {
  if (into instanceof Distinct && from instanceof Distinct) into.merge(from)
  else if (into instanceof NearDistinct && from instanceof NearDistinct) into.merge(from)
  else if (into instanceof TopShare && from instanceof TopShare) into.merge(from)
  else if (into instanceof Entropy && from instanceof Entropy) into.merge(from)
  else if (into instanceof Quantile && from instanceof Quantile) into.merge(from)
  else if (into instanceof Regularity && from instanceof Regularity) into.merge(from)
  else if (into instanceof Enumeration && from instanceof Enumeration) into.merge(from)
}

/** False where the window's part must be merged anew. */
function leaveParts(window: Part, pane: Part): boolean {
  if (window instanceof Distinct && pane instanceof Distinct) return window.leave(pane)
  if (window instanceof NearDistinct && pane instanceof NearDistinct) return window.leave(pane)
  if (window instanceof Entropy && pane instanceof Entropy) return window.leave(pane)
  if (window instanceof Quantile && pane instanceof Quantile) return window.leave(pane)
  if (window instanceof Regularity && pane instanceof Regularity) return window.leave(pane)
  return window instanceof TopShare && pane instanceof TopShare && window.leave(pane)
}

function increasePart(part: Part, hash: number, by: number): boolean {
  if (part instanceof TopShare || part instanceof Entropy) return part.add(hash, by)
  if (part instanceof Distinct) part.gain(hash, by)
  return false
}

/** False where the part cannot tell any more. */
function decreasePart(part: Part, hash: number, by: number): boolean {
  if (part instanceof Distinct) return part.lose(hash)
  if (part instanceof TopShare || part instanceof Entropy) {
    part.take(hash, by)
    return true
  }
  return false
}
