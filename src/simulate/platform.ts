/**
 * A simulated inference platform and its customers, honest and not.
 *
 * S1. The same options give the same events, byte for byte; `events()` may be called again and gives them again.
 * S2. Ground truth is part of the answer: who abuses, since when, and which honest customers look like it.
 */
import type { AccountState } from '../domain/account.ts'
import { ABUSERS, type AbuseKind } from './abuse/abusers.ts'
import type { LookAlike, Truth } from './customer.ts'
import { populate, type PlatformOptions } from './population.ts'
import type { SimulatedEvent } from './simulated-event.ts'
import { Traffic } from './traffic.ts'

export interface Platform {
  readonly options: PlatformOptions
  /** As of the start. */
  readonly accounts: readonly AccountState[]
  readonly truth: readonly Truth[]
  readonly lookAlikes: readonly LookAlike[]
  events(): Iterable<SimulatedEvent>
}

export const ABUSE_KINDS = Object.keys(ABUSERS).filter((kind): kind is AbuseKind => kind in ABUSERS)

/** One hour of a platform of 2,100 accounts: about 210,000 events. */
const DEFAULTS: Omit<PlatformOptions, 'seed' | 'startMs'> = {
  durationMs: 3_600_000,
  accounts: 2_100,
  requestsPerHour: 100_000,
  textShare: 0.1,
  evasion: 0,
  abuse: ABUSE_KINDS,
}

/** `seed` and `startMs` (epoch milliseconds) decide everything; all else has the demo's values. */
export function createPlatform(
  given: Pick<PlatformOptions, 'seed' | 'startMs'> & Partial<PlatformOptions>,
): Platform {
  const options = { ...DEFAULTS, ...given }
  const { customers, truths, lookAlikes } = populate(options)
  return {
    options,
    accounts: customers.map((customer) => customer.account),
    truth: truths,
    lookAlikes,
    events: () => new Traffic(options, populate(options)).events(),
  }
}
