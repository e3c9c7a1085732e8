/**
 * What a pane keeps of a feature that is more than a few numbers, and what the merge of a window's panes keeps.
 *
 * A1. Merging panes in any order and grouping gives one value: a window that was merged once and then fed event
 *     by event has the value that its panes would give again (P5). Where a pane has had to give values up to
 *     stay bounded, `add` says so, and the window is merged anew. Taking a merged pane out again gives what the
 *     other panes would have given.
 * A2. Decode after encode gives what was encoded.
 * A3. A pane's part is bounded (`Pane` kind); a window's is bounded by its panes.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

export interface Accumulator<A> {
  /** The feature's number; NaN where too little is known. */
  value(): number
  merge(other: A): void
  /** Takes a merged part out again; false where that cannot be done, and the rest must be merged anew. */
  leave(other: A): boolean
  encode(writer: ByteWriter): void
}

export type Decode<A> = (reader: ByteReader) => A
