/**
 * Which sanctions a bulk reversal undoes: those of one detector and version, or of one decider, within a time.
 *
 * B1. A sanction of the gravest clauses names no detector (P9): it is known by the signals that it rests on.
 * B2. What was reversed is left out, so that a second run has nothing to do.
 */
import type { Sanction } from '../domain/sanction.ts'
import type { Signal } from '../domain/signal.ts'

export interface ReversalFilter {
  readonly by:
    { readonly detectorId: string; readonly detectorVersion: number | null } | { readonly decidedBy: string }
  readonly fromMs: number
  /** Not included. */
  readonly toMs: number
}

/** Ids of the detector's signals: what B1 needs. */
export function signalsOf(
  signals: readonly Pick<Signal, 'id' | 'detectorId' | 'detectorVersion'>[],
  detectorId: string,
  detectorVersion: number | null,
): ReadonlySet<string> {
  const own = signals.filter(
    (one) =>
      one.detectorId === detectorId && (detectorVersion === null || one.detectorVersion === detectorVersion),
  )
  return new Set(own.map(({ id }) => id))
}

/** Oldest first; each strike once, by its latest record, which takes the others with it. */
export function sanctionsToReverse(
  log: readonly Sanction[],
  filter: ReversalFilter,
  signalIds: ReadonlySet<string>,
): readonly Sanction[] {
  const reversed = new Set(log.filter(({ act }) => act === 'reversal').map((one) => one.endsSanctionId))
  const meant = log.filter(
    (one) =>
      one.endsSanctionId === null &&
      !reversed.has(one.id) &&
      one.issuedAtMs >= filter.fromMs &&
      one.issuedAtMs < filter.toMs &&
      isBy(one, filter, signalIds),
  )
  const byStrike = new Map(meant.map((one) => [strikeOf(one), one]))
  return [...byStrike.values()].sort((a, b) => a.issuedAtMs - b.issuedAtMs || (a.id < b.id ? -1 : 1))
}

function strikeOf({ accountId, clause, strikeOrdinal }: Sanction): string {
  return JSON.stringify([accountId, clause, strikeOrdinal])
}

function isBy(sanction: Sanction, { by }: ReversalFilter, signalIds: ReadonlySet<string>): boolean {
  if ('decidedBy' in by) return sanction.decidedBy.includes(by.decidedBy)
  if (sanction.signalIds.some((id) => signalIds.has(id))) return true
  const { detectorId, detectorVersion } = by
  return (
    sanction.detectorId === detectorId &&
    (detectorVersion === null || sanction.detectorVersion === detectorVersion)
  )
}

/** How many of each act: what somebody wants to know before. */
export function countsByAct(sanctions: readonly Sanction[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { act } of sanctions) counts[act] = (counts[act] ?? 0) + 1
  return counts
}
