/**
 * The enforcement state of an account, as the compacted topic publishes it to gateways and billing: which
 * sanctions are active, under neutral codes. Open reviews and findings stay inside enforcement.
 *
 * G1. Gateways and billing act on `active` alone. `strikes` is for enforcement itself, which knows them again by
 *     this when its store and the log of sanctions are gone.
 */
import type { ActorLevel } from './actor.ts'
import type { SanctionAct, SanctionScope } from './sanction.ts'

export interface ActiveSanction {
  readonly sanctionId: string
  readonly act: SanctionAct
  readonly scope: SanctionScope
  readonly scopeTarget: string | null
  readonly rateCeilingPerMinute: number | null
  readonly actorLevel: ActorLevel
  readonly actorId: string
  readonly reasonCode: string
  readonly effectiveAtMs: number
  readonly endsAtMs: number | null
}

/** A sanction that counts for the next step of a ladder, whether or not it is still in force. */
export interface Strike {
  readonly sanctionId: string
  readonly act: SanctionAct
  readonly scope: SanctionScope
  readonly scopeTarget: string | null
  readonly rateCeilingPerMinute: number | null
  readonly actorLevel: ActorLevel
  readonly actorId: string
  readonly reasonCode: string
  readonly step: number
  readonly strikeOrdinal: number
  readonly issuedAtMs: number
  readonly endsAtMs: number | null
  /** When it ended in fact; null while it is in force. */
  readonly endedAtMs: number | null
  readonly appealUntilMs: number
  /** When it is forgotten as a strike. */
  readonly expiresAtMs: number
}

export interface Standing {
  readonly accountId: string
  readonly updatedAtMs: number
  readonly active: readonly ActiveSanction[]
  readonly shadow: boolean
  /** Null in records from before strikes were kept here. */
  readonly strikes: readonly Strike[] | null
}
