/**
 * What is kept of the events that a feature counts in a stretch of a moving window: in a session, in a sliding window, in a
 * pane of one. A tally is a few numbers (`totals.ts`) or an accumulator of panes (`accumulator.ts`).
 *
 * Y1. Merging in any order and grouping gives one value, as far as nothing was given up to stay bounded.
 * Y2. How far a value may be off is told for what a tally gave up, and for what was left out beside it.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

/**
 * What an item that a pane has taken means to a window that has all of the pane: it has the item too; it has it by that pane
 * already; or the pane gave up what it had, and the window has to be merged anew.
 */
export type Gain = 'item' | 'nothing' | 'anew'

/** How a merged window follows its panes item by item, so that reading it does not merge them all. */
export interface Following<I, T> {
  /** Whether it is the items of a pane together, in the order of time, that decide which of them count. */
  readonly byPane: boolean
  /** One of its panes has the item. */
  readonly gain: (window: T, item: I) => void
  /** One of its panes had the item; false where that cannot be taken out again. */
  readonly take: (window: T, item: I) => boolean
  /** A merged pane is no part of it any more; false where that cannot be taken out again. */
  readonly leave: (window: T, pane: T) => boolean
}

/** How a feature's tallies are handled: `T` of many events, `I` what of one event is kept where it is told apart. */
export interface Tallying<I, T> {
  /** Whether a tally is no more than a few numbers, and merging one costs no more than adding an item. */
  readonly isSmall: boolean
  /** An empty one, which stays bounded however much is added or merged. */
  readonly open: () => T
  /** An empty one for the merge of a window, which its panes bound. */
  readonly openWindow: () => T
  readonly add: (tally: T, item: I) => Gain
  /** Adds to a window what one of its panes has, in the order of time. */
  readonly addPane: (window: T, items: readonly I[]) => void
  readonly merge: (into: T, from: T) => void
  /** Null where a window is merged anew for each reading. */
  readonly following: Following<I, T> | null
  /** Makes the first item both, which are of one millisecond; false where they are kept apart. */
  readonly join: (known: I, item: I) => boolean
  /** The figure, of a stretch of that length; NaN where too little is known. */
  readonly value: (tally: T, lengthMs: number) => number
  /**
   * How far the figure may be from the exact one, in its own unit, where any part of `left` may belong to it too; 0 where it is
   * exact. A standard error for different values, and the most for all else.
   */
  readonly error: (tally: T, left: T | null) => number
  /** A rough size in memory. */
  readonly bytes: (tally: T) => number
  readonly encode: (tally: T, writer: ByteWriter) => void
  readonly decode: (reader: ByteReader) => T
  readonly encodeItem: (item: I, writer: ByteWriter) => void
  /** `timeMs`: when its event was. */
  readonly decodeItem: (reader: ByteReader, timeMs: number) => I
}

/** What a pane of a sliding window keeps, so that a window may begin and end anywhere in it. */
export interface Stretch<I, T> {
  /** The times of the oldest and the newest event. */
  readonly firstMs: number
  readonly lastMs: number
  /** Whether any window is told exactly. */
  readonly exact: boolean
  /** A rough size in memory. */
  readonly bytes: number
  add(timeMs: number, item: I): Gain
  /** Adds what lies from `fromMs` to `toMs`, both inclusive. */
  addTo(window: T, fromMs: number, toMs: number): void
  /**
   * Takes out of a merged window what is no part of it once it begins at `toMs` in the place of `fromMs`; false where that cannot
   * be done.
   */
  leave(window: T, fromMs: number, toMs: number): boolean
  /** All that such a window leaves out though it may hold some of it; null where it is told exactly. */
  leftOut(fromMs: number, toMs: number): T | null
  encode(writer: ByteWriter): void
}

/** How a feature is kept over a sliding window. */
export interface Sliding<I, T> {
  readonly openPane: () => Stretch<I, T>
  readonly decodePane: (reader: ByteReader) => Stretch<I, T>
  /** An empty tally for the window that ends then. */
  readonly openWindow: (endMs: number) => T
  readonly merge: (into: T, from: T) => void
  /** Null where a window is merged anew for each reading. */
  readonly following: Following<I, T> | null
  readonly value: (window: T) => number
  /** A rough size in memory. */
  readonly bytes: (window: T) => number
  readonly error: (window: T, left: T | null) => number
}
