/**
 * What one pane of a sliding window keeps: the events by the millisecond, so that a window may begin and end
 * anywhere in it.
 *
 * O1. Exact while the pane has no more than `limit` items: of totals one for each millisecond with events, of all else one for
 *     each event. Past that it is counted as a whole or not at all: a window that holds its first and its last event takes it,
 *     any other does not. Counts, sums of what is not negative, and maxima are so never told too high, minima never too low.
 * O2. Bounded: `limit` items, or one tally.
 * O3. The order in which events come changes nothing, as far as it changes nothing in the tally.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Gain, Stretch, Tallying } from './tally.ts'

/** What an encoding begins with: this where only the whole is known, else one more than its items. */
const WHOLE = 0
/** A rough size of an item in memory. */
const MOMENT_BYTES = 80

interface Moment<I> {
  readonly timeMs: number
  readonly item: I
}

export class Moments<I, T> implements Stretch<I, T> {
  readonly #tallying: Tallying<I, T>
  readonly #limit: number
  /** Ascending; null past the limit. */
  #moments: Moment<I>[] | null = []
  /** All of them together; of what is no small tally only past the limit. */
  #whole: T | null
  /** Of what counts by panes all items together, once that was asked for; null past the limit. */
  #part: T | null = null
  #firstMs = Infinity
  #lastMs = -Infinity

  constructor(tallying: Tallying<I, T>, limit: number) {
    this.#tallying = tallying
    this.#limit = limit
    this.#whole = tallying.isSmall ? tallying.open() : null
  }

  static decode<I, T>(tallying: Tallying<I, T>, limit: number, reader: ByteReader): Moments<I, T> {
    const moments = new Moments(tallying, limit)
    const marker = reader.varint()
    if (marker === WHOLE) return moments.#restoreWhole(reader)
    let timeMs = 0
    for (let left = marker - 1; left > 0; left--) {
      timeMs += reader.varint()
      moments.#restore({ timeMs, item: tallying.decodeItem(reader, timeMs) })
    }
    return moments
  }

  get exact(): boolean {
    return this.#moments !== null
  }

  get firstMs(): number {
    return this.#firstMs
  }

  get lastMs(): number {
    return this.#lastMs
  }

  get bytes(): number {
    const { bytes } = this.#tallying
    const ofWhole =
      (this.#whole === null ? 0 : bytes(this.#whole)) + (this.#part === null ? 0 : bytes(this.#part))
    return 72 + ofWhole + (this.#moments?.length ?? 0) * MOMENT_BYTES
  }

  /** The item is taken over. */
  add(timeMs: number, item: I): Gain {
    const isNewest = timeMs >= this.#lastMs
    this.#span(timeMs)
    const gain = this.#whole === null ? 'item' : this.#tallying.add(this.#whole, item)
    if (this.#moments === null) return gain
    insert(this.#moments, timeMs, item, this.#tallying)
    if (this.#moments.length > this.#limit) {
      this.#giveUpMoments(this.#moments)
      return 'anew'
    }
    return this.#tallying.following?.byPane === true ? this.#addToPart(item, isNewest) : 'item'
  }

  /** O1. */
  addTo(window: T, fromMs: number, toMs: number): void {
    if (this.#firstMs > toMs || this.#lastMs < fromMs) return
    const isWithin = this.#firstMs >= fromMs && this.#lastMs <= toMs
    const all = isWithin ? (this.#whole ?? this.#partOfAll()) : null
    if (all !== null) return this.#tallying.merge(window, all)
    const items: I[] = []
    for (const { timeMs, item } of this.#moments ?? [])
      if (timeMs >= fromMs && timeMs <= toMs) items.push(item)
    if (items.length > 0) this.#tallying.addPane(window, items)
  }

  leave(window: T, fromMs: number, toMs: number): boolean {
    const { following } = this.#tallying
    if (this.#firstMs >= toMs || this.#lastMs < fromMs) return true
    if (following === null) return false
    if (this.#moments === null)
      return this.#firstMs < fromMs || this.#whole === null || following.leave(window, this.#whole)
    if (following.byPane) {
      const isLeft = following.leave(window, this.#together(fromMs))
      if (isLeft) this.#tallying.merge(window, this.#together(toMs))
      return isLeft
    }
    for (const { timeMs, item } of this.#moments) {
      if (timeMs >= toMs) break
      if (timeMs >= fromMs && !following.take(window, item)) return false
    }
    return true
  }

  /** O1. */
  leftOut(fromMs: number, toMs: number): T | null {
    const isApart = this.#firstMs > toMs || this.#lastMs < fromMs
    const isWithin = this.#firstMs >= fromMs && this.#lastMs <= toMs
    return this.exact || isApart || isWithin ? null : this.#whole
  }

  encode(writer: ByteWriter): void {
    if (this.#moments === null) {
      writer.varint(WHOLE)
      writer.varint(this.#firstMs)
      writer.varint(this.#lastMs)
      if (this.#whole !== null) this.#tallying.encode(this.#whole, writer)
      return
    }
    writer.varint(this.#moments.length + 1)
    let beforeMs = 0
    for (const { timeMs, item } of this.#moments) {
      writer.varint(timeMs - beforeMs)
      this.#tallying.encodeItem(item, writer)
      beforeMs = timeMs
    }
  }

  #restoreWhole(reader: ByteReader): this {
    this.#moments = null
    this.#span(reader.varint())
    this.#span(reader.varint())
    this.#whole = this.#tallying.decode(reader)
    return this
  }

  #restore(moment: Moment<I>): void {
    this.#moments?.push(moment)
    this.#span(moment.timeMs)
    if (this.#whole !== null) this.#tallying.add(this.#whole, moment.item)
  }

  /** What comes before others decides which of these count. */
  #addToPart(item: I, isNewest: boolean): Gain {
    if (isNewest && this.#part !== null) return this.#tallying.add(this.#part, item)
    this.#part = null
    return 'anew'
  }

  #partOfAll(): T | null {
    if (this.#tallying.following?.byPane !== true) return null
    return (this.#part ??= this.#together(-Infinity))
  }

  /** The items from that time on as one tally. */
  #together(fromMs: number): T {
    const tally = this.#tallying.open()
    for (const { timeMs, item } of this.#moments ?? []) if (timeMs >= fromMs) this.#tallying.add(tally, item)
    return tally
  }

  #giveUpMoments(moments: readonly Moment<I>[]): void {
    this.#moments = null
    this.#part = null
    if (this.#whole !== null) return
    const whole = this.#tallying.open()
    for (const { item } of moments) this.#tallying.add(whole, item)
    this.#whole = whole
  }

  #span(timeMs: number): void {
    if (timeMs < this.#firstMs) this.#firstMs = timeMs
    if (timeMs > this.#lastMs) this.#lastMs = timeMs
  }
}

/** Puts an item in its place, nearly always the last, or makes it one with another of its millisecond. */
function insert<I, T>(moments: Moment<I>[], timeMs: number, item: I, { join }: Tallying<I, T>): void {
  let at = moments.length
  while (at > 0 && (moments[at - 1]?.timeMs ?? 0) > timeMs) at--
  const known = moments[at - 1]
  if (known?.timeMs === timeMs && join(known.item, item)) return
  moments.splice(at, 0, { timeMs, item })
}
