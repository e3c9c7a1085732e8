/** One source of a partition, and what the group's note of it says of owners before (death-watch.ts). */
import { BEGUN, commitOf, deathNote, type Begun, type Suspicion } from './death-notes.ts'
import type { GroupPosition } from './log.ts'
import type { PartitionWorker } from './partition-worker.ts'

export interface WatchedSource {
  readonly topic: string
  /** The group's note of where the source stood, as it was found: offset and name of the commit. */
  readonly noted: { readonly offset: number; readonly commit: string }
  /** Where the source stood when we began, or the first of those who worked record by record (V7) ... */
  from: number
  /** ... and how an owner had begun where we stand that never moved on. */
  readonly begun: Begun
  readonly suspicion: Suspicion | null
}

/** The source as the worker stands in it, and what the group's note of it says. */
export function watchedSource(
  topic: string,
  worker: PartitionWorker,
  committed: readonly GroupPosition[],
): WatchedSource {
  const noted = committed.find((position) => position.topic === topic)
  const note = deathNote(noted)
  const start = worker.position(topic)
  const suspicion = note?.suspicion ?? null
  const careful = committed.some((one) => (deathNote(one)?.suspicion ?? null) !== null)
  return {
    topic,
    noted: { offset: noted?.offset ?? start, commit: commitOf(noted?.metadata ?? '') },
    from: careful ? Math.min(start, note?.at ?? start) : start,
    begun: note?.at === start ? note.begun : BEGUN.not,
    suspicion: suspicion !== null && suspicion.offset >= start ? suspicion : null,
  }
}

/** Progress of one source is progress. */
export function begunHere(sources: readonly WatchedSource[]): Begun {
  return sources
    .map(({ begun }) => begun)
    .reduce((least, begun) => (begun < least ? begun : least), BEGUN.alone)
}
