/**
 * What every window keeps per pane, and merged over its live panes.
 *
 * Laws, held by a property test for every kind: merging panes in any grouping gives the same value as adding all
 * their items to one; decode after encode gives the same value.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'

export interface Accumulator<A> {
  /** The feature's number; NaN where too little is known. */
  value(): number
  merge(other: A): void
  encode(writer: ByteWriter): void
  /** A rough size in memory. */
  bytes(): number
}

export type Decode<A> = (reader: ByteReader) => A
