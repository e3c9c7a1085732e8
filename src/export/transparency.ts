/** Counts for a transparency report: measures by clause, act and automation; how they ended; appeals and their outcome. */
import type { Appeal, Decision, ReviewCase } from '../domain/case.ts'
import { isWithdrawal, strikeKey, type Sanction, type SanctionAct } from '../domain/sanction.ts'

export interface MeasureCount {
  readonly clause: string
  readonly act: SanctionAct
  readonly automated: boolean
  readonly count: number
  readonly reversed: number
}

export interface TransparencyCounts {
  readonly measures: readonly MeasureCount[]
  readonly appeals: {
    readonly submitted: number
    readonly granted: number
    readonly refused: number
    readonly open: number
    /** From the appeal to the decision; null where none was decided. */
    readonly medianHours: number | null
  }
}

export interface TransparencyRecords {
  readonly sanctions: readonly Sanction[]
  readonly appeals: readonly Appeal[]
  readonly reviews: readonly ReviewCase[]
  readonly decisions: readonly Decision[]
}

/** Of what was issued or submitted within the time; `toMs` is not included. */
export function transparencyCounts(
  records: TransparencyRecords,
  fromMs: number,
  toMs: number,
): TransparencyCounts {
  const within = (timeMs: number): boolean => timeMs >= fromMs && timeMs < toMs
  const reversed = new Set(
    records.sanctions.filter(({ act }) => act === 'reversal').map((one) => one.endsSanctionId),
  )
  const issued = records.sanctions.filter((one) => one.endsSanctionId === null && within(one.issuedAtMs))
  const appeals = records.appeals.filter((one) => within(one.submittedAtMs))
  return { measures: measuresOf(issued, reversed), appeals: appealsOf(appeals, records) }
}

function measuresOf(
  issued: readonly Sanction[],
  reversed: ReadonlySet<string | null>,
): readonly MeasureCount[] {
  const counts = new Map<string, MeasureCount>()
  for (const { id, clause, act, automated } of issued) {
    const key = JSON.stringify([clause, act, automated])
    const before = counts.get(key) ?? { clause, act, automated, count: 0, reversed: 0 }
    const undone = reversed.has(id) ? 1 : 0
    counts.set(key, { ...before, count: before.count + 1, reversed: before.reversed + undone })
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count)
}

function appealsOf(appeals: readonly Appeal[], records: TransparencyRecords): TransparencyCounts['appeals'] {
  const strikes = new Map(records.sanctions.map((one) => [one.id, strikeKey(one)]))
  const withdrawn = Map.groupBy(records.sanctions.filter(isWithdrawal), strikeKey)
  const outcomes = appeals.map(
    (appeal) =>
      grantedAs(appeal, withdrawn.get(strikes.get(appeal.sanctionId) ?? '')) ?? refusedAs(appeal, records),
  )
  const granted = outcomes.filter((one) => one?.granted === true).length
  const decided = outcomes.filter((one) => one !== null)
  return {
    submitted: appeals.length,
    granted,
    refused: decided.length - granted,
    open: appeals.length - decided.length,
    medianHours: median(decided.map(({ afterMs }) => afterMs / 3_600_000)),
  }
}

interface AppealOutcome {
  readonly granted: boolean
  readonly afterMs: number
}

/** Whatever people call it: the appeal has what it asks for when the strike is withdrawn after it. */
function grantedAs({ submittedAtMs }: Appeal, withdrawals: readonly Sanction[] = []): AppealOutcome | null {
  const first = withdrawals.find(({ issuedAtMs }) => issuedAtMs >= submittedAtMs)
  return first === undefined ? null : { granted: true, afterMs: first.issuedAtMs - submittedAtMs }
}

/** Null while it is open. */
function refusedAs(appeal: Appeal, { reviews, decisions }: TransparencyRecords): AppealOutcome | null {
  const closed = reviews.find(
    (one) => one.reason === 'appeal' && one.sanctionId === appeal.sanctionId && one.status === 'closed',
  )
  const decision = decisions.find(({ caseId }) => closed !== undefined && caseId === closed.id)
  return decision === undefined
    ? null
    : { granted: false, afterMs: decision.decidedAtMs - appeal.submittedAtMs }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
