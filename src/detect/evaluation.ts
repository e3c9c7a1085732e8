/**
 * What a condition reads while one event is judged: the key's features under the event's own sub-keys, the
 * account, its standing, the pool, the lists that people keep. One object, reused from event to event; the pool is looked up only when it is read.
 */
import type { AccountState, GrantKind } from '../domain/account.ts'
import { grantCap, isGranted } from '../domain/grants.ts'
import type { EvidencePointer } from '../domain/signal.ts'
import type { DetectorScope, PoolView, StandingView } from '../topology/model.ts'
import type { FeaturePlan } from './feature-plan.ts'
import { Jitter, type WeeklyHash } from './jitter.ts'
import type { KeyState } from './key-state.ts'
import type { ListLookup } from './list-board.ts'
import { CLEAR } from './standing-view.ts'

export interface Moment {
  /** The account; of what judges pools, the pool. */
  readonly key: string
  readonly state: KeyState
  /** What names the sub-keys (key id, pool, end user) that are meant: an event's body, or the names it had. */
  readonly body: unknown
  readonly timeMs: number
  /** Read as things stood at `timeMs`, what came later left out: for a judgement that had to wait. */
  readonly asOf: boolean
  readonly poolId: string | null
}

/** The pool as it is known over the complete minutes before that time. */
export type PoolLookup = (poolId: string, timeMs: number) => PoolView | null

export class Evaluation implements DetectorScope {
  readonly #plan: FeaturePlan
  readonly #lookUp: PoolLookup
  readonly #jitter: Jitter
  readonly #lists: ListLookup
  #moment: Moment | null = null
  #pool: PoolView | null = null
  #poolKnown = true

  constructor(plan: FeaturePlan, lookUp: PoolLookup, weeklyHash: WeeklyHash, lists: ListLookup) {
    this.#lists = lists
    this.#jitter = new Jitter(weeklyHash)
    this.#plan = plan
    this.#lookUp = lookUp
  }

  at(moment: Moment): this {
    this.#moment = moment
    this.#pool = null
    this.#poolKnown = moment.poolId === null
    return this
  }

  /** The same moment, had the pool told that. */
  supposing(pool: PoolView): this {
    this.#pool = pool
    this.#poolKnown = true
    return this
  }

  feature(index: number): number {
    const moment = this.#moment
    const feature = this.#plan.features[index]
    if (moment === null) return NaN
    if (feature === undefined) return this.#moving(index, moment)
    const kept = moment.state.value(feature, moment.body, moment.timeMs, moment.asOf)
    return feature.spec.told === null ? kept : feature.spec.told(kept, moment.timeMs)
  }

  /** What is not kept in panes. */
  #moving(index: number, { state, body, timeMs, asOf }: Moment): number {
    const lasting = this.#plan.lasting.byIndex[index]
    const feature = lasting ?? this.#plan.moving?.features[this.#plan.moving.byIndex.get(index) ?? -1]
    if (feature === undefined) return NaN
    const { by, told } = feature.spec
    const subKey = by === null ? null : by.field(body)
    if (by !== null && subKey === null) return NaN
    const kept =
      lasting === undefined
        ? (state.moving?.value(index, subKey, timeMs, asOf) ?? NaN)
        : state.lastingValue(lasting, subKey, timeMs)
    return told === null ? kept : told(kept, timeMs)
  }

  stepsTo(index: number, limit: number): number {
    const state = this.#moment?.state
    if (state === undefined) return 0
    const feature = this.#plan.features[index]
    if (feature !== undefined) return state.stepsTo(feature, limit)
    const lasting = this.#plan.lasting.byIndex[index]
    return lasting === undefined ? 0 : state.lastingStepsTo(lasting, limit)
  }

  /** How far a feature may be from the exact figure, in its own unit; 0 where it is exact. */
  error(index: number): number {
    const moment = this.#moment
    const feature = this.#plan.features[index]
    if (moment === null) return 0
    if (feature === undefined) return this.#movingError(index, moment)
    return moment.state.error(feature, moment.body, moment.timeMs, moment.asOf)
  }

  #movingError(index: number, moment: Moment): number {
    const { state, body, timeMs, asOf } = moment
    const { moving } = this.#plan
    const spec = moving?.features[moving.byIndex.get(index) ?? -1]?.spec
    const subKey = spec?.by === null ? null : (spec?.by.field(body) ?? undefined)
    if (spec === undefined || subKey === undefined) return 0
    const error = state.moving?.error(index, subKey, timeMs, asOf) ?? 0
    if (spec.told === null || error === 0) return error
    const kept = state.moving?.value(index, subKey, timeMs, asOf) ?? NaN
    const told = spec.told(kept, timeMs)
    return Math.max(
      ...[kept - error, kept + error].map((one) => Math.abs(told - (spec.told?.(one, timeMs) ?? NaN))),
    )
  }

  /** The records that the feature has counted, newest first, as far as they are kept. */
  trail(index: number): readonly EvidencePointer[] {
    const moment = this.#moment
    const feature = this.#plan.features[index]
    if (moment === null || feature === undefined) return []
    return moment.state.trail(feature, moment.body, moment.timeMs)
  }

  get account(): AccountState | null {
    return this.#moment?.state.facts?.account ?? null
  }

  granted(kind: GrantKind): number {
    const facts = this.#moment?.state.facts ?? null
    if (facts === null || this.#moment === null) return NaN
    const { body, timeMs } = this.#moment
    const granted = isGranted(facts.account, kind, body, timeMs, facts)
    return granted === null ? NaN : Number(granted)
  }

  grantCap(kind: GrantKind): number {
    const { body, timeMs } = this.#moment ?? { body: null, timeMs: 0 }
    return grantCap(this.account, kind, body, timeMs) ?? NaN
  }

  get standing(): StandingView {
    return this.#moment?.state.facts?.standing ?? CLEAR
  }

  get pool(): PoolView | null {
    if (!this.#poolKnown) {
      this.#poolKnown = true
      const { poolId, timeMs } = this.#moment ?? { poolId: null, timeMs: 0 }
      this.#pool = poolId === null ? null : this.#lookUp(poolId, timeMs)
    }
    return this.#pool
  }

  listed(name: string): number {
    const moment = this.#moment
    const found = moment === null ? null : this.#lists(name, moment.key, moment.timeMs)
    return found === null ? NaN : Number(found)
  }

  get nowMs(): number {
    return this.#moment?.timeMs ?? 0
  }

  jitter(salt: number): number {
    const moment = this.#moment
    return moment === null ? 0 : this.#jitter.of(moment.key, moment.timeMs, salt)
  }
}
