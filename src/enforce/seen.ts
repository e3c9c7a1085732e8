/**
 * Which signals were judged: the latest by event time, and a mark below which all count as judged. Bounded, and
 * no replay gets past it (D1).
 */
import { MOST, type AccountStanding, type SeenSignal } from './account-standing.ts'

interface Marks {
  readonly judged?: boolean
  readonly preserved?: boolean
  /** The time is a guess from the log; a better one is kept, and a better one replaces it. */
  readonly known?: boolean
}

export function seen(
  standing: AccountStanding,
  id: string,
  occurredAtMs: number,
  marks: Marks,
): AccountStanding {
  const before = standing.seen.find((one) => one.id === id)
  const entry: SeenSignal = {
    id,
    occurredAtMs: marks.known === true && before !== undefined ? before.occurredAtMs : occurredAtMs,
    judged: marks.judged === true || before?.judged === true,
    preserved: marks.preserved === true || before?.preserved === true,
  }
  if (before !== undefined && same(before, entry)) return standing
  return bounded(standing, [...standing.seen.filter((one) => one.id !== id), entry])
}

function same(a: SeenSignal, b: SeenSignal): boolean {
  return a.occurredAtMs === b.occurredAtMs && a.judged === b.judged && a.preserved === b.preserved
}

function bounded(standing: AccountStanding, signals: readonly SeenSignal[]): AccountStanding {
  const ordered = [...signals].sort((a, b) => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : 1))
  const forgotten = ordered.slice(0, Math.max(0, ordered.length - MOST.seen))
  const seenUntilMs = Math.max(standing.seenUntilMs, forgotten.at(-1)?.occurredAtMs ?? 0)
  return { ...standing, seen: ordered.slice(forgotten.length), seenUntilMs }
}
