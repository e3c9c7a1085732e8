/**
 * The active sanctions of every account, as the compacted topic tells them; accounts without any are not kept.
 *
 * S1. Of two records of an account the later one in the log counts.
 * S2. Names that many sanctions share are kept once.
 */
import type { ActiveSanction, Standing } from '../domain/standing.ts'

const NONE: readonly ActiveSanction[] = []

export class Standings {
  readonly #active = new Map<string, readonly ActiveSanction[]>()
  readonly #names = new Map<string, string>()

  /** Accounts with something active. */
  get size(): number {
    return this.#active.size
  }

  of(accountId: string): readonly ActiveSanction[] {
    return this.#active.get(accountId) ?? NONE
  }

  apply({ accountId, active }: Standing): void {
    const acting = active.filter(({ act }) => act !== 'warning')
    if (acting.length === 0) this.remove(accountId)
    else
      this.#active.set(
        accountId,
        acting.map((sanction) => this.#kept(sanction, accountId)),
      )
  }

  remove(accountId: string): void {
    this.#active.delete(accountId)
  }

  #kept(sanction: ActiveSanction, accountId: string): ActiveSanction {
    const { actorId, reasonCode, scopeTarget } = sanction
    return {
      ...sanction,
      actorId: actorId === accountId ? accountId : actorId,
      reasonCode: this.#once(reasonCode),
      scopeTarget:
        sanction.scope === 'capability' && scopeTarget !== null ? this.#once(scopeTarget) : scopeTarget,
    }
  }

  #once(name: string): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    this.#names.set(name, name)
    return name
  }
}
