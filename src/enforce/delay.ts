/**
 * By how much an automatic sanction takes effect later than it was decided, where its clause says so: whoever tries out
 * what is noticed does not learn from the moment of the answer which try it was.
 *
 * Y1. A function of the secret and the sanction's id alone: every process says the same, and a repeat too (P5).
 * Y2. Never for S0 and S1, where harm would go on meanwhile, and never for what people decide. `check` refuses the one,
 *     and this the same.
 * Y3. The sanction is published when it is decided, with the time from which on it holds: that time lies in the log
 *     before anything can crash. Nobody is told before then, and nothing that is done until then counts against them.
 */
import { createHmac } from 'node:crypto'
import { secretOf, type HashKey } from '../domain/hash-key.ts'
import type { Clause } from '../topology/policy.ts'

/** From 0 to below 1: which part of the clause's longest delay the sanction waits. */
export type DelayShare = (sanctionId: string) => number

/** For benchmarks and wherever sanctions are to hold at once. */
export const NO_DELAY: DelayShare = () => 0

export function keyedDelay(key: HashKey): DelayShare {
  const secret = secretOf(key)
  return (id) => createHmac('sha256', secret).update(`delay\u0000${id}`).digest().readUInt32BE(0) / 2 ** 32
}

/** How long the automatic sanction of that id waits. (Y2) */
export function delayMs({ severity, ladder }: Clause, sanctionId: string, share: DelayShare): number {
  if (severity === 'S0' || severity === 'S1' || ladder.delayMs === 0) return 0
  return Math.floor(share(sanctionId) * ladder.delayMs)
}
