/**
 * What a step closes: the policy's scope, or the narrowest that carries the evidence.
 *
 * `scope` says what is closed; the sanction's actor says who acted, and `capability` and `rate` bind that actor.
 * A scope that the evidence does not name (a key, where the whole account acted) gives way to the narrowest. Where
 * somebody else seems to hold the key, the key is closed and nothing else, whatever the policy says; of a reseller's end
 * user, who has a ladder of its own, that end user.
 */
import type { SanctionScope } from '../domain/sanction.ts'
import type { Clause, LadderStep } from '../topology/policy.ts'
import type { AccountStanding, Finding } from './account-standing.ts'
import { hasOwnLadder, matterOf } from './ladder.ts'

export interface ResolvedScope {
  readonly scope: SanctionScope
  readonly scopeTarget: string | null
  readonly rateCeilingPerMinute: number | null
}

/** From the least that can be closed to the most. */
const BREADTH: readonly SanctionScope[] = [
  'rate',
  'endUser',
  'key',
  'capability',
  'project',
  'api',
  'account',
]

export function resolveScope(standing: AccountStanding, step: LadderStep, finding: Finding): ResolvedScope {
  if (finding.cause !== null) return targeted('key', finding.actor.id)
  if (step.scope === 'rate') return rate(step, finding)
  if (step.scope === 'capability' && finding.capability !== null) return capability(finding.capability)
  if (hasOwnLadder(matterOf(finding), standing.facts)) return targeted('endUser', finding.actor.id)
  if (step.scope === 'api' || step.scope === 'account') return untargeted(step.scope)
  if (step.scope === finding.actor.level) return targeted(step.scope, finding.actor.id)
  return narrowest(step, finding)
}

/** The narrowest actor that carries the evidence; a warning is always to the account's holder. */
function narrowest(step: LadderStep, finding: Finding): ResolvedScope {
  const { level, id } = finding.actor
  if (level === 'endUser' || level === 'key' || level === 'project') return targeted(level, id)
  if (finding.capability !== null) return capability(finding.capability)
  return untargeted(step.act === 'warning' ? 'account' : 'api')
}

/** For S0 without an exact match: the end user, the capability or a stolen key, and nothing broader. Null: people first. */
export function s0Scope(finding: Finding): ResolvedScope | null {
  if (finding.cause !== null) return targeted('key', finding.actor.id)
  if (finding.actor.level === 'endUser') return targeted('endUser', finding.actor.id)
  return finding.capability === null ? null : capability(finding.capability)
}

/** A scope that people name, if it is no broader than the other, and nobody else's; null otherwise. */
export function narrowed(
  current: Pick<ResolvedScope, 'scope' | 'scopeTarget'>,
  scope: SanctionScope,
  scopeTarget: string | null,
  clause: Clause,
): ResolvedScope | null {
  if (BREADTH.indexOf(scope) > BREADTH.indexOf(current.scope)) return null
  if (scope === current.scope && (current.scopeTarget ?? scopeTarget) !== scopeTarget) return null
  if (scope === 'rate') return clauseRate(clause, scopeTarget)
  if (scope === 'api' || scope === 'account') return untargeted(scope)
  return scopeTarget === null ? null : targeted(scope, scopeTarget)
}

function clauseRate(clause: Clause, scopeTarget: string | null): ResolvedScope | null {
  const ceiling = clause.ladder.steps.find((step) => step.rateCeilingPerMinute !== null)?.rateCeilingPerMinute
  return ceiling === undefined ? null : { scope: 'rate', scopeTarget, rateCeilingPerMinute: ceiling }
}

function rate(step: LadderStep, finding: Finding): ResolvedScope {
  return {
    scope: 'rate',
    scopeTarget: finding.poolId,
    rateCeilingPerMinute: step.rateCeilingPerMinute,
  }
}

function capability(scopeTarget: string): ResolvedScope {
  return targeted('capability', scopeTarget)
}

function targeted(scope: SanctionScope, scopeTarget: string): ResolvedScope {
  return { scope, scopeTarget, rateCeilingPerMinute: null }
}

function untargeted(scope: 'api' | 'account'): ResolvedScope {
  return { scope, scopeTarget: null, rateCeilingPerMinute: null }
}
