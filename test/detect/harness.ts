/**
 * The logic of `usage` driven directly, one key at a time: a context that records, records built from what a test
 * says of them, and a store that is a map of cells.
 */
import type { Grant, GrantKind } from '../../src/domain/account.ts'
import { readTopology } from '../../src/topology/read-topology.ts'
import type { CompiledTopology } from '../../src/topology/model.ts'
import { planFeatures, type FeaturePlan } from '../../src/detect/feature-plan.ts'
import { stateLayout } from '../../src/detect/state-layout.ts'
import type { KeyState } from '../../src/detect/key-state.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { signalIds } from '../../src/detect/signal-ids.ts'
import { ListBoard } from '../../src/detect/list-board.ts'
import { PoolBoard } from '../../src/detect/pool-board.ts'
import type { UsageEvent } from '../../src/detect/usage-event.ts'
import { NO_GAP_WATCH, usageLogic, type GapWatch } from '../../src/detect/usage-logic.ts'
import type { AccountEvent, AccountState } from '../../src/domain/account.ts'
import type { Signal } from '../../src/domain/signal.ts'
import type { ActiveSanction, Standing, Strike } from '../../src/domain/standing.ts'
import type { PoolPressure } from '../../src/domain/telemetry.ts'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import type { Verdict } from '../../src/domain/verdict.ts'
import type { Context, Former, Layout, TaskLogic, Timer } from '../../src/engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../../src/engine/record.ts'

export const ACCOUNT = 'acct-1'
/** A full hour, and the edge of every pane. */
export const START_MS = Date.UTC(2026, 0, 1)
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** A topology around the given features and detectors; throws with every problem. */
export function topologyOf(yaml: string, lateness = '30s'): CompiledTopology {
  const head = `topology: usage
key: accountId
sources: [inference.usage.v1, inference.verdicts.v1, accounts.state.v1, accounts.events.v1, abuse.standing.v1]
lateness: ${lateness}
`
  const { topology, problems } = readTopology('test.yaml', head + yaml)
  if (topology === null) throw new Error(problems.map(({ message }) => message).join('\n'))
  return topology
}

/** What every detector of a test needs to say beside its condition. */
export function detector(id: string, when: string, more = 'once: 1h'): string {
  const rest = `clause: fair-use.exhaustion, version: 1, owner: test, description: test, lookAlikes: [a, b]`
  const mode = more.includes('mode:') ? '' : 'mode: live, '
  return `  - { id: ${id}, ${rest}, ${mode}when: '${when}', confidence: 'logistic(1.0, 1.0, 1.0)', ${more} }`
}

export interface DriveOptions {
  readonly dropRepeats: boolean
  readonly gaps: GapWatch
  readonly onDetectorOff: (detectorId: string, error: unknown) => void
}

export const NO_STANDING: Standing = {
  accountId: ACCOUNT,
  updatedAtMs: START_MS,
  active: [],
  shadow: false,
  strikes: [],
  keyFlags: [],
  snoozes: [],
}

/** One account's state under one logic, which may be changed. */
export class Drive {
  readonly board = new PoolBoard()
  readonly lists = new ListBoard()
  readonly signals: Signal[] = []
  readonly timers = new Map<string, Timer>()
  readonly #options: Partial<DriveOptions>
  plan: FeaturePlan
  logic: TaskLogic<KeyState, UsageEvent>
  state: KeyState
  streamTimeMs = -Infinity
  newestEventMs = -Infinity
  rebuilding = false
  nowMs = 0
  #offset = 0
  readonly #cells = new Map<string, Buffer>()
  readonly #expiries = new Map<string, number | null>()
  readonly #context: Context

