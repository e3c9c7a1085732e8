/**
 * `capacity` at run time: telemetry of one pool becomes one pressure interval for every minute in which the pool
 * reported, on minute edges, once the pool's stream time has passed the minute and the allowed lateness.
 */
import type { GpuTelemetry, PoolPressure } from '../domain/telemetry.ts'
import type { Context, Decoded, Event, Former, TaskLogic, Timer } from '../engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../engine/record.ts'
import type { CompiledTopology } from '../topology/model.ts'
import { Evaluation } from './evaluation.ts'
import { planFeatures, type FeaturePlan } from './feature-plan.ts'
import { NO_JITTER } from './jitter.ts'
import { NO_LISTS } from './list-board.ts'
import { keyStateCodec, type KeyState } from './key-state.ts'
import { stateLayout } from './state-layout.ts'

const MINUTE_MS = 60_000

export interface CapacityParts {
  readonly prepare: (records: readonly SourceRecord[]) => Promise<void>
  readonly decode: (record: SourceRecord) => Decoded<GpuTelemetry>
  readonly pressureOutput: (pressure: PoolPressure) => OutputRecord
}

/** Telemetry is folded into these besides the topology's own features: what an interval carries. */
export function capacityLogic(
  topology: CompiledTopology,
  former: Former | null,
  parts: CapacityParts,
): TaskLogic<KeyState, GpuTelemetry> {
  const minutes = new PoolMinutes(withIntervalFeatures(topology), former, parts)
  return {
    state: minutes.codec,
    layout: minutes.layout,
    prepare: parts.prepare,
    decode: parts.decode,
    process: (event, state, context) => minutes.add(event, state, context),
    onTimer: (timer, state, context) => minutes.close(timer, state, context),
    // A minute that is told twice says the same: readers keep the last.
    fold: () => null,
  }
}

/** What every interval carries, by the name of its feature, in order after the topology's own. */
const INTERVAL_FIELDS = {
  /** Samples weigh as much as the time that they stand for. */
  sampleSeconds: { kind: 'sum', of: (sample: GpuTelemetry) => sample.sampleSeconds },
  activeSeconds: { kind: 'sum', of: (sample: GpuTelemetry) => sample.gpuActiveRatio * sample.sampleSeconds },
  gpuSeconds: {
    kind: 'sum',
    of: (sample: GpuTelemetry) => sample.gpuActiveRatio * sample.gpuCount * sample.sampleSeconds,
  },
  requestsWaiting: { kind: 'mean', of: (sample: GpuTelemetry) => sample.requestsWaiting },
  accountsWaiting: { kind: 'mean', of: (sample: GpuTelemetry) => sample.accountsWaiting },
  queueTimeSeconds: { kind: 'mean', of: (sample: GpuTelemetry) => sample.queueTimeSeconds },
  samples: { kind: 'sum', of: () => 1 },
} as const
type IntervalField = keyof typeof INTERVAL_FIELDS

function withIntervalFeatures(topology: CompiledTopology): CompiledTopology {
  const own = topology.features.length
  const added = Object.entries(INTERVAL_FIELDS).map(([name, { kind, of }], at) => ({
    name: `interval.${name}`,
    index: own + at,
    collection: 'telemetry' as const,
    aggregate: { kind, field: (body: unknown) => (isTelemetry(body) ? of(body) : null) },
    by: null,
    where: null,
    fields: [name],
    told: null,
    shape: 'panes' as const,
    windowMs: MINUTE_MS,
    paneMs: MINUTE_MS,
    unit: 'none' as const,
  }))
  return { ...topology, features: [...topology.features, ...added] }
}

function isTelemetry(body: unknown): body is GpuTelemetry {
  return typeof body === 'object' && body !== null && 'gpuActiveRatio' in body
}

class PoolMinutes {
  readonly codec
  readonly layout
  readonly #topology: CompiledTopology
  readonly #parts: CapacityParts
  readonly #plan: FeaturePlan
  readonly #evaluation: Evaluation
  /** Features by name, those of the interval without their prefix. */
  readonly #fields: ReadonlyMap<string, number>

  constructor(topology: CompiledTopology, former: Former | null, parts: CapacityParts) {
    this.#topology = topology
    this.#parts = parts
    this.layout = stateLayout(topology, former)
    this.#plan = planFeatures(topology, this.layout)
    this.#evaluation = new Evaluation(this.#plan, () => null, NO_JITTER, NO_LISTS)
    this.#fields = new Map(
      topology.features.map(({ name, index }) => [name.replace(/^interval\./, ''), index]),
    )
    this.codec = keyStateCodec(this.#plan)
  }

  add(event: Event<GpuTelemetry>, state: KeyState, context: Context): void {
    state.use(context.streamTimeMs)
    state.add(this.#plan.byCollection.get('telemetry') ?? [], event.body, event.timeMs, null)
    const minute = Math.floor(event.timeMs / MINUTE_MS)
    const dueMs = (minute + 1) * MINUTE_MS + this.#topology.latenessMs
    context.setTimer({ key: event.key, name: String(minute), kind: 'stream', dueMs })
  }

  close(timer: Timer, state: KeyState, context: Context): void {
    state.use(context.streamTimeMs)
    const startMs = Number(timer.name) * MINUTE_MS
    const scope = this.#evaluation.at({
      key: timer.key,
      state,
      body: null,
      timeMs: startMs,
      asOf: true,
      poolId: null,
    })
    const field = (name: IntervalField): number => {
      const value = scope.feature(this.#fields.get(name) ?? -1)
      return Number.isNaN(value) ? 0 : value
    }
    const sampleSeconds = field('sampleSeconds')
    // Samples of part of the minute stand for all of it; overlapping ones do not count twice.
    const overTime = (sum: number): number => (sampleSeconds === 0 ? 0 : sum / sampleSeconds)
    const pressure: PoolPressure = {
      poolId: timer.key,
      startMs,
      endMs: startMs + MINUTE_MS,
      saturated: this.#topology.interval?.saturated(scope) === 1,
      degraded: this.#topology.interval?.degraded(scope) === 1,
      gpuActiveRatio: overTime(field('activeSeconds')),
      gpuSeconds: overTime(field('gpuSeconds')) * 60,
      requestsWaiting: field('requestsWaiting'),
      accountsWaiting: field('accountsWaiting'),
      queueTimeSeconds: field('queueTimeSeconds'),
      samples: field('samples'),
    }
    context.emit(this.#parts.pressureOutput(pressure))
  }
}
