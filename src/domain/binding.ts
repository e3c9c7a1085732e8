/**
 * Whom a sanction binds: what it closes is its scope, of a model and of a ceiling for the actor alone who acted. An id
 * that is not known matches nothing that is narrower than the account.
 */
import type { ActiveSanction } from './standing.ts'

/** One request, by the names that sanctions may bear. What is left out or null is not known. */
export interface Asked {
  readonly organizationId?: string | null
  readonly projectId?: string | null
  readonly keyId?: string | null
  readonly endUserId?: string | null
  /** The model, as the platform's events name it. */
  readonly capability?: string | null
  readonly poolId?: string | null
}

/** Whether the request is one of those that the sanction is about. */
export function isAbout(sanction: ActiveSanction, accountId: string, asked: Asked): boolean {
  const { scope, scopeTarget } = sanction
  switch (scope) {
    case 'account':
    case 'api':
      return true
    case 'endUser':
      return asked.endUserId === scopeTarget
    case 'key':
      return asked.keyId === scopeTarget
    case 'project':
      return asked.projectId === scopeTarget
    case 'capability':
      return asked.capability === scopeTarget && isActor(sanction, accountId, asked)
    case 'rate':
      return isOnPool(scopeTarget, asked) && isActor(sanction, accountId, asked)
  }
}

/** A ceiling on one pool holds everywhere for whoever knows of no pools. */
function isOnPool(poolId: string | null, asked: Asked): boolean {
  return poolId === null || asked.poolId === undefined || asked.poolId === null || asked.poolId === poolId
}

/** Who is bound by what has no target of its own kind. */
function isActor({ actorLevel, actorId }: ActiveSanction, accountId: string, asked: Asked): boolean {
  switch (actorLevel) {
    case 'organization':
      return asked.organizationId === actorId
    case 'account':
      return accountId === actorId
    case 'project':
      return asked.projectId === actorId
    case 'key':
      return asked.keyId === actorId
    case 'endUser':
      return asked.endUserId === actorId
  }
}
