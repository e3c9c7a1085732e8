/**
 * `usage` at run time: events of one account change its windows; conditions whose collections were touched are
 * evaluated; what holds becomes a signal, once per actor and episode.
 *
 * U1. A condition is evaluated on each event of a collection that it reads; joins of two collections hold when
 *     the later of the two arrives.
 * U2. Unknown never fires. Unknown because a pool's minute has not been told yet is asked again, as of the same
 *     moment, by a stream timer, a bounded number of times.
 * U3. A detector that throws is switched off alone, loudly (P8).
 * U4. A repeat within the last events of its key (see `recent-ids.ts`) changes nothing.
 * U5. Usage that a sanction should have closed is told to whoever counts it (enforcement-gap.ts).
 * U6. While a lost store is rebuilt, episodes that are over are counted, never told; one that still lasts is left to
 *     the next event after the rebuild. What was told before is known from the signals in the log.
 * U7. A condition that cannot hold before more events have come is not asked until then (`patience.ts`), nor is one of
 *     which the account has been told in this episode; what comes out is the same as if it were.
 */
import { scopedBy } from '../domain/grants.ts'
import { episodeOf } from '../domain/ids.ts'
import type { EvidencePointer, Signal } from '../domain/signal.ts'
import type { ActiveSanction, Standing } from '../domain/standing.ts'
import type { UsageRecord } from '../domain/usage-record.ts'
import type { Context, Decoded, Event, Former, TaskLogic, Timer } from '../engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../engine/record.ts'
import type {
  Collection,
  CompiledDetector,
  CompiledTopology,
  DetectorScope,
  Expression,
  PoolView,
} from '../topology/model.ts'
import { asAccountTells, type Counted } from './as-account-tells.ts'
import { gapOf } from './enforcement-gap.ts'
import { Evaluation, type Moment } from './evaluation.ts'
import { planFeatures, type FeaturePlan } from './feature-plan.ts'
import { actorAt, carrierOf, effectiveMode, signalOf, type ActorNames } from './finding.ts'
import type { WeeklyHash } from './jitter.ts'
import { keyStateCodec, type KeyState } from './key-state.ts'
import type { ListBoard } from './list-board.ts'
import type { PoolBoard } from './pool-board.ts'
import { neededNames, PRESSED, recheckOf, recheckTimer } from './recheck.ts'
import type { SignalId } from './signal-ids.ts'
import { CLEAR, isClear, standingView } from './standing-view.ts'
import { stateLayout } from './state-layout.ts'
import { firedKey, isTold } from './told.ts'
import { MAX_POINTERS } from './trail.ts'
import { collectionOf, eventIdOf, namesOf, pointerTo, poolIdOf, type UsageEvent } from './usage-event.ts'
import { MOST_PARTS } from './waits.ts'

const MINUTE_MS = 60_000

/** What the logic needs from outside: bytes to events and signals to bytes, the board, where to complain. */
export interface UsageParts {
  readonly prepare: (records: readonly SourceRecord[]) => Promise<void>
  readonly decode: (record: SourceRecord) => Decoded<UsageEvent>
  /** `withheld`: it will be counted, and told to nobody (U6). */
  readonly signalOutput: (signal: Signal, withheld: boolean) => OutputRecord
  /** An own signal as it stands in the log; null for anything else. */
  readonly readSignal: (record: SourceRecord) => Signal | null
  readonly board: PoolBoard
  readonly lists: ListBoard
  readonly weeklyHash: WeeklyHash
  readonly signalId: SignalId
  readonly policyVersion: number
  readonly bundleSha256: string | null
  readonly onDetectorOff: (detectorId: string, error: unknown) => void
  readonly gaps: GapWatch
  /** Recent event ids are noted per key; false where the sources cannot repeat. */
  readonly dropRepeats: boolean
}

/** Who hears of usage that a sanction should have closed (U5). */
export interface GapWatch {
  /** How long gateways may take to learn of a sanction. */
  readonly allowanceMs: number
  onGap(record: UsageRecord, sanction: ActiveSanction): void
}

/** Where nobody asks. */
export const NO_GAP_WATCH: GapWatch = { allowanceMs: Infinity, onGap: () => undefined }

