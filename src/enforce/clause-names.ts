/**
 * The clause of a sanction whose record does not name it (P9): a report counts by clause.
 *
 * N1. A strike's clause is told by the id of its first sanction; what took that one's place, and what ended either, is known
 *     by the strike. Records are asked about in the order of their log.
 */
import { emptyStanding } from './account-standing.ts'
import { withClause } from './publication.ts'
import type { SanctionIds } from './sanction-ids.ts'
import { clauseOf } from './terms.ts'
import { strikeKey, type Sanction } from '../domain/sanction.ts'
import type { Policy } from '../topology/policy.ts'

export class ClauseNames {
  readonly #policy: Policy
  readonly #ids: SanctionIds
  /** Of strikes whose records do not name it, which are few. */
  readonly #clauses = new Map<string, string>()

  constructor(policy: Policy, ids: SanctionIds) {
    this.#policy = policy
    this.#ids = ids
  }

  /** The sanction with its clause; as it is where nothing tells it. */
  named(sanction: Sanction): Sanction {
    if (this.#isNamed(sanction)) return sanction
    const strike = strikeKey(sanction)
    const nothing = emptyStanding(sanction.accountId, sanction.shadow)
    const told = withClause(nothing, sanction, this.#policy, this.#ids)
    if (this.#isNamed(told)) this.#clauses.set(strike, told.clause)
    return { ...sanction, clause: this.#clauses.get(strike) ?? sanction.clause }
  }

  #isNamed({ clause }: Sanction): boolean {
    return clauseOf(this.#policy, clause) !== undefined
  }
}
