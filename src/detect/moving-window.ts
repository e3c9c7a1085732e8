/** One key's window of one feature that does not move in panes, by sub-key. */
import type { FeatureSpec } from '../topology/model.ts'
import type { ByteWriter } from '../windows/bytes.ts'

/** How a feature lies in state. */
export interface MovingForm {
  readonly spec: FeatureSpec
  readonly label: string
  /** From which event time on nothing is missing of it. */
  readonly sinceMs: number
  /** What a cell's number counts. */
  readonly cellMs: number
  /** From a cell's end until nothing can read it any more. */
  readonly reachMs: number
  readonly maxSubKeys: number
}

/** What of an event is counted; null where it adds nothing. */
export type ItemOf<I> = (body: unknown, timeMs: number) => I | null

/** The sub-key of features that have none. */
export const WHOLE_KEY = ''

/** Where a cell lies among those of its feature. */
export interface CellPlace {
  /** A digest of the sub-key, where a cell has one alone; empty where it has the whole key. */
  readonly of: string
  readonly number: number
}

export interface MovingWindow {
  /** A rough size in memory. */
  readonly bytes: number
  /** Adds one event, as far as it has what is counted. */
  add(subKey: string, timeMs: number, body: unknown): void
  /** The figure at an event of that time; NaN where it is not known. With `asOf`, as it stood then, what is newer left out. */
  value(subKey: string, timeMs: number, asOf: boolean): number
  /** How far that value may be from the exact one, in the unit of what is kept; 0 where it is exact. */
  error(subKey: string, timeMs: number, asOf: boolean): number
  /** Lets go of what nothing can read any more. */
  dropExpired(streamTimeMs: number): void
  /** Encodes what has changed and takes it as saved; null for a cell that is no more. */
  changes(
    writer: ByteWriter,
    write: (place: CellPlace, expiresAtMs: number, cell: Buffer | null) => void,
  ): void
  restore(place: CellPlace, cell: Buffer): void
}
