/**
 * What a condition reads while one event is judged: the key's features under the event's own sub-keys, the
 * account, the pool. One object, reused from event to event.
 */
import type { AccountState } from '../domain/account.ts'
import type { DetectorScope, PoolView } from '../topology/model.ts'
import type { FeaturePlan } from './feature-plan.ts'
import type { KeyState } from './key-state.ts'

/** Sub-key values by name, as the event that is judged gives them; null where it does not say. */
export type SubKeyNames = Readonly<Record<string, string | null>>

export interface Moment {
  readonly state: KeyState
  /** The names whose sub-keys (key id, pool, end user) are meant. */
  readonly names: SubKeyNames
  readonly timeMs: number
  /** Read as things stood at `timeMs`, what came later left out: for a judgement that had to wait. */
  readonly asOf: boolean
  readonly pool: PoolView | null
}

export class Evaluation implements DetectorScope {
  readonly #plan: FeaturePlan
  #moment: Moment | null = null

  constructor(plan: FeaturePlan) {
    this.#plan = plan
  }

  at(moment: Moment): this {
    this.#moment = moment
    return this
  }

  feature(index: number): number {
    const moment = this.#moment
    const feature = this.#plan.features[index]
    if (moment === null || feature === undefined) return NaN
    const { by } = feature.spec
    const subKey = by === null ? null : (moment.names[by.name] ?? null)
    if (by !== null && subKey === null) return NaN
    return moment.state.windows[feature.classIndex]?.value(feature, subKey, moment.timeMs, moment.asOf) ?? NaN
  }

  get account(): AccountState | null {
    return this.#moment?.state.facts.account ?? null
  }

  get pool(): PoolView | null {
    return this.#moment?.pool ?? null
  }

  get nowMs(): number {
    return this.#moment?.timeMs ?? 0
  }
}
