/** What an expression may name, and how each name is read. Dotted names are looked up whole. */
import type { AccountState, GrantKind } from '../domain/account.ts'
import { GRANT_KINDS } from '../domain/account.ts'
import { snoozeId } from '../domain/ids.ts'
import { STRICTNESS, type SanctionAct } from '../domain/sanction.ts'
import type { DerivedFeature, DetectorScope, Expression, FeatureSpec, Pace, PoolView, Unit } from './model.ts'
import type { Vocabulary } from './vocabulary.ts'
import { isFigure } from '../windows/figures.ts'
import { hash31 } from '../windows/hash.ts'

export type Name<S> =
  | {
      readonly type: 'number' | 'bool'
      readonly unit: Unit
      readonly read: Expression<S>
      readonly pace: Pace<S>
      readonly from: NameOrigin
    }
  | {
      readonly type: 'text'
      readonly unit: 'none'
      readonly read: (scope: S) => string | null
      readonly from: NameOrigin
    }

/** Names by which an account or one of its actors could be singled out: no condition may read them (P10). */
export const IDENTITIES: readonly string[] = [
  'accountId',
  'organizationId',
  'projectId',
  'keyId',
  'endUserId',
  'conversationId',
  'account.id',
  'account.accountId',
  'account.organizationId',
]

/** Where a value comes from: decides when a condition is evaluated again. */
export type NameOrigin =
  | { readonly kind: 'event' }
  /** By index: several where it is worked out from several; and what reading it costs. */
  | { readonly kind: 'feature'; readonly indices: readonly number[]; readonly cost: number }
  | { readonly kind: 'account' }
  | { readonly kind: 'standing' }
  | { readonly kind: 'pool' }
  | { readonly kind: 'list' }

/** Roughly what reading a name costs: a field, or a figure of the whole key, is 1. */
export function costOf(origin: NameOrigin): number {
  if (origin.kind === 'feature') return origin.cost
  return origin.kind === 'pool' ? 3 : 1
}

export type Names<S> = ReadonlyMap<string, Name<S>>

/** The fields of one event: what `where` may read. Never who acted (P10). */
export function eventNames(vocabulary: Vocabulary): Names<unknown> {
  const from = { kind: 'event' } as const
  const pace = 'any'
  const fields = Object.entries(vocabulary).filter(([name]) => !IDENTITIES.includes(name))
  return new Map(
    fields.map(([name, field]): [string, Name<unknown>] =>
      field.type === 'text'
        ? [name, { type: 'text', unit: 'none', read: field.read, from }]
        : [name, { type: field.type, unit: field.unit, pace, read: (body) => field.read(body) ?? NaN, from }],
    ),
  )
}

/** Features alone: what the conditions of a pool's minute may read. */
export function featureNames(
  features: readonly FeatureSpec[],
  derived: readonly DerivedFeature[] = [],
): Names<DetectorScope> {
  return new Map([...keptNames(features), ...derivedNames(features, derived)])
}

function keptNames(features: readonly FeatureSpec[]): [string, Name<DetectorScope>][] {
  return features.map((spec): [string, Name<DetectorScope>] => [
    spec.name,
    {
      type: 'number',
      unit: spec.unit,
      pace: paceOf(spec),
      read: (scope) => scope.feature(spec.index),
      from: { kind: 'feature', indices: [spec.index], cost: readingCost(spec) },
    },
  ])
}

/** A sub-key has to be found; what is more than a figure may have to be merged from all panes. */
function readingCost({ shape, aggregate, by }: FeatureSpec): number {
  if (shape !== 'panes' || !isFigure(aggregate.kind)) return 6
  return by === null ? 1 : 3
}

/**
 * Counts and sums over a window that hops, for nothing but an event adds to them; and what has no window. A tumbling window
 * is that of the event, so that a straggler reads another one; a sliding one ends with the event.
 */
