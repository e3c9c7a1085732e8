/**
 * The active sanctions of every account, as the compacted topic tells them; accounts without any are not kept.
 *
 * S1. Of two records of an account the later one in the log counts.
 * S2. Small, for there may be millions: names that many share are kept once, one sanction takes no list, and a beginning
 *     that is past is no number of its own.
 */
import { SharedNames } from '../domain/shared-names.ts'
import type { ActiveSanction, Standing } from '../domain/standing.ts'

/** What is active on one account: nearly always one sanction. */
export type Active = ActiveSanction | readonly ActiveSanction[]

const SINCE_EVER = 0

export class Standings {
  readonly #active = new Map<string, Active>()
  readonly #names = new SharedNames()

  /** Accounts with something active. */
  get size(): number {
    return this.#active.size
  }

  /** Undefined where nothing is active. */
  of(accountId: string): Active | undefined {
    return this.#active.get(accountId)
  }

  /** Takes the account's standing in; `nowMs` tells which beginnings are past. */
  apply({ accountId, active }: Standing, nowMs: number): void {
    const acting = active
      .filter(({ act }) => act !== 'warning')
      .map((sanction) => this.#kept(sanction, accountId, nowMs))
    const [first] = acting
    if (first === undefined) this.remove(accountId)
    else this.#active.set(accountId, acting.length === 1 ? first : acting)
  }

  remove(accountId: string): void {
    this.#active.delete(accountId)
  }

  #kept(sanction: ActiveSanction, accountId: string, nowMs: number): ActiveSanction {
    const { actorId, scope, scopeTarget, effectiveAtMs } = sanction
    const sharesTarget = scope === 'capability' && scopeTarget !== null
    return {
      sanctionId: sanction.sanctionId,
      act: sanction.act,
      scope,
      scopeTarget: sharesTarget ? this.#names.once(scopeTarget) : scopeTarget,
      rateCeilingPerMinute: sanction.rateCeilingPerMinute,
      actorLevel: sanction.actorLevel,
      actorId: actorId === accountId ? accountId : actorId,
      reasonCode: this.#names.once(sanction.reasonCode),
      effectiveAtMs: effectiveAtMs <= nowMs ? SINCE_EVER : effectiveAtMs,
      endsAtMs: sanction.endsAtMs,
    }
  }
}
