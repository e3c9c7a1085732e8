/** How a worker goes about records of which one may kill it: each is announced before it is touched (P8). */
import type { Rejection, SourceRecord } from './record.ts'

export interface Care {
  /** Whether so many owners died over the record that it is set aside unread. */
  condemned(record: SourceRecord): boolean
  /** Resolves when the group's note names the record, and it alone, as under work. */
  take(record: SourceRecord): Promise<void>
  /** Resolves when the group's note names none: whoever dies now dies over nothing that is known. */
  release(): Promise<void>
}

export const CRASH: Rejection = {
  stage: 'process',
  reason: 'crash',
  detail: 'owner after owner died over this record while it worked on nothing else',
}
