/**
 * The active sanctions of every account, as the compacted topic tells them; accounts without any are not kept.
 *
 * S1. Of two records of an account the later one in the log counts.
 * S2. An account whose latest record cannot be read is doubtful until one can: what is known of it stays, and is not all.
 * S3. Small, for there may be millions: the common kind lies in rows of bytes (plain-sanctions.ts); of the others names that
 *     many share are kept once, one sanction takes no list, and a beginning that is past is no number of its own.
 */
import { SharedNames } from '../domain/shared-names.ts'
import type { ActiveSanction, Standing } from '../domain/standing.ts'
import { PlainSanctions } from './plain-sanctions.ts'

/** What is active on one account: nearly always one sanction. */
export type Active = ActiveSanction | readonly ActiveSanction[]

const SINCE_EVER = 0

export class Standings {
  #plain = new PlainSanctions()
  /** Of accounts whose sanctions are not plain. */
  readonly #active = new Map<string, Active>()
  readonly #doubtful = new Set<string>()
  readonly #names = new SharedNames()

  /** Accounts with something active. */
  get size(): number {
    return this.#plain.size + this.#active.size
  }

  /** Undefined where nothing is active. */
  of(accountId: string): Active | undefined {
    return this.#plain.of(accountId) ?? this.#active.get(accountId)
  }

  /** Takes the account's standing in; `nowMs` tells which beginnings are past. */
  apply({ accountId, active }: Standing, nowMs: number): void {
    const acting = active.filter(({ act }) => act !== 'warning')
    const [first, ...more] = acting
    this.remove(accountId)
    if (first === undefined) return
    if (more.length === 0 && this.#plain.set(accountId, first, nowMs)) return
    const kept = acting.map((sanction) => this.#kept(sanction, accountId, nowMs))
    this.#active.set(accountId, kept.length === 1 ? (kept[0] ?? kept) : kept)
  }

  remove(accountId: string): void {
    this.#plain.remove(accountId)
    this.#active.delete(accountId)
    this.#doubtful.delete(accountId)
  }

  /** S2. */
  doubt(accountId: string): void {
    this.#doubtful.add(accountId)
  }

  isDoubtful(accountId: string): boolean {
    return this.#doubtful.size > 0 && this.#doubtful.has(accountId)
  }

  /** As if nothing had been read. */
  clear(): void {
    this.#plain = new PlainSanctions()
    this.#active.clear()
    this.#doubtful.clear()
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
