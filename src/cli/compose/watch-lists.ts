/** Looks from time to time at how long the lists that conditions ask for are still known. */
import type { ListBoard } from '../../detect/list-board.ts'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../domain/logger.ts'
import { ListTerms } from '../../service/list-terms.ts'
import type { Metrics } from '../../service/metrics.ts'

const LOOK_MS = 10_000

export interface ListWatch {
  readonly lists: ListBoard
  /** The names that the topology in force declares. */
  readonly declared: () => readonly string[]
  readonly metrics: Pick<Metrics, 'listEnds'>
  readonly logger: Logger
  readonly clock: Clock
}

/** Until what it returns is called. */
export function watchLists({ lists, declared, metrics, logger, clock }: ListWatch): () => Promise<void> {
  const terms = new ListTerms(metrics.listEnds, logger)
  const look = (): void =>
    terms.look(new Map(declared().map((name) => [name, lists.endsAtMs(name)])), clock.now())
  look()
  const timer = setInterval(look, LOOK_MS).unref()
  return () => Promise.resolve(clearInterval(timer))
}
