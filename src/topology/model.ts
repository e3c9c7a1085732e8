/**
 * A topology after reading, checking and compiling: what `detect` runs. Nothing here is optional and nothing is
 * text any more: conditions are closures, durations are milliseconds, names are indices.
 *
 * M1. Closures are total: they never throw on any scope; what cannot be known is `NaN` (unknown).
 * M2. Logic is three-valued: unknown && false is false, unknown || true is true; unknown never fires.
 */
import type { ActorLevel } from '../domain/actor.ts'
import type { AccountState, GrantKind } from '../domain/account.ts'
import type { DetectorMode } from '../domain/signal.ts'
import type { ActiveSanction, StandingSnooze } from '../domain/standing.ts'

/**
 * What features can be computed over. `usage`: completed requests; `arrivals`: requests that came in;
 * `verdicts`; `accountEvents`; `telemetry` (capacity only).
 */
export type Collection = 'usage' | 'arrivals' | 'verdicts' | 'accountEvents' | 'telemetry'

/** Numbers for truth and number alike: true is 1, false is 0, unknown is NaN. Strings only inside comparisons. */
export type Expression<S> = (scope: S) => number

/** A field of one event, read without a look-up by name. Null means unknown. */
export type NumberField = (body: unknown) => number | null
export type TextField = (body: unknown) => string | null

/** How a feature folds events into a number. */
export type Aggregate =
  | { readonly kind: 'count' }
  | { readonly kind: 'sum'; readonly field: NumberField }
  | { readonly kind: 'mean'; readonly field: NumberField }
  | { readonly kind: 'min'; readonly field: NumberField }
  | { readonly kind: 'max'; readonly field: NumberField }
  /** Of a session: a sum by its own length, in units of so many milliseconds. */
  | { readonly kind: 'perLength'; readonly field: NumberField; readonly unitMs: number }
  /** In which panes there were any; the field is the bit of an event's pane (`windows/activity.ts`). */
  | { readonly kind: 'activity'; readonly field: NumberField }
  /** Number of distinct values; exact up to `exactLimit`, sketched past it. */
  | { readonly kind: 'distinct'; readonly field: TextField; readonly exactLimit: number }
  /** The same of texts, by their SimHash: near-duplicates count once (`windows/near-distinct.ts`). */
  | { readonly kind: 'nearDistinct'; readonly field: TextField; readonly exactLimit: number }
  /** Largest share of one value among all, 0 to 1. */
  | { readonly kind: 'topShare'; readonly field: TextField; readonly exactLimit: number }
  /** How evenly values are spread, in bits. */
  | { readonly kind: 'entropy'; readonly field: TextField; readonly exactLimit: number }
  /** The value that `share` of all do not exceed; exact up to `exactLimit` values a window. */
  | {
      readonly kind: 'quantile'
      readonly field: NumberField
      readonly share: number
      readonly exactLimit: number
    }
  /** How even the gaps between events are, 0 to 1; the field is their time. */
  | { readonly kind: 'regularity'; readonly field: NumberField; readonly paneMs: number }
  /** How much the ordinals of the most used template walk through identifiers, 0 to 1. */
  | { readonly kind: 'enumeration'; readonly group: TextField; readonly ordinal: NumberField }
  /** Weak evidence that adds up, by likelihood ratios (`windows/evidence.ts`). */
  | {
      readonly kind: 'evidence'
      readonly ratio: NumberField
      readonly conversation: TextField
      readonly text: TextField
      readonly wrongPerYear: number
    }
  /** The share of today's events with a value that is new to the key (`windows/known-values.ts`). */
  | { readonly kind: 'novelty'; readonly field: TextField }
  /** Today's sum over that of a usual day of the key (`windows/daily-change.ts`). */
  | { readonly kind: 'change'; readonly field: NumberField }
  /** Requests that came sooner than the last refusal of the same key had asked for. */
  | { readonly kind: 'earlyRetries' }

export type Unit =
  'count' | 'perMinute' | 'seconds' | 'ms' | 'tokens' | 'bits' | 'logRatio' | 'ratio' | 'none'

/** From what is kept of a feature to what it tells at the time of the evaluation. */
export type Telling = (kept: number, nowMs: number) => number

/**
 * How a feature's window moves. `panes`: with the panes of its clock (one is tumbling, several hop); `sliding`: it
 * ends with an event, to the millisecond; `session`: it lasts while events follow one another within a gap; `lasting`:
 * there is none, and what is kept fades or is renewed by itself.
 */
