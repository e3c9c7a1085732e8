/** Everybody on the platform, and the pools that its operator has sized for them. */
import { ABUSERS, type AbuseKind } from './abuse/abusers.ts'
import type { Span } from './arrivals.ts'
import { HOUR_MS, POOLS, type Cast, type Incident, type PoolPlan, type Role } from './cast.ts'
import type { Customer, Happening, LookAlike, Truth } from './customer.ts'
import { LOOK_ALIKES } from './look-alike/look-alikes.ts'
import { Random } from './random.ts'
import { draftRegular, regular, type Regular } from './regular.ts'

export interface PlatformOptions {
  readonly seed: number
  readonly startMs: number
  readonly durationMs: number
  /** Accounts in all, abusers and look-alikes among them. */
  readonly accounts: number
  /** First requests an hour of all customers together, as expected; retries come on top. */
  readonly requestsPerHour: number
  /** Share of ordinary requests whose text the platform hands over, 0 to 1. */
  readonly textShare: number
  /** 0: crude abuse. 1: as careful as each abuser can be. */
  readonly evasion: number
  /** Who abuses; empty for an honest platform. */
  readonly abuse: readonly AbuseKind[]
}

export interface SizedPool {
  readonly plan: PoolPlan
  readonly gpuCount: number
}

export interface Population {
  readonly customers: readonly Customer[]
  readonly pools: readonly SizedPool[]
  readonly truths: readonly Truth[]
  readonly lookAlikes: readonly LookAlike[]
  readonly happenings: readonly Happening[]
  readonly incidents: readonly Incident[]
}

export function populate(options: PlatformOptions): Population {
  const casts = [
    ...options.abuse.map((kind) => played(ABUSERS[kind], kind, options)),
    ...Object.entries(LOOK_ALIKES).map(([name, role]) => played(role, name, options)),
  ]
  const ordinary = regularsBeside(casts, options)
  return {
    customers: [...casts.flatMap((cast) => cast.customers), ...ordinary.map((one) => one.customer)],
    pools: Object.values(POOLS).map((pool) => sized(pool, ordinary)),
    truths: casts.flatMap((cast) => cast.truths),
    lookAlikes: casts.flatMap((cast) => cast.lookAlikes),
    happenings: casts.flatMap((cast) => cast.happenings),
    incidents: casts.flatMap((cast) => cast.incidents),
  }
}

function played(role: Role, name: string, options: PlatformOptions): Cast {
  const { seed, evasion } = options
  return role({ ...spanOf(options), random: new Random(seed, name), evasion })
}

/** Ordinary customers share what the roles leave of the asked rate. */
function regularsBeside(casts: readonly Cast[], options: PlatformOptions): readonly Regular[] {
  const { seed, textShare } = options
  const count = options.accounts - casts.reduce((sum, cast) => sum + cast.customers.length, 0)
  const taken = casts.reduce((sum, cast) => sum + cast.requests, 0)
  const requests = Math.max(0, (options.requestsPerHour * options.durationMs) / HOUR_MS - taken)
  return regulars({ seed, textShare, count, requests, span: spanOf(options) })
}

export interface Ordinary {
  readonly seed: number
  readonly textShare: number
  readonly count: number
  /** Of all of them together, over the whole span. */
  readonly requests: number
  readonly span: Span
}

/** So many ordinary customers that make so many requests together. */
export function regulars({ seed, textShare, count, requests, span }: Ordinary): readonly Regular[] {
  const drafts = Array.from({ length: Math.max(0, count) }, (_, at) =>
    draftRegular(`acct-${String(at + 1).padStart(5, '0')}`, seed, span),
  )
  const shares = drafts.reduce((sum, draft) => sum + draft.share, 0)
  const scale = shares === 0 ? 0 : requests / shares
  return drafts.map((draft) => regular(draft, scale, textShare, span))
}

/** An operator buys for what ordinary customers use, not for what a few do to them. */
export function sized(plan: PoolPlan, ordinary: readonly Regular[]): SizedPool {
  const gpuSecondsPerHour = ordinary
    .filter((one) => one.poolId === plan.poolId)
    .reduce((sum, one) => sum + one.gpuSecondsPerHour, 0)
  const gpus = gpuSecondsPerHour / (HOUR_MS / 1_000) / plan.targetUtilisation
  return { plan, gpuCount: Math.max(plan.leastGpus, Math.ceil(gpus)) }
}

function spanOf({ startMs, durationMs }: PlatformOptions) {
  return { fromMs: startMs, toMs: startMs + durationMs }
}
