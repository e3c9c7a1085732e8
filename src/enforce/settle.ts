/** A matter that people have closed: evidence from before leads nowhere on its ladder any more. */
import { MOST, type AccountStanding } from './account-standing.ts'
import { ladderKey, type Matter } from './ladder.ts'

export function settle(standing: AccountStanding, atMs: number, matter: Matter): AccountStanding['settled'] {
  const key = ladderKey(matter, standing.facts)
  const others = standing.settled.filter((one) => one.clause !== matter.clause || one.ladderKey !== key)
  return [...others, { clause: matter.clause, ladderKey: key, atMs }].slice(-MOST.settled)
}
