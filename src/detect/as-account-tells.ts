/** An event as features read it: with what only its account tells of it, whose hosts it names and what was granted. */
import { heldAgainstGrants } from '../domain/granted-event.ts'
import { cappedGrants, type GrantUse } from '../domain/grants.ts'
import { sortHosts } from '../domain/own-hosts.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import type { FeatureSpec } from '../topology/model.ts'
import { isGrant } from '../topology/vocabulary.ts'
import type { KeyState } from './key-state.ts'
import type { UsageEvent } from './usage-event.ts'

/** What features count. */
export type Counted = Exclude<UsageEvent, { readonly kind: 'account' | 'standing' }>

const NOTHING_USED: GrantUse = { usedOf: () => 0 }

/** For those features; a request is noted as use of the grants whose cap it counts towards, before anything is read. */
export function asAccountTells(
  features: readonly FeatureSpec[],
): (event: Counted, state: KeyState, timeMs: number) => object {
  const askForGrants = features.some(({ fields }) => fields.some(isGrant))
  return (event, state, timeMs) => {
    if (event.kind === 'usage') noteGrantUse(event.body, state, timeMs)
    const { facts } = state
    const account = facts?.account ?? null
    const body = event.kind === 'verdict' ? sortHosts(event.body, account) : event.body
    return askForGrants ? heldAgainstGrants(body, account, timeMs, facts ?? NOTHING_USED) : body
  }
}

/** What was turned away or failed takes nothing of a cap. */
function noteGrantUse(record: UsageRecord, state: KeyState, timeMs: number): void {
  const account = state.facts?.account ?? null
  if (account === null || account.grants.length === 0 || record.phase !== 'completed') return
  if (record.status === 'rate_limited' || record.status === 'error') return
  for (const grant of cappedGrants(account, record, timeMs)) state.factsToChange().noteUse(grant, timeMs)
}
