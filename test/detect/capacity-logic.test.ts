/** Telemetry of a pool becomes one pressure interval a minute, once nothing can change the minute any more. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { capacityLogic } from '../../src/detect/capacity-logic.ts'
import type { KeyState } from '../../src/detect/key-state.ts'
import type { GpuTelemetry, PoolPressure } from '../../src/domain/telemetry.ts'
import type { Context, Timer } from '../../src/engine/logic.ts'
import { readTopology } from '../../src/topology/read-topology.ts'
import { MINUTE_MS, START_MS } from './harness.ts'

const LATENESS_MS = 15_000

class Pool {
  readonly told: PoolPressure[] = []
  readonly #timers = new Map<string, Timer>()
  readonly #logic
  #state: KeyState
  #streamTimeMs = -Infinity

  constructor() {
    const { topology } = readTopology('capacity.yaml', readFileSync('topologies/capacity.yaml', 'utf8'))
    if (topology === null) throw new Error('capacity.yaml does not compile')
    this.#logic = capacityLogic(topology, null, {
      prepare: () => Promise.resolve(),
      decode: () => ({ outcome: 'skipped' }),
      pressureOutput: (pressure) => {
        this.told.push(pressure)
        return { topic: 'abuse.pool-pressure.v1', key: pressure.poolId, value: null, headers: {} }
      },
    })
    this.#state = this.#logic.state.create('pool-1')
  }

  sample(second: number, more: Partial<GpuTelemetry> = {}): this {
    const body = telemetry(START_MS + second * 1_000, more)
    this.#advance(body.sampledAtMs)
    const record = {
      topic: 't',
      partition: 0,
      offset: 0,
      appendTimeMs: 0,
      key: null,
      value: null,
      headers: {},
    }
    this.#logic.process(
      { key: 'pool-1', timeMs: body.sampledAtMs, body, record },
      this.#state,
      this.#context(),
    )
    return this
  }

  reload(): this {
    const cells = new Map<string, Buffer>()
    this.#logic.state.changes(this.#state, ({ name }, cell) => void (cell === null || cells.set(name, cell)))
    this.#state = this.#logic.state.decode('pool-1', cells)
    return this
  }

  /** As the engine does: what is due fires first, at its own time; then time moves on. */
  #advance(toMs: number): void {
    const due = [...this.#timers.values()].filter(({ dueMs }) => dueMs <= toMs)
    for (const timer of due.sort((a, b) => a.dueMs - b.dueMs)) {
      this.#timers.delete(timer.name)
      this.#streamTimeMs = Math.max(this.#streamTimeMs, timer.dueMs)
      this.#logic.onTimer(timer, this.#state, this.#context())
    }
    this.#streamTimeMs = Math.max(this.#streamTimeMs, toMs)
  }

  #context(): Context {
    return {
      partition: 0,
      nowMs: 0,
      streamTimeMs: this.#streamTimeMs,
      rebuilding: false,
      emit: () => undefined,
      setTimer: (timer) => void this.#timers.set(timer.name, timer),
      clearTimer: (_key, name) => void this.#timers.delete(name),
    }
  }
}

function telemetry(sampledAtMs: number, more: Partial<GpuTelemetry>): GpuTelemetry {
  return {
    eventId: `sample-${sampledAtMs}`,
    poolId: 'pool-1',
    sampledAtMs,
    sampleSeconds: 15,
    region: null,
    gpuCount: 8,
    gpuCountExpected: 8,
    gpuActiveRatio: 0.5,
    memoryUsedBytes: null,
    memoryTotalBytes: null,
    powerWatts: null,
    requestsRunning: 10,
    requestsWaiting: 0,
    accountsWaiting: 0,
    queueTimeSeconds: 0,
    kvCacheUsageRatio: null,
    ...more,
  }
}

const AFTER = 60 + LATENESS_MS / 1_000

describe('a pool', () => {
  it('is told of once a minute, when the lateness is over and not before', () => {
    const pool = new Pool()
      .sample(0)
      .sample(15)
      .sample(30)
      .sample(45)
      .sample(AFTER - 1)
    expect(pool.told).toEqual([])
    pool.sample(AFTER)
    expect(pool.told).toMatchObject([
      { poolId: 'pool-1', startMs: START_MS, endMs: START_MS + MINUTE_MS, samples: 4, gpuActiveRatio: 0.5 },
    ])
    pool.sample(AFTER + 1)
    expect(pool.told).toHaveLength(1)
  })

  it('says nothing of a minute in which it did not report', () => {
    const pool = new Pool().sample(0).sample(200).sample(400)
    expect(pool.told.map(({ startMs }) => (startMs - START_MS) / MINUTE_MS)).toEqual([0, 3])
  })

  it.each([
    ['four samples of a quarter', [15, 15, 15, 15]],
    ['one sample that stands for all', [15]],
    ['overlapping samples', [60, 60]],
  ])('worked ratio times GPUs times sixty seconds, from %s', (_name, seconds) => {
    const pool = new Pool()
    for (const [at, sampleSeconds] of seconds.entries()) pool.sample(at, { sampleSeconds })
    expect(pool.sample(AFTER).told[0]?.gpuSeconds).toBe(0.5 * 8 * 60)
  })

  it('weighs a sample by the time that it stands for', () => {
    const pool = new Pool()
      .sample(0, { sampleSeconds: 45, gpuActiveRatio: 1 })
      .sample(50, { gpuActiveRatio: 0 })
    expect(pool.sample(AFTER).told[0]).toMatchObject({ gpuActiveRatio: 0.75, gpuSeconds: 0.75 * 8 * 60 })
  })

  it('is saturated only while it is busy and somebody waits', () => {
    const busy = { gpuActiveRatio: 0.99 }
    const waiting = { requestsWaiting: 12, accountsWaiting: 4, queueTimeSeconds: 2 }
    const pool = new Pool()
      .sample(0, busy)
      .sample(60, waiting)
      .sample(120, { ...busy, ...waiting })
      .sample(300)
    expect(pool.told.map(({ saturated }) => saturated)).toEqual([false, false, true])
    expect(pool.told[2]).toMatchObject({ requestsWaiting: 12, accountsWaiting: 4, queueTimeSeconds: 2 })
  })

  it('is degraded while GPUs are missing, and not where nobody says how many there should be', () => {
    const pool = new Pool().sample(0, { gpuCount: 7 }).sample(60, { gpuCountExpected: null }).sample(300)
    expect(pool.told.map(({ degraded }) => degraded)).toEqual([true, false])
  })

  it('says the same after its state was stored and read back', () => {
    const kept = new Pool().sample(0).sample(20, { gpuActiveRatio: 0.7 }).sample(AFTER)
    const read = new Pool().sample(0).reload().sample(20, { gpuActiveRatio: 0.7 }).reload().sample(AFTER)
    expect(read.told).toEqual(kept.told)
  })
})