export function usageLogic(
  topology: CompiledTopology,
  former: Former | null,
  parts: UsageParts,
): TaskLogic<KeyState, UsageEvent> {
  const judge = new UsageJudge(topology, former, parts)
  return {
    state: judge.codec,
    layout: judge.layout,
    prepare: parts.prepare,
    decode: parts.decode,
    process: (event, state, context) => judge.process(event, state, context),
    onTimer: (timer, state, context) => judge.recheck(timer, state, context),
    fold: (record) => foldSignal(record, topology, parts),
  }
}

/** A signal that the log knows and the store does not: its episode has been told. */
function foldSignal(
  record: SourceRecord,
  { detectors }: CompiledTopology,
  parts: UsageParts,
): ReturnType<TaskLogic<KeyState, UsageEvent>['fold']> {
  const signal = parts.readSignal(record)
  if (signal === null) return null
  const { detectorId, actor, mode, episode } = signal
  // Narrowed or not, it is the one of the account's episode.
  const ofAccount = detectors.some(({ id, level }) => id === detectorId && level === 'account')
  const fired = firedKey(detectorId, ofAccount ? actor.accountId : actor.id, mode === 'shadow')
  return { key: actor.accountId, apply: (state) => state.factsToChange().markFired(fired, episode) }
}

/** A detector that events of one collection are judged by. */
interface Asked {
  readonly detector: CompiledDetector
  /** Null where it is asked on every event. */
  readonly wait: Wait | null
}

interface Wait {
  /** At least how many steps each part of the condition still needs. */
  readonly steps: readonly Expression<DetectorScope>[]
  /** The detector's position among those that can be left alone. */
  readonly place: number
  /** Of each part the features whose steps count, of those that events of the collection feed. */
  readonly features: readonly (readonly number[])[]
}

function askedOn(collection: Collection, { detectors, features }: CompiledTopology): readonly Asked[] {
  const patient = detectors.filter(({ patience }) => patience !== null)
  const fed = new Set(features.filter((one) => one.collection === collection).map(({ index }) => index))
  return detectors
    .filter(({ collections }) => collections.includes(collection))
    .map((detector) => ({ detector, wait: waitOf(detector, patient.indexOf(detector), fed) }))
}

function waitOf({ patience }: CompiledDetector, place: number, fed: ReadonlySet<number>): Wait | null {
  if (patience === null) return null
  const parts = patience.parts.slice(0, MOST_PARTS)
  const features = parts.map((part) => [...part.features].filter((index) => fed.has(index)))
  return { steps: parts.map(({ steps }) => steps), place, features }
}

/** What sets a judgement off: an event, or the timer by which it is asked again, with what was kept of the event. */
type Occasion = Event<UsageEvent> | Reminder

interface Reminder {
  readonly timer: Timer
  readonly names: ActorNames
  readonly pointer: EvidencePointer
}

class UsageJudge {
  readonly codec
  readonly layout
  readonly #topology: CompiledTopology
  readonly #parts: UsageParts
  readonly #plan: FeaturePlan
  readonly #evaluation: Evaluation
  readonly #asked: ReadonlyMap<Collection, readonly Asked[]>
  readonly #asAccountTells: (event: Counted, state: KeyState, timeMs: number) => object
  readonly #off = new Set<string>()

  constructor(topology: CompiledTopology, former: Former | null, parts: UsageParts) {
    this.#topology = topology
    this.#parts = parts
    this.layout = stateLayout(topology, former)
    this.#plan = planFeatures(topology, this.layout)
    this.#evaluation = new Evaluation(
      this.#plan,
      (poolId, timeMs) => this.#poolView(poolId, timeMs),
      parts.weeklyHash,
      (name, accountId, timeMs) => parts.lists.has(name, accountId, timeMs),
    )
    this.codec = keyStateCodec(this.#plan)
    this.#asAccountTells = asAccountTells(topology.features)
    const collections: readonly Collection[] = ['usage', 'arrivals', 'verdicts', 'accountEvents']
    this.#asked = new Map(collections.map((one) => [one, askedOn(one, topology)]))
  }