export function paceOf({
  aggregate: { kind },
  index,
  shape,
  told,
  windowMs,
  paneMs,
}: FeatureSpec): Pace<DetectorScope> {
  if (told !== null) return 'any'
  const whole = kind === 'count' || kind === 'earlyRetries' || kind === 'distinct' || kind === 'nearDistinct'
  const hops = shape === 'panes' && windowMs > paneMs
  if (shape !== 'lasting' && !(hops && (whole || kind === 'sum'))) return 'any'
  return {
    features: [index],
    whole,
    warmsUp: shape === 'lasting',
    stepsTo: (scope, limit) => scope.stepsTo(index, limit),
  }
}

function derivedNames(
  features: readonly FeatureSpec[],
  derived: readonly DerivedFeature[],
): [string, Name<DetectorScope>][] {
  return derived.map(({ name, unit, reads, value, pace }) => {
    const read = features.filter(({ index }) => reads.includes(index))
    const cost = read.reduce((sum, spec) => sum + readingCost(spec), 0)
    return [
      name,
      { type: 'number', unit, pace, read: value, from: { kind: 'feature', indices: reads, cost } },
    ]
  })
}

/** Features, account, standing, pool and lists: what a detector may read. */
export function detectorNames(
  features: readonly FeatureSpec[],
  derived: readonly DerivedFeature[],
  lists: readonly string[],
  own: Jittered,
): Names<DetectorScope> {
  return new Map([
    ...featureNames(features, derived),
    ...accountNames(),
    ...standingNames(own.id),
    ...poolNames(),
    ...lists.map(listName),
    jitterName(own),
  ])
}

/** A detector's own: by how much, up or down, its thresholds may lie elsewhere. */
export interface Jittered {
  readonly id: string
  readonly jitter: number
}

/** For those who read what was recorded, jitter included. */
export const RECORDED_JITTER: Jittered = { id: '', jitter: 0 }

/** About 1: what a threshold is multiplied by (`detect/jitter.ts`). */
function jitterName({ id, jitter }: Jittered): [string, Name<DetectorScope>] {
  const salt = hash31(id)
  const read = (scope: DetectorScope): number => 1 + jitter * scope.jitter(salt)
  return ['jitter', { type: 'number', unit: 'none', pace: 'any', read, from: { kind: 'event' } }]
}

function accountNames(): [string, Name<DetectorScope>][] {
  const from = { kind: 'account' } as const
  const number = (
    name: string,
    unit: Unit,
    read: (account: AccountState) => number | null,
  ): [string, Name<DetectorScope>] => [
    name,
    {
      type: 'number',
      unit,
      pace: 'settled',
      read: (scope) => (scope.account === null ? NaN : (read(scope.account) ?? NaN)),
      from,
    },
  ]
  const text = (name: string, read: (account: AccountState) => string): [string, Name<DetectorScope>] => [
    name,
    {
      type: 'text',
      unit: 'none',
      read: (scope) => (scope.account === null ? null : read(scope.account)),
      from,
    },
  ]
  const flag = (
    name: string,
    read: (account: AccountState) => boolean | null,
  ): [string, Name<DetectorScope>] => [
    name,
    {
      type: 'bool',
      unit: 'none',
      pace: 'settled',
      read: (scope) => truthOf(scope.account === null ? null : read(scope.account)),
      from,
    },
  ]
  return [
    number('account.quota.requestsPerMinute', 'perMinute', (account) => account.quota.requestsPerMinute),
    number('account.quota.requestsPerHour', 'count', (account) => account.quota.requestsPerHour),
    number('account.quota.tokensPerHour', 'tokens', (account) => account.quota.tokensPerHour),
    number('account.quota.gpuSecondsPerHour', 'seconds', (account) => account.quota.gpuSecondsPerHour),
    text('account.tier', (account) => account.tier),
    text('account.limitScope', (account) => account.limitScope),
    ['account.ageMs', { type: 'number', unit: 'ms', pace: 'any', read: accountAgeMs, from }],
    flag('account.protected', (account) => account.protected),
    flag('account.ageVerified', (account) => account.ageVerified),
    flag('account.ageAttested', (account) => account.ageAttested),
    ...GRANT_KINDS.flatMap(grantNames),
  ]
}

