/**
 * One seed, in a process of its own: the world's events as usage records, verdicts, telemetry and account events through
 * the shipped topologies `capacity` and `usage`; what they find goes through `enforcement` on the embedded platform.
 *
 * Simpler than the real way, for the sake of time: `capacity` and `usage` run as they are but without log, bytes and
 * checkpoints around them; responses become usage records by the meter's own function; verdicts have the true hashes of
 * templates and slots and no scores, so that no detector of content can fire; notices are delivered half a minute after
 * an act; and nothing that is decided reaches the simulated gateway.
 */
import { cpuUsage } from 'node:process'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { loadBundle, topologyOf } from '../../src/cli/compose/bundle.ts'
import { PRESSURE_TOPIC } from '../../src/cli/compose/usage.ts'
import { Fingerprinter } from '../../src/classify/fingerprint.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { capacityLogic } from '../../src/detect/capacity-logic.ts'
import { weeklyHash } from '../../src/detect/jitter.ts'
import { signalIds } from '../../src/detect/signal-ids.ts'
import type { KeyState } from '../../src/detect/key-state.ts'
import { ListBoard } from '../../src/detect/list-board.ts'
import { PoolBoard } from '../../src/detect/pool-board.ts'
import type { UsageEvent } from '../../src/detect/usage-event.ts'
import { NO_GAP_WATCH, usageLogic } from '../../src/detect/usage-logic.ts'
import type { AccountState } from '../../src/domain/account.ts'
import type { Signal } from '../../src/domain/signal.ts'
import type { GpuTelemetry } from '../../src/domain/telemetry.ts'
import type { OutputRecord, SourceRecord } from '../../src/engine/record.ts'
import { Meter } from '../../src/meter/meter.ts'
import { DAY_MS } from '../../src/simulate/acceptance/act.ts'
import { createWorld, WORLD_VERSION } from '../../src/simulate/acceptance/world.ts'
import type { SimulatedEvent } from '../../src/simulate/simulated-event.ts'
import { Lane } from './lane.ts'
import { Ledger } from './ledger.ts'
import type { SeedOutcome, SeedTask } from './outcome.ts'
import { noticeOf } from '../../src/simulate/notice.ts'
import { verdictOn } from './verdict-on.ts'

/** A Monday under the policy in force. */
const START_MS = Date.UTC(2026, 5, 1)
/** Time of enforcement moves so often where something waits for it, and each hour anyway. */
const STEP_MS = 120_000
const IDLE_STEP_MS = 3_600_000
const SETTLE_MS = 10 * 60_000
const HASH_KEY = { id: 'acceptance', secret: Buffer.from('a key for the acceptance run') }
/** Nobody reads what logic gives out as bytes: signals and pressure are taken as they are. */
const NO_OUTPUT: OutputRecord = { topic: 'abuse.signals.v1', key: '', value: null, headers: {} }

type Progress = (day: number, requests: number) => void

export async function runSeed(task: SeedTask, progress: Progress): Promise<SeedOutcome> {
  const { seed, days, accounts, requestsPerDay } = task
  const fingerprinter = new Fingerprinter(HASH_KEY)
  const hosts = { hashKeyId: fingerprinter.keyId, hash: (host: string) => fingerprinter.host(host) }
  const population = { days, accounts, requestsPerDay, hosts, version: WORLD_VERSION }
  const world = createWorld({ seed, startMs: START_MS, ...population })
  const ledger = new Ledger(world, START_MS)
  const enforcement = await Enforcement.start(ledger)
  const detection = new Detection((signal) => {
    ledger.hear(signal)
    enforcement.hear(signal)
  })
  let day = 0
  for (const event of world.events()) {
    if (enforcement.isDue(event.appendTimeMs)) await enforcement.moveTo(event.appendTimeMs)
    if (event.appendTimeMs >= START_MS + (day + 1) * DAY_MS) progress(++day, ledger.requests)
    ledger.see(event)
    if (event.topic === 'accounts.state.v1') enforcement.know(event.value, event.appendTimeMs)
    detection.take(event)
  }
  await enforcement.settle()
  const { user, system } = cpuUsage()
  return ledger.close(seed, (user + system) / 1e6)
}

/** `capacity` and `usage`, in the order of the events. */
class Detection {
  readonly #meter = new Meter({ hashKey: HASH_KEY })
  readonly #fingerprinter = new Fingerprinter(HASH_KEY)
  readonly #capacity: Lane<KeyState, GpuTelemetry>
  readonly #usage: Lane<KeyState, UsageEvent>
  #offset = 0

