/**
 * What a group's notes say of owners that died over a partition (P8), behind the name of the commit in the metadata
 * of the group's offsets: `<epoch>.<sequence>` in peace, `<epoch>.<sequence>.<begun>.<at>.<offset>.<deaths>`
 * otherwise, with `-` where no record is suspected. What others have written there says nothing.
 */
import type { GroupPosition } from './log.ts'

/** Owners that may die over a record before it is set aside. */
export const MOST_DEATHS = 3

/**
 * How an owner began to work where it stood; the note goes when it has moved on or lets go in order.
 * Whoever finds it knows that its owner did neither.
 */
export const BEGUN = { not: 0, beside: 1, alone: 2 } as const
export type Begun = (typeof BEGUN)[keyof typeof BEGUN]

/** A record that owners died over, and how many; in a note, whoever wrote it counts too until it takes it back. */
export interface Suspicion {
  readonly offset: number
  readonly deaths: number
}

/** What is noted of one source of the partition; without begin and suspicion, by one who works record by record since then. */
export interface DeathNote {
  readonly begun: Begun
  /** Where the source stood then. */
  readonly at: number
  readonly suspicion: Suspicion | null
}

/** `carefully`: whoever notes it works record by record, and says since where. */
export function noteText(commit: string, { begun, at, suspicion }: DeathNote, carefully = false): string {
  if (begun === BEGUN.not && suspicion === null && !carefully) return commit
  const { offset, deaths } = suspicion ?? { offset: '-', deaths: 0 }
  return [commit, begun, at, offset, deaths].join('.')
}

/** The name of the commit that a note begins with. */
export function commitOf(metadata: string): string {
  return /^\d+\.\d+/.exec(metadata)?.[0] ?? '0.0'
}

/** What the group's note of a source says of deaths; null where it says nothing. */
export function deathNote(noted: GroupPosition | undefined): DeathNote | null {
  const [, begun, at, offset, deaths] = NOTE.exec(noted?.metadata ?? '') ?? []
  if (begun === undefined) return null
  const suspicion = offset === '-' ? null : { offset: Number(offset), deaths: Number(deaths) }
  return { begun: begunFrom(begun), at: Number(at), suspicion }
}

const NOTE = /^\d+\.\d+\.([012])\.(\d+)\.(\d+|-)\.(\d+)$/

function begunFrom(text: string): Begun {
  if (text === '2') return BEGUN.alone
  return text === '1' ? BEGUN.beside : BEGUN.not
}
