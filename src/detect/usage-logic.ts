/**
 * `usage` at run time: events of one account change its windows; conditions whose collections were touched are
 * evaluated; what holds becomes a signal, once per actor and episode.
 *
 * U1. A condition is evaluated on each event of a collection that it reads; joins of two collections hold when
 *     the later of the two arrives.
 * U2. Unknown never fires. Unknown because a pool's minute has not been told yet is asked again, as of the same
 *     moment, by a stream timer, a bounded number of times.
 * U3. A detector that throws is switched off alone, loudly (P8).
 * U4. A repeat within the last events of its key (see `facts.ts`) changes nothing.
 */
import { episodeOf } from '../domain/ids.ts'
import type { EvidencePointer, Signal } from '../domain/signal.ts'
import type { Context, Decoded, Event, TaskLogic, Timer } from '../engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../engine/record.ts'
import type { CompiledDetector, CompiledTopology, Collection, PoolView } from '../topology/model.ts'
import { Evaluation, type Moment } from './evaluation.ts'
import { planFeatures, type FeaturePlan, type PaneClass, type PlannedFeature } from './feature-plan.ts'
import { actorAt, effectiveMode, signalOf, type ActorNames } from './finding.ts'
import { keyStateCodec, type KeyState } from './key-state.ts'
import type { PoolBoard } from './pool-board.ts'
import { recheckOf, recheckTimer } from './recheck.ts'
import { collectionOf, eventIdOf, namesOf, requestIdOf, type UsageEvent } from './usage-event.ts'

const MINUTE_MS = 60_000

/** What the logic needs from outside: bytes to events and signals to bytes, the board, where to complain. */
export interface UsageParts {
  readonly prepare: (records: readonly SourceRecord[]) => Promise<void>
  readonly decode: (record: SourceRecord) => Decoded<UsageEvent>
  readonly signalOutput: (signal: Signal) => OutputRecord
  /** An own signal as it stands in the log; null for anything else. */
  readonly readSignal: (record: SourceRecord) => Signal | null
  readonly board: PoolBoard
  readonly policyVersion: number
  readonly onDetectorOff: (detectorId: string, error: unknown) => void
  /** Recent event ids are noted per key; false where the sources cannot repeat. */
  readonly dropRepeats: boolean
}

export function usageLogic(topology: CompiledTopology, parts: UsageParts): TaskLogic<KeyState, UsageEvent> {
  const judge = new UsageJudge(topology, parts)
  return {
    state: judge.codec,
    prepare: parts.prepare,
    decode: parts.decode,
    process: (event, state, context) => judge.process(event, state, context),
    onTimer: (timer, state, context) => judge.recheck(timer, state, context),
    fold: (record) => foldSignal(record, parts),
  }
}

/** A signal that the log knows and the store does not: its episode has been told. */
function foldSignal(
  record: SourceRecord,
  parts: UsageParts,
): ReturnType<TaskLogic<KeyState, UsageEvent>['fold']> {
  const signal = parts.readSignal(record)
  if (signal === null) return null
  const { detectorId, actor, mode, episode } = signal
  return {
    key: actor.accountId,
    apply: (state) => state.facts.markFired(firedKey(detectorId, actor.id, mode === 'shadow'), episode),
  }
}

/** One detector about one actor at one moment. `timer`: the one by which it is asked again, or null. */
interface Judgement {
  readonly detector: CompiledDetector
  readonly moment: Moment
  readonly names: ActorNames
  readonly pointer: EvidencePointer
  readonly timer: Timer | null
}

class UsageJudge {
  readonly codec
  readonly #topology: CompiledTopology
  readonly #parts: UsageParts
  readonly #plan: FeaturePlan
  readonly #evaluation: Evaluation
  readonly #detectors: ReadonlyMap<Collection, readonly CompiledDetector[]>
  /** Features of a collection, grouped by pane class: one look-up of the pane for all of them. */
  readonly #groups: ReadonlyMap<
    Collection,
    readonly { paneClass: PaneClass; features: readonly PlannedFeature[] }[]
  >
  readonly #off = new Set<string>()

  constructor(topology: CompiledTopology, parts: UsageParts) {
    this.#topology = topology
    this.#parts = parts
    this.#plan = planFeatures(topology)
    this.#evaluation = new Evaluation(this.#plan)
    this.codec = keyStateCodec(this.#plan)
    const collections: readonly Collection[] = ['usage', 'arrivals', 'verdicts', 'accountEvents']
    this.#detectors = new Map(
      collections.map((one) => [
        one,
        topology.detectors.filter((detector) => detector.collections.includes(one)),
      ]),
    )
    this.#groups = new Map(collections.map((one) => [one, this.#groupsOf(one)]))
  }

