/** What has been told of a condition: once an actor and episode (`facts.ts` keeps it). */
import { episodeOf } from '../domain/ids.ts'
import type { CompiledDetector } from '../topology/model.ts'
import type { Moment } from './evaluation.ts'

/** Under what the newest episode that was told is noted. */
export function firedKey(detectorId: string, actorId: string, shadow: boolean): string {
  return `${detectorId}|${actorId}${shadow ? '|shadow' : ''}`
}

/** Whether all that could come of the condition has been told: of the whole account, in this episode. */
export function isTold({ id, level, onceMs }: CompiledDetector, { state, timeMs }: Moment): boolean {
  if (level !== 'account') return false
  return state.facts?.isToldOfAccount(id, episodeOf(timeMs, onceMs)) === true
}
