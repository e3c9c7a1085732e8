/**
 * What the group is told of a task: how far it has come, and by which commit.
 *
 * N1. The group's note never passes a record whose outputs do not stand in the log yet. So a successor that finds
 *     the store set back or lost knows that everything before the note was said, and says it to nobody again.
 */
import type { GroupPosition } from './log.ts'
import type { CommitName } from './outbox.ts'
import type { CommittedPosition } from './partition-worker.ts'

/** The group's own note: the commit that it tells of, and where each source stood then. */
export interface NotedCommit extends CommitName {
  readonly offsets: ReadonlyMap<string, number>
}

type Positions = readonly Pick<CommittedPosition, 'topic' | 'offset'>[]

export class NotedPositions {
  #drafted: { readonly sequence: number; readonly positions: Positions }[] = []
  #noted: readonly CommittedPosition[] = []

  /** The commit with this sequence holds these positions. */
  drafted(sequence: number, positions: Positions): void {
    this.#drafted.push({ sequence, positions })
  }

  /** The positions of the newest commit up to `sequence`, all of which has been published. */
  upTo(epoch: number, sequence: number): readonly CommittedPosition[] {
    const known = this.#drafted.findLast((draft) => draft.sequence <= sequence)
    if (known === undefined) return this.#noted
    this.#drafted = this.#drafted.filter((draft) => draft.sequence > sequence)
    this.#noted = known.positions.map((at) => ({ ...at, epoch, sequence: known.sequence }))
    return this.#noted
  }
}

/** The group's note; null where there is none, and for positions that another tool has set. */
export function notedCommit(committed: readonly GroupPosition[]): NotedCommit | null {
  const ours = committed.flatMap(({ topic, offset, metadata }) => {
    const [epoch = 0, sequence = 0] = metadata.split('.').map(Number)
    return sequence > 0 ? [{ topic, offset, epoch, sequence }] : []
  })
  const newest = ours.reduce<(typeof ours)[number] | null>(
    (best, one) => (best === null || one.sequence > best.sequence ? one : best),
    null,
  )
  if (newest === null) return null
  const offsets = new Map(ours.map(({ topic, offset }) => [topic, offset]))
  return { epoch: newest.epoch, sequence: newest.sequence, offsets }
}