  process(event: Event<UsageEvent>, state: KeyState, context: Context): void {
    const { body, timeMs } = event
    if (body.kind === 'account') {
      state.facts.account = body.body
      state.facts.dirty = true
      return
    }
    const eventId = eventIdOf(body)
    if (this.#parts.dropRepeats && eventId !== null && !state.facts.note(eventId)) return
    const collection = collectionOf(body)
    if (collection === null) return
    for (const { paneClass, features } of this.#groups.get(collection) ?? []) {
      state.windows[paneClass.index]?.add(features, body.body, timeMs)
    }
    const detectors = this.#detectors.get(collection) ?? []
    if (detectors.length > 0) this.#judge(detectors, event, state, context)
  }

  /** Asks again what had to wait for a pool's minute (U2). */
  recheck(timer: Timer, state: KeyState, context: Context): void {
    const recheck = recheckOf(timer)
    const detector = this.#topology.detectors.find((one) => one.id === recheck?.detectorId)
    const pointer = state.facts.takeWaiting(timer.name)
    if (recheck === null || detector === undefined || pointer === null) return
    const { names, timeMs } = recheck
    const pool = this.#poolView(names.poolId, timeMs)
    const moment: Moment = { state, names, timeMs, asOf: true, pool }
    this.#evaluate({ detector, moment, names, pointer, timer }, context)
  }

  #groupsOf(collection: Collection): { paneClass: PaneClass; features: readonly PlannedFeature[] }[] {
    const features = this.#plan.byCollection.get(collection) ?? []
    return this.#plan.classes
      .map((paneClass) => ({
        paneClass,
        features: features.filter((one) => one.classIndex === paneClass.index),
      }))
      .filter((group) => group.features.length > 0)
  }

  #judge(
    detectors: readonly CompiledDetector[],
    event: Event<UsageEvent>,
    state: KeyState,
    context: Context,
  ): void {
    const { body, timeMs, key, record } = event
    const names = namesOf(body, key)
    const { topic, partition, offset } = record
    const pointer = { requestId: requestIdOf(body), topic, partition, offset }
    const pool = this.#topology.poolWindowMs > 0 ? this.#poolView(names.poolId, timeMs) : null
    const moment: Moment = { state, names, timeMs, asOf: false, pool }
    for (const detector of detectors)
      this.#evaluate({ detector, moment, names, pointer, timer: null }, context)
  }

  #evaluate(judgement: Judgement, context: Context): void {
    const { detector, moment } = judgement
    if (this.#off.has(detector.id)) return
    try {
      const truth = detector.condition(this.#evaluation.at(moment))
      if (truth === 1) this.#fire(judgement, context)
      else if (Number.isNaN(truth) && waitsForPool(detector, moment)) this.#askAgain(judgement, context)
    } catch (error) {
      this.#off.add(detector.id)
      this.#parts.onDetectorOff(detector.id, error)
    }
  }

  #askAgain({ detector, moment, names, pointer, timer }: Judgement, context: Context): void {
    const next = recheckTimer(detector.id, names, moment.timeMs, timer)
    if (next === null || !moment.state.facts.wait(next.name, pointer)) return
    context.setTimer(next)
  }

  #fire({ detector, moment, names, pointer }: Judgement, context: Context): void {
    const actor = actorAt(detector, names)
    const mode = effectiveMode(detector, names.accountId)
    const fired = firedKey(detector.id, actor.id, mode === 'shadow')
    const episode = episodeOf(moment.timeMs, detector.onceMs)
    const { facts } = moment.state
    if (!facts.isNew(fired, episode)) return
    facts.markFired(fired, episode)
    const signal = signalOf(detector, actor, mode, this.#evaluation.at(moment), {
      names,
      timeMs: moment.timeMs,
      pointer,
      windowMs: this.#windowOf(detector),
      policyVersion: this.#parts.policyVersion,
      broadcastOffsets: detector.readsPool ? this.#parts.board.offsets() : {},
    })
    context.emit(this.#parts.signalOutput(signal))
  }

  #windowOf(detector: CompiledDetector): number {
    const windows = detector.readsFeatures.map((index) => this.#topology.features[index]?.windowMs ?? 0)
    return Math.max(0, ...windows)
  }

  /** The pool over the complete minutes before the event. */
  #poolView(poolId: string | null, timeMs: number): PoolView | null {
    if (poolId === null) return null
    const endMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS
    return this.#parts.board.view(poolId, endMs, this.#topology.poolWindowMs)
  }
}

function waitsForPool(detector: CompiledDetector, moment: Moment): boolean {
  return detector.readsPool && moment.pool !== null && !moment.pool.complete
}

function firedKey(detectorId: string, actorId: string, shadow: boolean): string {
  return `${detectorId}|${actorId}${shadow ? '|shadow' : ''}`
}
