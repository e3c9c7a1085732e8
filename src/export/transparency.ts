/**
 * Counts for a transparency report: measures by clause, act and automation; how they ended; appeals and their outcome.
 *
 * C1. Sanctions, reviews and decisions are read once, in this order, and not kept: of a measure of the time remain its id and what
 *     it counts as, of all else what bears on an appeal of the time.
 */
import type { Appeal, Decision, ReviewCase } from '../domain/case.ts'
import type { Each } from '../domain/each.ts'
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

/** All but the appeals in the order of their logs, which is order within each account. */
export interface TransparencyRecords {
  readonly sanctions: Each<Sanction>
  readonly appeals: readonly Appeal[]
  readonly reviews: Each<ReviewCase>
  readonly decisions: Each<Decision>
}

/** Of what was issued or submitted within the time; `toMs` is not included. */
export async function transparencyCounts(
  records: TransparencyRecords,
  fromMs: number,
  toMs: number,
): Promise<TransparencyCounts> {
  const within = (timeMs: number): boolean => timeMs >= fromMs && timeMs < toMs
  const measures = new Measures()
  const appeals = new Appeals(records.appeals.filter((one) => within(one.submittedAtMs)))
  for await (const sanction of records.sanctions) {
    if (sanction.endsSanctionId === null && within(sanction.issuedAtMs)) measures.issued(sanction)
    else if (sanction.act === 'reversal') measures.reversed(sanction.endsSanctionId)
    appeals.sanctioned(sanction)
  }
  for await (const review of records.reviews) appeals.reviewed(review)
  for await (const decision of records.decisions) appeals.decided(decision)
  return { measures: measures.counts(), appeals: appeals.counts() }
}

class Measures {
  readonly #counts = new Map<string, MeasureCount>()
  /** What each measure that stands counts as. */
  readonly #kinds = new Map<string, string>()

  issued({ id, clause, act, automated }: Sanction): void {
    const kind = JSON.stringify([clause, act, automated])
    const before = this.#counts.get(kind) ?? { clause, act, automated, count: 0, reversed: 0 }
    this.#counts.set(kind, { ...before, count: before.count + 1 })
    this.#kinds.set(id, kind)
  }

  /** Once, however often it is said; one of another time is not counted. */
  reversed(sanctionId: string | null): void {
    const kind = this.#kinds.get(sanctionId ?? '')
    const before = this.#counts.get(kind ?? '')
    if (sanctionId === null || kind === undefined || before === undefined) return
    this.#counts.set(kind, { ...before, reversed: before.reversed + 1 })
    this.#kinds.delete(sanctionId)
  }

  counts(): readonly MeasureCount[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count)
  }
}

class Appeals {
  readonly #appeals: readonly Appeal[]
  readonly #sanctionIds: ReadonlySet<string | null>
  /** By the sanction that is appealed. */
  readonly #strikes = new Map<string, string>()
  /** When strikes were withdrawn that are appealed, in order. */
  readonly #withdrawnAtMs = new Map<string, number[]>()
  /** The case that closed, by the sanction that is appealed. */
  readonly #closed = new Map<string, string>()
  /** When each of these cases was decided first; Infinity before it is known. */
  readonly #decidedAtMs = new Map<string, number>()

  constructor(appeals: readonly Appeal[]) {
    this.#appeals = appeals
    this.#sanctionIds = new Set(appeals.map(({ sanctionId }) => sanctionId))
  }

  sanctioned(sanction: Sanction): void {
    const strike = strikeKey(sanction)
    if (this.#sanctionIds.has(sanction.id)) {
      this.#strikes.set(sanction.id, strike)
      if (!this.#withdrawnAtMs.has(strike)) this.#withdrawnAtMs.set(strike, [])
    }
    if (isWithdrawal(sanction)) this.#withdrawnAtMs.get(strike)?.push(sanction.issuedAtMs)
  }

  reviewed({ id, reason, sanctionId, status }: ReviewCase): void {
    if (reason !== 'appeal' || status !== 'closed' || sanctionId === null) return
    if (!this.#sanctionIds.has(sanctionId) || this.#closed.has(sanctionId)) return
    this.#closed.set(sanctionId, id)
    this.#decidedAtMs.set(id, Infinity)
  }

  decided({ caseId, decidedAtMs }: Decision): void {
    if (caseId !== null && this.#decidedAtMs.get(caseId) === Infinity)
      this.#decidedAtMs.set(caseId, decidedAtMs)
  }

  counts(): TransparencyCounts['appeals'] {
    const outcomes = this.#appeals.map((appeal) => this.#granted(appeal) ?? this.#refused(appeal))
    const granted = outcomes.filter((one) => one?.granted === true).length
    const decided = outcomes.filter((one) => one !== null)
    return {
      submitted: this.#appeals.length,
      granted,
      refused: decided.length - granted,
      open: this.#appeals.length - decided.length,
      medianHours: median(decided.map(({ afterMs }) => afterMs / 3_600_000)),
    }
  }

  /** Whatever people call it: the appeal has what it asks for when the strike is withdrawn after it. */
  #granted({ sanctionId, submittedAtMs }: Appeal): AppealOutcome | null {
    const withdrawnAtMs = this.#withdrawnAtMs.get(this.#strikes.get(sanctionId) ?? '')
    const first = withdrawnAtMs?.find((atMs) => atMs >= submittedAtMs)
    return first === undefined ? null : { granted: true, afterMs: first - submittedAtMs }
  }

  /** Null while it is open. */
  #refused({ sanctionId, submittedAtMs }: Appeal): AppealOutcome | null {
    const atMs = this.#decidedAtMs.get(this.#closed.get(sanctionId) ?? '') ?? Infinity
    return atMs === Infinity ? null : { granted: false, afterMs: atMs - submittedAtMs }
  }
}

interface AppealOutcome {
  readonly granted: boolean
  readonly afterMs: number
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
