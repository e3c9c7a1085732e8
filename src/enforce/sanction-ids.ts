/**
 * Ids of sanctions. Who is sanctioned is shown the id; of the gravest clauses neither they nor their gateway are told the
 * clause (P9), and nobody shall find it by trying one after another.
 *
 * K1. A function of the deployment's key and of account, clause, step and strike ordinal: every process says the same, and a
 *     repeat too (P5). Without the key it tells nothing.
 * K2. Ids that were made before they were keyed, or under an earlier key, are known again, so that a strike finds its clause
 *     where only the log is left.
 */
import type { KeyObject } from 'node:crypto'
import { secretOf, type HashKey } from '../domain/hash-key.ts'
import { uuidV5, uuidV8 } from '../domain/ids.ts'

/** What makes a sanction this one and no other. Of a trial the clause says so too. */
export interface SanctionName {
  readonly accountId: string
  readonly clause: string
  readonly step: number
  readonly strikeOrdinal: number
  readonly shadow: boolean
}

export interface SanctionIds {
  of(name: SanctionName): string
  /** Whether it is, or once was, the id of that sanction. (K2) */
  isOf(id: string, name: SanctionName): boolean
}

/** @param former keys of before, of which ids may still be in the log */
export function sanctionIds(key: HashKey, former: readonly HashKey[] = []): SanctionIds {
  const secret = secretOf(key)
  const earlier = former.map(secretOf)
  return {
    of: (name) => keyedId(secret, name),
    isOf: (id, name) =>
      [secret, ...earlier].some((one) => keyedId(one, name) === id) || uuidV5(...partsOf(name)) === id,
  }
}

function partsOf({ accountId, clause, step, strikeOrdinal, shadow }: SanctionName) {
  return ['sanction', accountId, shadow ? `shadow/${clause}` : clause, step, strikeOrdinal] as const
}

function keyedId(secret: KeyObject, name: SanctionName): string {
  return uuidV8(secret, ...partsOf(name))
}
