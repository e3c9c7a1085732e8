/** What a decision is made by besides the standing and the event: the policy, the time, and what is left to spend. */
import type { Clause, Policy } from '../topology/policy.ts'
import type { DelayShare } from './delay.ts'
import type { SanctionIds } from './sanction-ids.ts'
import type { TemplateView } from './templates.ts'

/** Who would draw on the budget, and for what (P12). */
export interface Claim {
  readonly detectorId: string
  readonly clause: string
  readonly youngAccount: boolean
  readonly exactMatch: boolean
}

/** Reads what is left; spending is the ledger's, once the sanction has been decided. */
export interface BudgetView {
  allows(claim: Claim): boolean
  /** What is left beside what was decided already, for the same event. */
  without(claim: Claim): BudgetView
}

export const UNLIMITED: BudgetView = { allows: () => true, without: () => UNLIMITED }

export interface Terms {
  readonly policy: Policy
  /** Wall time of the decision. */
  readonly nowMs: number
  readonly budget: BudgetView
  /** What other accounts were found for lately. */
  readonly templates: TemplateView
  readonly sanctionIds: SanctionIds
  /** By how much automatic sanctions take effect later (delay.ts). */
  readonly delayShare: DelayShare
  /** Who put the detector live, as far as is known. They approve no termination of its making. */
  readonly enabledBy: (detectorId: string) => readonly string[]
  /** Kill switches: a detector or clause that is stopped is counted and leads to nothing. */
  readonly switchedOff: (detectorId: string, clause: string) => boolean
}

export function clauseOf(policy: Policy, clauseId: string): Clause | undefined {
  return policy.clauses.find((clause) => clause.id === clauseId)
}
