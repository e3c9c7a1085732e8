/**
 * What a group's notes tell of owners that died over a partition (P8). Whoever begins to work notes so, once; who
 * has moved on or lets go in order takes the note back. Where two in a row began at one position and neither did,
 * the work is done record by record from then on, each noted before, so that the next death points at one record.
 * At the third such death it is set aside.
 *
 * The note stands behind the name of the last commit in the metadata of the group's offsets: `<epoch>.<sequence>`
 * in peace, `<epoch>.<sequence>.<begun>.<offset under work>.<deaths over it>` otherwise.
 */
import type { GroupPosition } from './log.ts'

/** Owners that may die over a record before it is set aside. */
export const MOST_DEATHS = 3
/** Owners that may end at one position before each record is noted: one may have been killed for any reason. */
const MOST_BEGUN = 2

/** What is known of one source partition at its acquire. */
export interface Suspicion {
  /** Owners that began at this very position and neither moved on nor let go in order. */
  readonly begun: number
  /** The record that somebody died over, and how often; null where none is known. */
  readonly under: { readonly offset: number; readonly deaths: number } | null
}

export const UNSUSPECTED: Suspicion = { begun: 0, under: null }

/** The name of the commit that a note begins with: `<epoch>.<sequence>`. */
export function commitPart(metadata: string): string {
  const [epoch = '', sequence = ''] = metadata.split('.')
  return /^\d+$/.test(epoch) && /^\d+$/.test(sequence) ? `${epoch}.${sequence}` : '0.0'
}

export function noteOf(commit: string, { begun, under }: Suspicion): string {
  return `${commit}.${begun}.${under === null ? '-' : under.offset}.${under?.deaths ?? 0}`
}

/** What the group's note says of a source that now stands at `position`. */
export function suspicionOf(noted: GroupPosition | undefined, position: number): Suspicion {
  const [, , begun, offset, deaths] = (noted?.metadata ?? '').split('.')
  if (noted === undefined || begun === undefined) return UNSUSPECTED
  const under = offset !== '-' && Number(offset) === position
  return {
    begun: noted.offset === position ? Number(begun) : 0,
    under: under ? { offset: position, deaths: Number(deaths) + 1 } : null,
  }
}

export function isSuspected({ begun, under }: Suspicion): boolean {
  return begun >= MOST_BEGUN || under !== null
}
