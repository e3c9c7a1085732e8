/**
 * The stretch between where a task begins and the group's own note, when its store was set back or lost: records
 * that have been processed before, and whose outputs stand in the log (see noted.ts). State is rebuilt from them.
 *
 * B1. Nothing behind the note is processed before every source has reached its own: no state is half rebuilt
 *     when the first new record is judged.
 * B2. Compacted sources come first, whatever their times: the newest record of an account may be younger than
 *     the conduct that it must be judged by. They move no time while doing so.
 * B3. Until the end of the stretch nothing leaves: what the log already tells is folded (A3), and what it does not
 *     tell is counted, never published. Wall timers wait, for they would decide on half of the facts.
 */
import { nextSource } from './merge.ts'
import type { QueueItem, SourceQueue } from './source-queue.ts'

/** A source that has not reached its note: records before `target` are to be taken, up to `takenTo` they are. */
interface Behind<E> {
  readonly queue: SourceQueue<E>
  readonly target: number
  takenTo: number
}

export class Rebuild<E> {
  #behind: Behind<E>[]
  #eligible: readonly Behind<E>[] = []
  #processing: readonly Behind<E>[]

  /** `targets`: the group's note by topic, no further than the log reaches. */
  constructor(queues: readonly SourceQueue<E>[], targets: ReadonlyMap<string, number>) {
    this.#behind = queues.flatMap((queue) => {
      const { position, topic } = queue
      const target = targets.get(topic) ?? 0
      return position < target ? [{ queue, target, takenTo: position }] : []
    })
    this.#processing = this.#behind
    this.#choose()
  }

  /** Whether records before the note are still to be taken. */
  get taking(): boolean {
    if (this.#eligible.some(isThere)) this.#choose()
    return this.#behind.length > 0
  }

  /** Whether records before the note are still to be processed. */
  get active(): boolean {
    if (this.#processing.length === 0) return false
    if (this.taking || this.#processing.some(({ queue, takenTo }) => queue.position < takenTo)) return true
    this.#processing = []
    return false
  }

  /** The offset of the source from which on nothing may have been processed before: where it stands, but for those behind. */
  targetOf(queue: SourceQueue<E>): number {
    return this.#behind.find((one) => one.queue === queue)?.target ?? queue.position
  }

  /** While `taking`, the next record before the note (B1, B2); null until all that could be next have been fetched. */
  take(): QueueItem<E> | null {
    const queues = this.#eligible.map(({ queue }) => queue)
    if (queues.some((queue) => queue.length === 0)) return null
    const from = nextSource(queues)
    const item = from?.take()
    const behind = this.#eligible.find(({ queue }) => queue === from)
    if (item === undefined || behind === undefined) return null
    behind.takenTo = item.next
    return item
  }

  #choose(): void {
    this.#behind = this.#behind.filter((one) => !isThere(one))
    const compacted = this.#behind.filter(({ queue }) => queue.source.compacted)
    this.#eligible = compacted.length > 0 ? compacted : this.#behind
  }
}

/**
 * Whether nothing before the note is left. The note may lie behind offsets that hold no record: what comes next then
 * leads past it, and has been processed by nobody.
 */
function isThere<E>({ queue, target, takenTo }: Behind<E>): boolean {
  if (takenTo >= target) return true
  const next = queue.peek()
  if (next === undefined) return queue.nextOffset >= target && !queue.waiting
  return next.kind !== 'skipped' && next.record.offset >= target
}
