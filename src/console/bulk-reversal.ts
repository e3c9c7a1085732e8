/**
 * Which sanctions a bulk reversal undoes: those of one detector and version, or of one decider, within a time.
 *
 * B1. A sanction of the gravest clauses names no detector (P9): it is known by the signals that it rests on.
 * B2. A strike that was withdrawn is left out, whichever of its records that was said of, so that a second run has
 *     nothing to do. One that a graver strike took over is not: it would come back with that one's reversal.
 * B3. Of the log only what is meant is held in memory.
 */
import { isWithdrawal, strikeKey, type Sanction } from '../domain/sanction.ts'
import type { Signal } from '../domain/signal.ts'
import type { Each } from '../domain/each.ts'

export interface ReversalFilter {
  readonly by:
    { readonly detectorId: string; readonly detectorVersion: number | null } | { readonly decidedBy: string }
  readonly fromMs: number
  /** Not included. */
  readonly toMs: number
}

/** Ids of the detector's signals: what B1 needs. */
export async function signalsOf(
  signals: Each<Pick<Signal, 'id' | 'detectorId' | 'detectorVersion'>>,
  detectorId: string,
  detectorVersion: number | null,
): Promise<ReadonlySet<string>> {
  const own = new Set<string>()
  for await (const one of signals) {
    if (one.detectorId !== detectorId) continue
    if (detectorVersion === null || one.detectorVersion === detectorVersion) own.add(one.id)
  }
  return own
}

/** Oldest first; each strike once, by its latest record, which takes the others with it. `log` in its own order. */
export async function sanctionsToReverse(
  log: Each<Sanction>,
  filter: ReversalFilter,
  signalIds: ReadonlySet<string>,
): Promise<readonly Sanction[]> {
  const byStrike = new Map<string, Meant>()
  for await (const one of log) {
    const key = strikeKey(one)
    if (one.endsSanctionId !== null) end(byStrike, key, one)
    else if (isMeant(one, filter, signalIds)) byStrike.set(key, { sanction: one, over: false })
  }
  const meant = [...byStrike.values()].map(({ sanction }) => sanction)
  return meant.sort((a, b) => a.issuedAtMs - b.issuedAtMs || (a.id < b.id ? -1 : 1))
}

interface Meant {
  readonly sanction: Sanction
  /** Lifted: what a graver strike takes over then never comes back. */
  readonly over: boolean
}

function end(byStrike: Map<string, Meant>, key: string, by: Sanction): void {
  const meant = byStrike.get(key)
  if (meant === undefined) return
  if (isWithdrawal(by) || (by.act === 'reversal' && meant.over)) byStrike.delete(key)
  else if (by.act === 'lifting' && by.endsSanctionId === meant.sanction.id)
    byStrike.set(key, { ...meant, over: true })
}

function isMeant(sanction: Sanction, filter: ReversalFilter, signalIds: ReadonlySet<string>): boolean {
  const { issuedAtMs } = sanction
  const within = issuedAtMs >= filter.fromMs && issuedAtMs < filter.toMs
  return within && isBy(sanction, filter, signalIds)
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
