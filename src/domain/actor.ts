/**
 * Who acted: a path organisation / account / project / key / end user.
 *
 * `accountId` is the partition key of everything that is kept per customer; the other levels are bounded
 * sub-keys inside an account's state. Ids are the platform's opaque strings.
 */
export const ACTOR_LEVELS = ['organization', 'account', 'project', 'key', 'endUser'] as const
export type ActorLevel = (typeof ACTOR_LEVELS)[number]

/** The narrowest level that is set names the actor; `null` means not narrowed to that level. */
export interface Actor {
  readonly accountId: string
  readonly level: ActorLevel
  /** The id at `level`; equal to `accountId` at level `account`. */
  readonly id: string
}

/** The whole account as an actor. */
export function accountActor(accountId: string): Actor {
  return { accountId, level: 'account', id: accountId }
}

/** A stable text form, used in ids: `account/key:KEY`. */
export function actorPath(actor: Actor): string {
  return actor.level === 'account' ? actor.accountId : `${actor.accountId}/${actor.level}:${actor.id}`
}