  process(event: Event<UsageEvent>, state: KeyState, context: Context): void {
    const { body, timeMs } = event
    state.use(context.streamTimeMs)
    if (body.kind === 'account') {
      state.factsToChange().account = body.body
      state.askAll()
      return
    }
    if (body.kind === 'standing') return takeStanding(state, body.body)
    if (this.#parts.dropRepeats) {
      const eventId = eventIdOf(body)
      if (eventId !== null && !state.note(eventId, timeMs)) return
    }
    if (body.kind === 'usage') this.#watch(body.body, state, context)
    const collection = collectionOf(body)
    if (collection === null) return
    const pointer = body.kind === 'verdict' ? pointerTo(event) : null
    const read = this.#asAccountTells(body, state, timeMs)
    state.add(this.#plan.byCollection.get(collection) ?? [], read, timeMs, pointer)
    state.moving?.add(collection, read, timeMs)
    state.addLasting(collection, read, timeMs)
    this.#judge(this.#asked.get(collection) ?? [], event, state, context)
  }

  /** What a rebuild goes through again was told when it happened. */
  #watch(record: UsageRecord, state: KeyState, context: Context): void {
    const sanctions = state.facts?.standing.sanctions
    if (sanctions === undefined || sanctions.length === 0 || context.rebuilding) return
    const { gaps } = this.#parts
    const broken = gapOf(record, sanctions, gaps.allowanceMs)
    if (broken !== null) gaps.onGap(record, broken)
  }

  /** Asks again what had to wait for a pool's minute (U2). */
  recheck(timer: Timer, state: KeyState, context: Context): void {
    state.use(context.streamTimeMs)
    const recheck = recheckOf(timer)
    const detector = this.#topology.detectors.find((one) => one.id === recheck?.detectorId)
    const pointer = state.facts?.takeWaiting(timer.name) ?? null
    if (recheck === null || detector === undefined || pointer === null) return
    const { names, timeMs } = recheck
    const moment: Moment = {
      key: names.accountId,
      state,
      body: names,
      timeMs,
      asOf: true,
      poolId: names.poolId,
    }
    this.#evaluation.at(moment)
    this.#evaluate({ detector, wait: null }, moment, { timer, names, pointer }, context)
  }

