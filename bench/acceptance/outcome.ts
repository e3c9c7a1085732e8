/** What one seed of the acceptance run came to; plain data, as a process tells it to the one that asked. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { GAINS } from '../../src/simulate/acceptance/act.ts'

/** Something that befell an honest account. */
const wrong = z.object({
  accountId: z.string(),
  /** The act of a sanction, `case` before people, or `signal` where nothing followed. */
  kind: z.string(),
  detectorId: z.string(),
  day: z.number(),
  /** What the condition read. */
  reason: z.string(),
})

/** One abuser, and what was found of it. */
const found = z.object({
  detectorId: z.string(),
  evasion: z.number(),
  /** From its first request to the first signal of the detector that must see it; null: not found. */
  delayMs: z.number().nullable(),
  /** To the first signal of any detector. */
  anyDelayMs: z.number().nullable(),
  /** The first thing that followed from a finding; null: nothing did. */
  followed: z.string().nullable(),
  gain: z.enum(GAINS),
  /** Of its gain, by the hour, as if nothing had been done to it. */
  gainPerHour: z.number(),
})

const seedOutcome = z.object({
  seed: z.number(),
  honestAccounts: z.number(),
  /** Days of honest accounts on which they asked something. */
  honestAccountDays: z.number(),
  honestRequests: z.number(),
  requests: z.number(),
  wrongs: z.array(wrong).readonly(),
  found: z.array(found).readonly(),
  cpuSeconds: z.number(),
})

export type Wrong = Readonly<z.infer<typeof wrong>>
export type Found = Readonly<z.infer<typeof found>>
export type SeedOutcome = Readonly<z.infer<typeof seedOutcome>>

/** The outcome that an earlier run has kept. */
export function keptIn(file: string): SeedOutcome {
  return seedOutcome.parse(JSON.parse(readFileSync(file, 'utf8')))
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
