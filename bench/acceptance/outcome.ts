/** What one seed of the acceptance run came to; plain data, as a process tells it to the one that asked. */
import type { Gain } from '../../src/simulate/acceptance/act.ts'

/** Something that befell an honest account. */
export interface Wrong {
  readonly accountId: string
  /** The act of a sanction, `case` before people, or `signal` where nothing followed. */
  readonly kind: string
  readonly detectorId: string
  readonly day: number
  /** What the condition read. */
  readonly reason: string
}

/** One abuser, and what was found of it. */
export interface Found {
  readonly detectorId: string
  readonly evasion: number
  /** From its first request to the first signal of the detector that must see it; null: not found. */
  readonly delayMs: number | null
  /** To the first signal of any detector. */
  readonly anyDelayMs: number | null
  /** The first thing that followed from a finding; null: nothing did. */
  readonly followed: string | null
  readonly gain: Gain
  /** Of its gain, by the hour, as if nothing had been done to it. */
  readonly gainPerHour: number
}

export interface SeedOutcome {
  readonly seed: number
  readonly honestAccounts: number
  /** Days of honest accounts on which they asked something. */
  readonly honestAccountDays: number
  readonly honestRequests: number
  readonly requests: number
  readonly wrongs: readonly Wrong[]
  readonly found: readonly Found[]
  readonly cpuSeconds: number
}

export interface SeedTask {
  readonly seed: number
  readonly days: number
  readonly accounts: number
  readonly requestsPerDay: number
}

/** From a seed's process. */
export type SeedMessage =
  | { readonly kind: 'day'; readonly seed: number; readonly day: number; readonly requests: number }
  | { readonly kind: 'outcome'; readonly outcome: SeedOutcome }
  | { readonly kind: 'failed'; readonly seed: number; readonly reason: string }
