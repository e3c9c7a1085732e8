/**
 * Ids of signals. They travel with sanctions, of which whoever closes an access reads no clause and no detector where the
 * clause is of the gravest (P9); and nobody shall find the detector by trying one after another.
 *
 * K1. A function of the deployment's key and of detector, actor, episode and whether it is a trial: every process says the
 *     same, and a repeat too (P5).
 */
import { actorPath, type Actor } from '../domain/actor.ts'
import { secretOf, type HashKey } from '../domain/hash-key.ts'
import { uuidV8 } from '../domain/ids.ts'

/** Detector, actor and episode make a signal; version and mode are fields. Shadow reopens the episode. */
export type SignalId = (detectorId: string, actor: Actor, episode: number, shadow: boolean) => string

export function signalIds(key: HashKey): SignalId {
  const secret = secretOf(key)
  return (detectorId, actor, episode, shadow) =>
    uuidV8(secret, 'signal', detectorId, actorPath(actor), episode, shadow ? 'shadow' : 'live')
}