  #judge(asked: readonly Asked[], event: Event<UsageEvent>, state: KeyState, context: Context): void {
    if (asked.length === 0) return
    const { body, timeMs } = event
    const moment: Moment = {
      key: event.key,
      state,
      body: body.body,
      timeMs,
      asOf: false,
      poolId: poolIdOf(body),
    }
    this.#evaluation.at(moment)
    for (const one of asked) this.#evaluate(one, moment, event, context)
  }

  /** Whether the condition cannot hold on this event, by what it tells now (U7). */
  #leavesAlone({ steps, place, features }: Wait, { state }: Moment): boolean {
    let longest = 0
    for (let part = 0; part < steps.length; part++) {
      const ofPart = steps[part]?.(this.#evaluation) ?? 0
      if (ofPart <= longest) continue
      longest = ofPart
      state.leave(place, part, ofPart)
      // What events like this one are no step of is the best to wait for.
      if (!state.steps(features[part] ?? [])) break
    }
    return longest > 0
  }

  /** `moment` is that of the evaluation. */
  #evaluate({ detector, wait }: Asked, moment: Moment, occasion: Occasion, context: Context): void {
    if (detector.needsPool && moment.poolId === null) return
    if (this.#off.size > 0 && this.#off.has(detector.id)) return
    try {
      if (wait !== null && moment.state.leaves(wait.place, wait.features)) return
      if (isTold(detector, moment)) return
      if (wait !== null && this.#leavesAlone(wait, moment)) return
      const truth = detector.condition(this.#evaluation)
      if (truth === 1) this.#fire(detector, moment, occasion, context)
      else if (Number.isNaN(truth) && this.#waitsForPool(detector, moment)) {
        this.#askAgain(detector, moment, occasion, context)
      }
    } catch (error) {
      this.#off.add(detector.id)
      this.#parts.onDetectorOff(detector.id, error)
    }
  }

  /** Whether the condition is unknown because a minute of the pool has not been told, and for that alone. */
  #waitsForPool(detector: CompiledDetector, moment: Moment): boolean {
    if (!detector.readsPool) return false
    const { pool } = this.#evaluation
    if (pool === null || pool.complete) return false
    try {
      return !Number.isNaN(detector.condition(this.#evaluation.supposing(PRESSED)))
    } finally {
      this.#evaluation.at(moment)
    }
  }

  #askAgain(detector: CompiledDetector, moment: Moment, occasion: Occasion, context: Context): void {
    const scopes = scopedBy(this.#evaluation.account)
    const needed = neededNames(detector, this.#topology.features, namesAt(occasion), scopes)
    const earlier = 'timer' in occasion ? occasion.timer : null
    const next = recheckTimer(detector.id, needed, moment.timeMs, earlier)
    if (next === null || !moment.state.factsToChange().wait(next.name, pointerAt(occasion))) return
    context.setTimer(next)
  }

  #fire(detector: CompiledDetector, moment: Moment, occasion: Occasion, context: Context): void {
    const episode = episodeOf(moment.timeMs, detector.onceMs)
    const facts = moment.state.factsToChange()
    const ofAccount = detector.level === 'account'
    const named = namesAt(occasion)
    const mode = effectiveMode(detector, named.accountId)
    // Of an account one signal an episode, whoever carries it: its share would come and go.
    const fired = firedKey(detector.id, actorAt(detector.level, named).id, mode === 'shadow')
    const isNew = facts.isNew(fired, episode)
    if (isNew && context.rebuilding && (episode + 1) * detector.onceMs > context.nowMs) {
      return this.#leaveOpen(detector, moment, occasion, context)
    }
    if (ofAccount) facts.noteToldOfAccount(detector.id, episode)
    if (!isNew) return
    const actor = carrierOf(detector, named, this.#evaluation)
    const signal = signalOf(detector, actor, mode, this.#evaluation, {
      names: named,
      timeMs: moment.timeMs,
      pointers: this.#pointers(detector, pointerAt(occasion)),
      windowMs: this.#windowOf(detector),
      signalId: this.#parts.signalId,
      policyVersion: this.#parts.policyVersion,
      bundleSha256: this.#parts.bundleSha256,
      broadcastOffsets: this.#offsetsRead(detector),
      errorOf: (feature) => this.#evaluation.error(feature),
    })
    facts.markFired(fired, episode)
    context.emit(this.#parts.signalOutput(signal, context.rebuilding))
  }

  /**
   * What a rebuild finds of an episode that is not over, and that nobody was told of, is left to what comes after it. A
   * judgement that waited for its pool when the store was lost finds the minute told now: it is asked again.
   */
  #leaveOpen(detector: CompiledDetector, moment: Moment, occasion: Occasion, context: Context): void {
    if (detector.readsPool) this.#askAgain(detector, moment, occasion, context)
  }

  /**
   * The record that completed the condition, then the last ones that its features have counted: of requests. What
   * happened to an account is no request, and there is nothing of it that a vault could keep.
   */
  #pointers(detector: CompiledDetector, completing: EvidencePointer): readonly EvidencePointer[] {
    const pointers = completing.requestId === '' ? [] : [completing]
    for (const index of detector.readsFeatures) {
      for (const pointer of this.#evaluation.trail(index)) {
        if (pointers.length === MAX_POINTERS) return pointers
        if (!pointers.some((one) => one.topic === pointer.topic && one.offset === pointer.offset)) {
          pointers.push(pointer)
        }
      }
    }
    return pointers
  }

  #windowOf(detector: CompiledDetector): number {
    const windows = detector.readsFeatures.map((index) => this.#topology.features[index]?.windowMs ?? 0)
    return Math.max(0, ...windows)
  }

  /** Of what all processes are told, which the condition read. */
  #offsetsRead({ readsPool, readsLists }: CompiledDetector): Readonly<Record<string, number>> {
    const { board, lists } = this.#parts
    return { ...(readsPool ? board.offsets() : {}), ...(readsLists ? lists.offsets() : {}) }
  }

  /** The pool over the complete minutes before the event. */
  #poolView(poolId: string, timeMs: number): PoolView | null {
    const endMs = Math.floor(timeMs / MINUTE_MS) * MINUTE_MS
    return this.#parts.board.view(poolId, endMs, this.#topology.poolWindowMs)
  }
}

/** Nothing is kept of an account that stands under nothing. */
function takeStanding(state: KeyState, standing: Standing | null): void {
  const view = standingView(standing)
  if (!isClear(view) || !isClear(state.facts?.standing ?? CLEAR)) state.factsToChange().standing = view
}

function namesAt(occasion: Occasion): ActorNames {
  return 'timer' in occasion ? occasion.names : namesOf(occasion.body, occasion.key)
}

function pointerAt(occasion: Occasion): EvidencePointer {
  return 'timer' in occasion ? occasion.pointer : pointerTo(occasion)
}