  constructor(onSignal: (signal: Signal) => void) {
    const bundle = loadBundle('topologies')
    const board = new PoolBoard()
    const unread = { prepare: () => Promise.resolve(), decode: () => ({ outcome: 'skipped' }) as const }
    this.#capacity = new Lane(
      capacityLogic(topologyOf(bundle, 'capacity'), null, {
        ...unread,
        pressureOutput: (pressure) => {
          board.apply(pressure, { topic: PRESSURE_TOPIC, partition: 0, offset: this.#offset++ })
          return NO_OUTPUT
        },
      }),
    )
    this.#usage = new Lane(
      usageLogic(topologyOf(bundle, 'usage'), null, {
        ...unread,
        signalOutput: (signal) => {
          if (signal.mode !== 'shadow') onSignal(signal)
          return NO_OUTPUT
        },
        readSignal: () => null,
        board,
        lists: new ListBoard(),
        weeklyHash: weeklyHash(HASH_KEY),
        signalId: signalIds(HASH_KEY),
        policyVersion: bundle.policy.version,
        bundleSha256: bundle.sha256,
        onDetectorOff: (detectorId, error) => {
          throw new Error(`${detectorId} threw`, { cause: error })
        },
        gaps: NO_GAP_WATCH,
        dropRepeats: false,
      }),
    )
  }

  take(event: SimulatedEvent): void {
    const { topic, key, value, appendTimeMs } = event
    switch (topic) {
      case 'inference.requests.v1': {
        const body = verdictOn(value, this.#fingerprinter)
        if (body !== null) this.#process(event, body.occurredAtMs, { kind: 'verdict', body })
        return
      }
      case 'inference.responses.v1': {
        const body = this.#meter.completed(value)
        return this.#process(event, body.occurredAtMs, { kind: 'usage', body })
      }
      case 'gpu.telemetry.v1':
        return this.#capacity.process(key, value.sampledAtMs, value, this.#recordOf(event))
      case 'accounts.state.v1':
        return this.#process(event, Math.min(value.updatedAtMs, appendTimeMs), {
          kind: 'account',
          body: value,
        })
      case 'accounts.events.v1':
        return this.#process(event, value.occurredAtMs, { kind: 'accountEvent', body: value })
    }
  }

  #process(event: SimulatedEvent, timeMs: number, body: UsageEvent): void {
    this.#usage.process(event.key, timeMs, body, this.#recordOf(event))
  }

  #recordOf({ topic, appendTimeMs }: SimulatedEvent): SourceRecord {
    return { topic, partition: 0, offset: this.#offset++, appendTimeMs, key: null, value: null, headers: {} }
  }
}

/** The ladder, on the embedded platform: it is told of accounts, signals and notices, and of nothing else. */
class Enforcement {
  readonly #platform: EmbeddedPlatform
  readonly #ledger: Ledger
  #nowMs = START_MS
  #waiting = true

  private constructor(platform: EmbeddedPlatform, ledger: Ledger) {
    this.#platform = platform
    this.#ledger = ledger
  }

  static async start(ledger: Ledger): Promise<Enforcement> {
    const parts = { flows: loadFlows(), bundle: loadBundle('topologies'), hashKey: HASH_KEY }
    const platform = await EmbeddedPlatform.start({ ...parts, classifier: null, startMs: START_MS })
    return new Enforcement(platform, ledger)
  }

  know(account: AccountState, nowMs: number): void {
    this.#platform.append('accounts.state.v1', account, nowMs)
  }

  hear(signal: Signal): void {
    this.#platform.append('abuse.signals.v1', signal, signal.occurredAtMs)
    this.#waiting = true
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#nowMs + (this.#waiting ? STEP_MS : IDLE_STEP_MS)
  }

  async moveTo(nowMs: number): Promise<void> {
    this.#nowMs = nowMs
    this.#waiting = false
    await this.#platform.advance(nowMs)
    for (const review of await this.#platform.taken('abuse.reviews.v1')) this.#ledger.reviewed(review)
    for (const sanction of await this.#platform.taken('abuse.sanctions.v1')) {
      this.#ledger.sanctioned(sanction)
      this.#platform.append('accounts.events.v1', noticeOf(sanction, nowMs), nowMs)
      this.#waiting = true
    }
  }

  async settle(): Promise<void> {
    await this.moveTo(this.#nowMs + SETTLE_MS)
    await this.#platform.stop()
  }
}
