/** Who plays in a simulation, and on which stage. */
import type { Span } from './arrivals.ts'
import type { Customer, Happening, LookAlike, Truth } from './customer.ts'
import type { ModelName } from './model-catalogue.ts'
import type { Random } from './random.ts'

/** What a role is told before it goes on. */
export interface Stage extends Span {
  readonly random: Random
  /** 0: crude. 1: as careful as the role can be; what it is after suffers with it. */
  readonly evasion: number
}

/** The parts that a role brings. */
export interface Cast {
  readonly customers: readonly Customer[]
  readonly truths: readonly Truth[]
  readonly lookAlikes: readonly LookAlike[]
  readonly happenings: readonly Happening[]
  readonly incidents: readonly Incident[]
  /** Requests that the role is expected to make over the whole span, for the sizing of all others. */
  readonly requests: number
}

/** Something that happens to a pool. */
export type Incident =
  | { readonly kind: 'gpus'; readonly poolId: string; readonly atMs: number; readonly gpuShare: number }
  | { readonly kind: 'outage'; readonly poolId: string; readonly atMs: number; readonly untilMs: number }

export type Role = (stage: Stage) => Cast

export interface PoolPlan {
  readonly poolId: string
  readonly region: string
  readonly model: ModelName
  /** GPU seconds a second over capacity that the operator plans with; customers of the house, not abuse. */
  readonly targetUtilisation: number
  readonly leastGpus: number
}

/** Pools by name, so that roles can meet on one. The operator sizes them by what customers usually ask. */
export const POOLS = {
  contested: pool('us-large-2', 'us-east', 'assistant-70b', 0.4, 4),
  busy: pool('us-large-1', 'us-east', 'assistant-70b', 0.4, 5),
  launch: pool('eu-large-1', 'eu-west', 'assistant-70b', 0.4, 5),
  smallEu: pool('eu-small-1', 'eu-west', 'assistant-8b', 0.4, 2),
  smallUs: pool('us-small-1', 'us-east', 'assistant-8b', 0.4, 2),
  code: pool('us-code-1', 'us-east', 'coder-32b', 0.45, 2),
  reasoning: pool('us-reason-1', 'us-east', 'reasoner-32b', 0.5, 2),
  batch: pool('us-batch-1', 'us-east', 'assistant-8b', 0.6, 1),
} as const satisfies Readonly<Record<string, PoolPlan>>

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** `minutes` after the start of the span, never past its end. */
export function minutesIn(span: Span, minutes: number): number {
  return Math.min(span.toMs, span.fromMs + Math.round(minutes * MINUTE_MS))
}

/** What a role brings if it brings nothing else. */
export const NOBODY: Cast = {
  customers: [],
  truths: [],
  lookAlikes: [],
  happenings: [],
  incidents: [],
  requests: 0,
}

/** Requests that a steady rate makes in a span. */
export function requestsAt(perHour: number, span: Span): number {
  return (perHour * (span.toMs - span.fromMs)) / HOUR_MS
}

function pool(
  poolId: string,
  region: string,
  model: ModelName,
  targetUtilisation: number,
  leastGpus: number,
): PoolPlan {
  return { poolId, region, model, targetUtilisation, leastGpus }
}