export type WindowShape = 'panes' | 'sliding' | 'session' | 'lasting'

export interface FeatureSpec {
  readonly name: string
  readonly index: number
  readonly collection: Collection
  readonly aggregate: Aggregate
  /** Sub-key inside the account; null for the whole account. Bounded by `maxSubKeys`. */
  readonly by: { readonly name: string; readonly field: TextField } | null
  /** Which events count; null for all. Scope is the event's body. */
  readonly where: Expression<unknown> | null
  /** Names of the event's fields that it reads: value, group, sub-key, and what `where` asks. */
  readonly fields: readonly string[]
  readonly shape: WindowShape
  /** The window's length; of a session its gap; of what lasts, how far back it reaches in substance. */
  readonly windowMs: number
  /**
   * The window moves in panes of this length, which divides `windowMs`; a sliding one is kept in such panes. Of a
   * session the gap.
   */
  readonly paneMs: number
  readonly unit: Unit
  /** Null where it tells what is kept. */
  readonly told: Telling | null
}

/** A feature that is worked out from others when it is read; nothing is kept of it. */
export interface DerivedFeature {
  readonly name: string
  readonly unit: Unit
  /** By index. */
  readonly reads: readonly number[]
  readonly value: Expression<DetectorScope>
  readonly pace: Pace<DetectorScope>
  /** As people wrote it: `ratio of rejected_10m to requests_10m`. */
  readonly text: string
}

/** What a broadcast pool view tells over the complete minutes of its window, as of one minute. */
export interface PoolView {
  /** False until every minute of the window up to the asked one has been reported or passed. */
  readonly complete: boolean
  readonly minutes: number
  readonly saturatedMinutes: number
  readonly degradedMinutes: number
  readonly gpuSeconds: number
  /** Largest number of distinct waiting accounts in any minute of the window. */
  readonly accountsWaiting: number
  readonly requestsWaiting: number
}

/** What an account stands under, as enforcement last told it; each part for as long as it says itself. */
export interface StandingView {
  /** Those that take something from the account or a part of it: restrictions and what is stricter. */
  readonly sanctions: readonly ActiveSanction[]
  /** When each strike is forgotten; null where that was not told. */
  readonly strikesUntilMs: readonly number[] | null
  /** What people have snoozed, whether or not it is over; null where that was not told. */
  readonly snoozes: readonly StandingSnooze[] | null
}

/** What a condition can read. `detect` implements it over one key's state, reused from event to event. */
export interface DetectorScope {
  /** Value of the feature with that index, as of the evaluating event's pane; NaN when cold or unknown. */
  feature(index: number): number
  /** Null: the platform has sent no snapshot of this account. */
  readonly account: AccountState | null
  /** Whether a grant of that kind frees what is judged: 1 or 0; NaN where that is unknown (`grants.ts`). */
  granted(kind: GrantKind): number
  /** The cap of such a grant, in requests an hour; NaN where there is none. */
  grantCap(kind: GrantKind): number
  /** Null: not known. An account of which enforcement has told nothing stands under nothing. */
  readonly standing: StandingView | null
  /** Null: the event names no pool, or the pool has never reported. */
  readonly pool: PoolView | null
  /** Whether the account is on the list of that name: 1 or 0; NaN where that is unknown. */
  listed(name: string): number
  /**
   * At least how many steps (`patience.ts`) there are from now until the feature can be that great, under whatever sub-key;
   * 0 where that is not known.
   */
  stepsTo(index: number, limit: number): number
  /** Event time of the evaluation, for what expires. */
  readonly nowMs: number
  /** -1 to 1, another for each account and week; which, depends on the salt too. */
  jitter(salt: number): number
}

/** One name that a condition reads, so that what it told can be kept: a figure or a text. */
export type NamedReader =
  | {
      readonly name: string
      /** What it is made of, by index: one of what is kept, several of what is worked out. */
      readonly features: readonly number[]
      readonly value: Expression<DetectorScope>
      readonly text: null
    }
  | {
      readonly name: string
      readonly features: readonly number[]
      readonly value: null
      readonly text: (scope: DetectorScope) => string | null
    }

/**
 * How a figure moves. `settled`: not, while the account does not. Climbing: up only by steps of the features that it is
 * made of, whatever time does.
 */