  constructor(topology: CompiledTopology, options: Partial<DriveOptions> = {}) {
    this.#options = options
    this.plan = planFeatures(topology)
    this.logic = this.#logicOf(topology, null)
    this.state = this.logic.state.create(ACCOUNT)
    const drive = (): Pick<Drive, 'nowMs' | 'streamTimeMs' | 'rebuilding'> => this
    this.#context = {
      partition: 3,
      get nowMs() {
        return drive().nowMs
      },
      get streamTimeMs() {
        return drive().streamTimeMs
      },
      get rebuilding() {
        return drive().rebuilding
      },
      emit: () => undefined,
      setTimer: (timer) => void this.timers.set(timer.name, timer),
      clearTimer: (_key, name) => void this.timers.delete(name),
    }
  }

  usage(timeMs: number, more: Partial<UsageRecord> = {}): this {
    return this.event({ kind: 'usage', body: usageRecord(timeMs, this.#offset, more) }, timeMs)
  }

  verdict(timeMs: number, more: Partial<Verdict> = {}): this {
    return this.event({ kind: 'verdict', body: verdictOf(timeMs, this.#offset, more) }, timeMs)
  }

  accountEvent(timeMs: number, kind: AccountEvent['kind']): this {
    const eventId = `event-${this.#offset}`
    const body = {
      eventId,
      accountId: ACCOUNT,
      kind,
      occurredAtMs: timeMs,
      keyId: null,
      sanctionId: null,
      resource: null,
    }
    return this.event({ kind: 'accountEvent', body }, timeMs)
  }

  account(more: Partial<AccountState> | null): this {
    const body = more === null ? null : accountOf(more)
    return this.event({ kind: 'account', body }, START_MS)
  }

  standing(more: Partial<Standing> | null, timeMs = START_MS): this {
    const body = more === null ? null : { ...NO_STANDING, ...more }
    return this.event({ kind: 'standing', body }, timeMs)
  }

  event(body: UsageEvent, timeMs: number): this {
    this.fire(timeMs)
    this.streamTimeMs = Math.max(this.streamTimeMs, timeMs)
    this.newestEventMs = Math.max(this.newestEventMs, timeMs)
    const topic = body.kind === 'verdict' ? 'inference.verdicts.v1' : 'inference.usage.v1'
    const record = recordAt(topic, this.#offset++, timeMs)
    this.logic.process({ key: ACCOUNT, timeMs, body, record }, this.state, this.#context)
    return this
  }

  /** Fires the timers that are due, earliest first, as the engine does before an event of that time. */
  fire(untilMs: number): this {
    for (;;) {
      const due = [...this.timers.values()].filter(({ dueMs }) => dueMs <= untilMs)
      const next = due.sort((a, b) => a.dueMs - b.dueMs)[0]
      if (next === undefined) return this
      this.timers.delete(next.name)
      this.streamTimeMs = Math.max(this.streamTimeMs, next.dueMs)
      this.logic.onTimer(next, this.state, this.#context)
    }
  }

  fold(signal: number): this {
    this.logic.fold(recordAt('abuse.signals.v1', signal, 0))?.apply(this.state, this.#context)
    return this
  }

  /** Commits what changed, as the engine would; expired slots leave the store. */
  commit(): this {
    this.logic.state.changes(this.state, (slot, cell) => {
      if (slot.expiresAtMs !== null && slot.expiresAtMs <= this.streamTimeMs) return
      if (cell === null) this.#cells.delete(slot.name)
      else this.#cells.set(slot.name, cell)
      if (!this.#expiries.has(slot.name)) this.#expiries.set(slot.name, slot.expiresAtMs)
    })
    for (const [name, expiresAtMs] of this.#expiries) {
      if (expiresAtMs === null || expiresAtMs > this.streamTimeMs) continue
      this.#cells.delete(name)
      this.#expiries.delete(name)
    }
    return this
  }

  /** Commits, forgets the state in memory and reads it back. */
  reload(): this {
    this.commit()
    this.state = this.logic.state.decode(ACCOUNT, new Map([...this.#cells].reverse()))
    return this
  }

  /** The same under another topology, as after a restart. */
  change(topology: CompiledTopology): this {
    this.commit()
    const { newestEventMs, streamTimeMs } = this
    const layout: unknown = JSON.parse(JSON.stringify(this.logic.layout))
    if (!isLayout(layout)) throw new Error('a layout is not stored as it is')
    const former = { layout, newestEventMs, streamTimeMs, taskState: null }
    this.plan = planFeatures(topology, stateLayout(topology, former))
    this.logic = this.#logicOf(topology, former)
    return this.reload()
  }

  get slots(): readonly string[] {
    return [...this.#cells.keys()]
  }

  #logicOf(topology: CompiledTopology, former: Former | null): TaskLogic<KeyState, UsageEvent> {
    return usageLogic(topology, former, {
      prepare: () => Promise.resolve(),
      decode: () => ({ outcome: 'skipped' }),
      signalOutput: (signal) => this.#record(signal),
      readSignal: (record) => this.signals[record.offset] ?? null,
      board: this.board,
      lists: this.lists,
      weeklyHash: NO_JITTER,
      signalId: signalIds({ id: 'k1', secret: Buffer.from('a key for tests alone') }),
      policyVersion: 7,
      bundleSha256: 'b'.repeat(64),
      onDetectorOff: (id, error) => {
        throw error instanceof Error ? error : new Error(id)
      },
      gaps: NO_GAP_WATCH,
      dropRepeats: true,
      ...this.#options,
    })
  }

  #record(signal: Signal): OutputRecord {
    this.signals.push(signal)
    return { topic: 'abuse.signals.v1', key: ACCOUNT, value: null, headers: {} }
  }
}

function isLayout(value: unknown): value is Layout {
  return typeof value === 'object' && value !== null && 'parts' in value && 'forms' in value
}

function recordAt(topic: string, offset: number, appendTimeMs: number): SourceRecord {
  return { topic, partition: 3, offset, appendTimeMs, key: null, value: null, headers: {} }
}

export function usageRecord(timeMs: number, at: number, more: Partial<UsageRecord>): UsageRecord {
  return {
    phase: 'completed',
    eventId: `usage-${at}`,
    requestId: `request-${at}`,
    accountId: ACCOUNT,
    keyId: 'key-1',
    organizationId: null,
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    model: 'assistant-small',
    poolId: 'pool-1',
    serverAddress: null,
    occurredAtMs: timeMs,
    inputTokens: 100,
    outputTokens: 20,
    cacheReadInputTokens: 0,
    gpuSeconds: 0.5,
    gpuSecondsEstimated: false,
    status: 'ok',
    finishReason: 'stop',
    queueTimeMs: 0,
    durationMs: 0,
    retryAfterMs: null,
    billed: true,
    clientAddressHash: '00000000000000a1',
    clientNetworkHash: null,
    userAgentHash: null,
    hashKeyId: 'h1',
    ...more,
  }
}

export function verdictOf(timeMs: number, at: number, more: Partial<Verdict>): Verdict {
  return {
    eventId: `verdict-${at}`,
    requestId: `request-${at}`,
    accountId: ACCOUNT,
    keyId: 'key-1',
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    model: 'coder-large',
    poolId: null,
    occurredAtMs: timeMs,
    side: 'exchange',
    role: 'assistant',
    task: 'generate',
    outcome: 'complied',
    segment: 0,
    scored: true,
    scores: [],
    disguises: [],
    opaque: false,
    containsCode: false,
    mentions: null,
    characters: 100,
    contentDigest: '0000000000000001',
    templateHash: null,
    askedTemplateHash: null,
    slotHash: null,
    slotOrdinal: null,
    slotKind: null,
    hostHashes: null,
    hostCount: null,
    simHash: null,
    media: null,
    hashKeyId: 'h1',
    modelId: 'm',
    modelVersion: '1',
    ...more,
  }
}

export function accountOf(more: Partial<AccountState>): AccountState {
  return {
    accountId: ACCOUNT,
    organizationId: null,
    tier: 'payAsYouGo',
    createdAtMs: START_MS - 100 * HOUR_MS,
    updatedAtMs: START_MS,
    quota: { requestsPerMinute: null, requestsPerHour: 100, tokensPerHour: null, gpuSecondsPerHour: 10 },
    limitScope: 'account',
    grants: [],
    protected: false,
    ageVerified: null,
    ageAttested: null,
    language: null,
    ownHosts: null,
    ...more,
  }
}

/** For the whole account, without an end. */
export function grantOf(kind: GrantKind, more: Partial<Grant> = {}): Grant {
  const whole = { expiresAtMs: null, scope: null, capRequestsPerHour: null, evidence: null }
  return { kind, issuedBy: 'test', reason: 'test', ...whole, ...more }
}

/** A suspension of the whole API, from the beginning on. */
export function sanctionOf(more: Partial<ActiveSanction>): ActiveSanction {
  return {
    sanctionId: 's1',
    act: 'suspension',
    scope: 'api',
    scopeTarget: null,
    rateCeilingPerMinute: null,
    actorLevel: 'account',
    actorId: ACCOUNT,
    reasonCode: 'fair-use',
    effectiveAtMs: START_MS,
    endsAtMs: null,
    ...more,
  }
}

export function strikeOf(more: Partial<Strike>): Strike {
  return {
    sanctionId: 's1',
    act: 'warning',
    scope: 'account',
    scopeTarget: null,
    rateCeilingPerMinute: null,
    actorLevel: 'account',
    actorId: ACCOUNT,
    reasonCode: 'fair-use',
    step: 1,
    strikeOrdinal: 1,
    issuedAtMs: START_MS,
    endsAtMs: null,
    endedAtMs: null,
    appealUntilMs: START_MS + 30 * 24 * HOUR_MS,
    expiresAtMs: START_MS + 90 * 24 * HOUR_MS,
    cause: null,
    ...more,
  }
}

export function pressure(minute: number, more: Partial<PoolPressure> = {}): PoolPressure {
  const startMs = START_MS + minute * MINUTE_MS
  return {
    poolId: 'pool-1',
    startMs,
    endMs: startMs + MINUTE_MS,
    saturated: true,
    degraded: false,
    gpuActiveRatio: 0.99,
    gpuSeconds: 60,
    requestsWaiting: 20,
    accountsWaiting: 5,
    queueTimeSeconds: 3,
    samples: 4,
    ...more,
  }
}
