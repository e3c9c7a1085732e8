/**
 * Deterministic ids: the same cause always has the same id, so that a repeat is recognised everywhere.
 */
import { hash } from 'node:crypto'
import { actorPath, type Actor } from './actor.ts'

/** Namespace of all of Bailiff's name-based ids; fixed for ever. */
const NAMESPACE = Buffer.from('8a3f6f0e5d0c4b7e9a516b1d2f4c7e90', 'hex')

/** UUID version 5 (RFC 9562, section 5.5) of the parts, which are joined by a character that no id holds. */
export function uuidV5(...parts: readonly (string | number)[]): string {
  const name = Buffer.concat([NAMESPACE, Buffer.from(parts.join('\u001f'))])
  const bytes = hash('sha1', name, 'buffer').subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Detector, actor and episode make a signal; version and mode are fields. Shadow reopens the episode. */
export function signalId(detectorId: string, actor: Actor, episode: number, shadow: boolean): string {
  return uuidV5('signal', detectorId, actorPath(actor), episode, shadow ? 'shadow' : 'live')
}

/** Account, clause, step and strike ordinal make a sanction. */
export function sanctionId(accountId: string, clause: string, step: number, strikeOrdinal: number): string {
  return uuidV5('sanction', accountId, clause, step, strikeOrdinal)
}

/** floor(event time / once): fifty findings within one episode are one. */
export function episodeOf(eventTimeMs: number, onceMs: number): number {
  return Math.floor(eventTimeMs / onceMs)
}
