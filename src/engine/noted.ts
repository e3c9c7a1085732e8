/**
 * What the group is told of a task: how far it has come, and by which commit.
 *
 * N1. The group's note never passes a record whose outputs do not stand in the log yet. So a successor that finds
 *     the store set back or lost knows that everything before the note was said, and says it to nobody again.
 * N2. It never goes back: commits of a rebuild, which hold less than the lost state did, are not noted.
 */
import type { GroupPosition } from './log.ts'
import type { CommitName } from './outbox.ts'
import type { CommittedPosition } from './partition-worker.ts'

/** The group's own note: the commit that it tells of, and where each source stood then. */
export interface NotedCommit extends CommitName {
  readonly offsets: ReadonlyMap<string, number>
}

type Positions = readonly Pick<CommittedPosition, 'topic' | 'offset'>[]

/** Where the sources stand. */
interface SourceProgress {
  readonly queues: readonly { readonly topic: string; readonly position: number }[]
  readonly rebuilding: boolean
}

export class NotedPositions {
  readonly #sources: SourceProgress
  #drafted: { readonly sequence: number; readonly positions: Positions }[] = []
  #noted: readonly CommittedPosition[] = []

  /**
   * `acquired`: the commit that was taken over, 0 where there was none. Whoever made it may have died before it could
   * tell how far it had come, and all of it has been published by now.
   */
  constructor(sources: SourceProgress, acquired: number) {
    this.#sources = sources
    if (acquired > 0) this.drafted(acquired)
  }

  /** The commit with this sequence holds where the sources stand now. */
  drafted(sequence: number): void {
    if (this.#sources.rebuilding) return
    const positions = this.#sources.queues.map(({ topic, position }) => ({ topic, offset: position }))
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