/** A grant may run out, and be used up, at any time. */
function grantNames(kind: GrantKind): [string, Name<DetectorScope>][] {
  const told = { pace: 'any', from: { kind: 'account' } } as const
  return [
    [`account.grants.${kind}`, { type: 'bool', unit: 'none', read: (scope) => scope.granted(kind), ...told }],
    [
      `account.grantCaps.${kind}`,
      { type: 'number', unit: 'count', read: (scope) => scope.grantCap(kind), ...told },
    ],
  ]
}

function truthOf(value: boolean | null): number {
  return value === null ? NaN : Number(value)
}

function accountAgeMs(scope: DetectorScope): number {
  return scope.account === null ? NaN : scope.nowMs - scope.account.createdAtMs
}

/**
 * What begins and ends by itself is never settled. Of the account or any part of it: whoever goes on with a second key
 * stands under what was closed to the first.
 */
function standingNames(detectorId: string): [string, Name<DetectorScope>][] {
  const from = { kind: 'standing' } as const
  const under = (name: string, least: SanctionAct): [string, Name<DetectorScope>] => [
    `standing.${name}`,
    { type: 'bool', unit: 'none', pace: 'any', read: (scope) => standsUnder(scope, STRICTNESS[least]), from },
  ]
  return [
    under('restricted', 'restriction'),
    under('suspended', 'suspension'),
    ['standing.strikes', { type: 'number', unit: 'count', pace: 'any', read: strikesOf, from }],
    ['standing.snoozed', { type: 'bool', unit: 'none', pace: 'any', read: snoozedOf(detectorId), from }],
  ]
}

/** Whether something at least as strict is in force. */
function standsUnder({ standing, nowMs }: DetectorScope, strictness: number): number {
  if (standing === null) return NaN
  const found = standing.sanctions.some(
    ({ act, effectiveAtMs, endsAtMs }) =>
      STRICTNESS[act] >= strictness && effectiveAtMs <= nowMs && (endsAtMs === null || endsAtMs > nowMs),
  )
  return Number(found)
}

function strikesOf({ standing, nowMs }: DetectorScope): number {
  return standing?.strikesUntilMs?.filter((untilMs) => untilMs > nowMs).length ?? NaN
}

/** Whether people have snoozed this detector, or every one, for the account. */
function snoozedOf(detectorId: string): Expression<DetectorScope> {
  const ids = [snoozeId(detectorId), snoozeId(null)]
  return ({ standing, nowMs }) => {
    const snoozes = standing?.snoozes ?? null
    return truthOf(snoozes && snoozes.some(({ id, untilMs }) => untilMs > nowMs && ids.includes(id)))
  }
}

/** Of the account. A list may run out at any time. */
function listName(list: string): [string, Name<DetectorScope>] {
  const read = (scope: DetectorScope): number => scope.listed(list)
  return [`lists.${list}`, { type: 'bool', unit: 'none', pace: 'any', read, from: { kind: 'list' } }]
}

function poolNames(): [string, Name<DetectorScope>][] {
  const pool = (
    name: string,
    unit: Unit,
    read: (view: PoolView) => number,
  ): [string, Name<DetectorScope>] => [
    `pool.${name}`,
    {
      type: 'number',
      unit,
      pace: 'any',
      read: (scope) => (scope.pool?.complete === true ? read(scope.pool) : NaN),
      from: { kind: 'pool' },
    },
  ]
  return [
    pool('minutes', 'count', (view) => view.minutes),
    pool('saturatedMinutes', 'count', (view) => view.saturatedMinutes),
    pool('degradedMinutes', 'count', (view) => view.degradedMinutes),
    pool('gpuSeconds', 'seconds', (view) => view.gpuSeconds),
    pool('accountsWaiting', 'count', (view) => view.accountsWaiting),
    pool('requestsWaiting', 'count', (view) => view.requestsWaiting),
  ]
}