export type Pace<S> = 'any' | 'settled' | Climbing<S>

export interface Climbing<S> {
  /** By index. */
  readonly features: readonly number[]
  /** Whether it is always a whole number. */
  readonly whole: boolean
  /** Whether it may become known by steps alone: what has no window (`patience.ts`, Q2). */
  readonly warmsUp: boolean
  /** At least how many steps there are from now to the limit; 0 where that is not known. */
  readonly stepsTo: (scope: S, limit: number) => number
}

/** How long a condition that does not hold can be left alone: by any of the parts that it needs (`patience.ts`). */
export interface Patience<S> {
  readonly parts: readonly PatientPart<S>[]
}

export interface PatientPart<S> {
  /** So many steps have to come before it can hold; 0 where that is not known. */
  readonly steps: Expression<S>
  /** Of which features, by index. */
  readonly features: ReadonlySet<number>
}

/** A level at which one actor may carry what a finding of the whole account rests on. */
export interface Narrowing {
  readonly level: ActorLevel
  /** Each figure of the account that is looked at, and the same of the event's own actor at that level. */
  readonly figures: readonly { readonly part: FeatureSpec; readonly whole: FeatureSpec }[]
}

export interface CompiledDetector {
  readonly id: string
  readonly version: number
  readonly clause: string
  readonly mode: DetectorMode
  /** Share of accounts (0 to 1) that a canary covers; 1 otherwise. */
  readonly canaryShare: number
  readonly condition: Expression<DetectorScope>
  /** How long it can be left alone where it does not hold; null where that is never known (`patience.ts`). */
  readonly patience: Patience<DetectorScope> | null
  /** Roughly what it costs to ask it, and what it asks first (`estimated-cost.ts`). */
  readonly cost: { readonly first: number; readonly all: number }
  readonly confidence: Expression<DetectorScope>
  /** One signal per actor and episode of this length. */
  readonly onceMs: number
  /** The narrowest level that all evidence shares: whom a signal names. */
  readonly level: ActorLevel
  /** Of a detector of accounts: whom it names instead where that one carries what was counted, the narrowest first. */
  readonly narrowings: readonly Narrowing[]
  /** The share, 0.5 to 1, of each figure that the narrower actor needs. */
  readonly narrowShare: number
  /** Features that the condition reads, by index: evaluated when one of them has changed. */
  readonly readsFeatures: readonly number[]
  readonly readsPool: boolean
  readonly readsLists: boolean
  /** Whether it can hold only of an event that names a pool. */
  readonly needsPool: boolean
  readonly readsAccount: boolean
  readonly evidence: readonly { readonly name: string; readonly value: Expression<DetectorScope> }[]
  /** Every name in the condition, in the order in which they stand. */
  readonly readings: readonly NamedReader[]
  /** Collections whose events can complete the condition. */
  readonly collections: readonly Collection[]
  readonly description: string
  readonly owner: string
  /** Honest behaviour that looks like it, in words: for reviewers and for the near misses. */
  readonly lookAlikes: readonly string[]
  readonly references: readonly string[]
  /** The formulas as people wrote them, on one line. */
  readonly text: { readonly when: string; readonly confidence: string }
}

export interface CompiledTopology {
  readonly name: string
  readonly key: 'accountId' | 'poolId'
  readonly sources: readonly string[]
  readonly latenessMs: number
  readonly maxSubKeys: number
  /** Window of the pool view in ms; 0 where the topology reads no pressure. */
  readonly poolWindowMs: number
  /** Lists of accounts that its conditions may ask for, by name, and who is on them, in words. */
  readonly lists: Readonly<Record<string, string>>
  readonly features: readonly FeatureSpec[]
  readonly derived: readonly DerivedFeature[]
  /** By the feature's index, as people wrote it: `sum usage.gpuSeconds by poolId over 10m`. */
  readonly featureTexts: readonly string[]
  readonly detectors: readonly CompiledDetector[]
  /** For `capacity`: when a pool's minute counts as saturated or degraded; null elsewhere. */
  readonly interval: CompiledInterval | null
}

/** Conditions over one minute of one pool; the scope's features are those of the topology. */
export interface CompiledInterval {
  readonly saturated: Expression<DetectorScope>
  readonly degraded: Expression<DetectorScope>
  /** The conditions as people wrote them, on one line. */
  readonly text: { readonly saturated: string; readonly degraded: string }
}
