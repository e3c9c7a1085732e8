/**
 * The enforcement state of an account, as the compacted topic publishes it to gateways and billing: which
 * sanctions are active, under neutral codes. Strikes and open reviews stay inside enforcement.
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

export interface Standing {
  readonly accountId: string
  readonly updatedAtMs: number
  readonly active: readonly ActiveSanction[]
  readonly shadow: boolean
}
