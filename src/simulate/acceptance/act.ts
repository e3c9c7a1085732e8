/** What a role of the acceptance run is told: which account it is, for how long, how careful, and how big pools are. */
import type { Cast, PoolPlan, Stage } from '../cast.ts'
import { HOUR_MS, NOBODY } from '../cast.ts'
import type { Customer, Happening } from '../customer.ts'

export interface Act extends Stage {
  readonly accountId: string
  /** Requests that the pool works on side by side. */
  slotsOf(pool: PoolPlan): number
}

/** What an abuser is after, by which its throughput is measured. */
export const GAINS = ['requests', 'gpuSeconds', 'refusals', 'denials'] as const
export type Gain = (typeof GAINS)[number]

export interface Abuser {
  readonly clause: string
  readonly gain: Gain
  /** When on its day it begins, and for how long it goes on; it may begin on the day before. */
  readonly fromHour: number
  readonly hours: number
  /** The account is somebody else's: its owner is as honest as all others. */
  readonly victim?: boolean
  play(act: Act): Cast
}

export const DAY_MS = 24 * HOUR_MS

/** A cast of one customer, and what happens to it. */
export function alone(customer: Customer, happenings: readonly Happening[] = []): Cast {
  return { ...NOBODY, customers: [customer], happenings }
}

/** From `crude` at evasion 0 to `careful` at 1. */
export function between({ evasion }: Stage, crude: number, careful: number): number {
  return crude + (careful - crude) * evasion
}
