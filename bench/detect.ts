/**
 * What windows and conditions cost: the yardstick's features and detectors over its stream, in memory, straight
 * through the logic of `usage`. Prints CPU seconds per million records; the whole stream (2,000,000) is also
 * checked against the signals that must come out.
 *
 * Not measured here: fetch, Avro, the engine, checkpoints (but for `--commit`, which encodes what changed every
 * 2,000 records as a checkpoint would), publishing. For the job as a whole with its peers, see the end-to-end run.
 *
 * The same records go, chunk by chunk, through the features without any detector: what conditions cost is the difference,
 * with the windows that only they have merged. By the clock each condition is told too, of one judgement in 256.
 *
 * With `--topology FILE` other features and detectors run over the same stream, in which every account has a snapshot, and
 * which has no verdicts and no pools: what they cost, not what they find.
 *
 *   node bench/detect.ts [records = 500000] [--commit] [--topology topologies/usage.yaml]
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpuUsage, memoryUsage } from 'node:process'
import { readTopology } from '../src/topology/read-topology.ts'
import type { CompiledTopology } from '../src/topology/model.ts'
import { withCosts } from '../src/detect/detector-cost.ts'
import { NO_JITTER } from '../src/detect/jitter.ts'
import { signalIds } from '../src/detect/signal-ids.ts'
import { ListBoard } from '../src/detect/list-board.ts'
import { PoolBoard } from '../src/detect/pool-board.ts'
import { NO_GAP_WATCH, usageLogic } from '../src/detect/usage-logic.ts'
import type { KeyState } from '../src/detect/key-state.ts'
import type { UsageEvent } from '../src/detect/usage-event.ts'
import type { Signal } from '../src/domain/signal.ts'
import type { AccountState } from '../src/domain/account.ts'
import type { UsageRecord } from '../src/domain/usage-record.ts'
import type { Context, Event, TaskLogic } from '../src/engine/logic.ts'
import { partitionOf } from '../src/log/murmur2.ts'
import { RECORDS, yardstickStream, type YardstickRecord } from './yardstick-stream.ts'

const TOPOLOGY = `
topology: yardstick
key: accountId
sources: [inference.usage.v1]
lateness: 30s
features:
  requests_1m: { count: usage, window: 1m }
  requests_1h: { count: usage, window: 1h }
  gpuSeconds_1h: { sum: usage.gpuSeconds, window: 1h }
  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }
  topTemplate_1h: { topShare: usage.userAgentHash, window: 1h }
detectors:
  - { id: yard.burst, clause: c, version: 1, mode: live, owner: o, description: d, lookAlikes: [a, b], once: 1h,
      when: requests_1m > 60, confidence: 'logistic(requests_1m, 60.0, 1.0)', evidence: [requests_1m] }
  - { id: yard.spread, clause: c, version: 1, mode: live, owner: o, description: d, lookAlikes: [a, b], once: 1h,
      when: addresses_1h > 100, confidence: 'logistic(addresses_1h, 100.0, 1.0)', evidence: [addresses_1h] }
  - { id: yard.compute, clause: c, version: 1, mode: live, owner: o, description: d, lookAlikes: [a, b], once: 1h,
      when: gpuSeconds_1h > 3600.0, confidence: 'logistic(gpuSeconds_1h, 3600.0, 1.0)', evidence: [gpuSeconds_1h] }
  - { id: yard.harvest, clause: c, version: 1, mode: live, owner: o, description: d, lookAlikes: [a, b], once: 1h,
      when: requests_1h > 100 && topTemplate_1h > 0.8, confidence: 'logistic(topTemplate_1h, 0.8, 0.1)',
      evidence: [requests_1h, topTemplate_1h] }
`
const EXPECTED_SIGNALS = 2_144
const EXPECTED_SHA256 = 'bb349d111cf7e9c7bccea5ac4ec5ed4782cd6197f5fc9938b79d9cff7a29828e'
const PARTITIONS = 6
const LATENESS_MS = 30_000
const CHUNK = 2_000
const RECORDS_A_COMMIT = 2_000

/** One partition: its stream time, its keys, as a task would hold them. */
class Partition {
  readonly #logic: TaskLogic<KeyState, UsageEvent>
  readonly #context: Context
  readonly #states = new Map<string, KeyState>()
  readonly #dirty = new Set<KeyState>()
  readonly #commits: boolean
  #streamTimeMs = -Infinity
  #sinceCommit = 0
  late = 0
  cellBytes = 0
  cells = 0

  constructor(logic: TaskLogic<KeyState, UsageEvent>, partition: number, commits: boolean) {
    this.#logic = logic
    this.#commits = commits
    const streamTimeMs = (): number => this.#streamTimeMs
    this.#context = {
      partition,
      nowMs: 0,
      get streamTimeMs() {
        return streamTimeMs()
      },
      rebuilding: false,
      emit: () => undefined,
      setTimer: () => undefined,
      clearTimer: () => undefined,
    }
  }

  process(event: Event<UsageEvent>): void {
    if (event.timeMs > this.#streamTimeMs) this.#streamTimeMs = event.timeMs
    if (event.timeMs < this.#streamTimeMs - LATENESS_MS) {
      this.late++
      return
    }
    let state = this.#states.get(event.key)
    if (state === undefined) {
      state = this.#logic.state.create(event.key)
      this.#states.set(event.key, state)
      if (namedTopology() !== null) this.#logic.process(snapshotOf(event), state, this.#context)
    }
    this.#logic.process(event, state, this.#context)
    if (this.#commits) this.#commitLater(state)
  }

  #commitLater(state: KeyState): void {
    this.#dirty.add(state)
    if (++this.#sinceCommit < RECORDS_A_COMMIT) return
    for (const dirty of this.#dirty) {
      this.#logic.state.changes(dirty, (_slot, cell) => {
        this.cellBytes += cell?.length ?? 0
        this.cells++
      })
    }
    this.#dirty.clear()
    this.#sinceCommit = 0
  }
}

/** What the platform says of an account before its first record. */
function snapshotOf(first: Event<UsageEvent>): Event<UsageEvent> {
  const body: AccountState = {
    accountId: first.key,
    organizationId: null,
    tier: 'payAsYouGo',
    createdAtMs: first.timeMs - 90 * 86_400_000,
    updatedAtMs: first.timeMs,
    quota: {
      requestsPerMinute: 600,
      requestsPerHour: 10_000,
      tokensPerHour: null,
      gpuSecondsPerHour: 10_000,
    },
    limitScope: 'account',
    grants: [],
    protected: false,
    ageVerified: null,
    ageAttested: null,
    language: null,
    ownHosts: null,
  }
  return { ...first, body: { kind: 'account', body } }
}

/** The file that the command line names; null for the yardstick's own. */
function namedTopology(): string | null {
  const at = process.argv.indexOf('--topology')
  return at < 0 ? null : (process.argv[at + 1] ?? null)
}

function compiled(): CompiledTopology {
  const file = namedTopology()
  const { topology, problems } = readTopology('bench', file === null ? TOPOLOGY : readFileSync(file, 'utf8'))
  if (topology === null) throw new Error(problems.map((problem) => problem.message).join('\n'))
  return topology
}

/** The yardstick's record as a usage record; its template stands in `userAgentHash`, its event id in `requestId`. */
function usageRecord(record: YardstickRecord): UsageRecord {
  return {
    phase: 'completed',
    eventId: record.eventId,
    requestId: record.eventId,
    accountId: record.accountId,
    keyId: 'key',
    organizationId: null,
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    model: 'assistant-large-2026-01',
    poolId: null,
    serverAddress: null,
    occurredAtMs: record.timeMs,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadInputTokens: 0,
    gpuSeconds: record.gpuSeconds,
    gpuSecondsEstimated: false,
    status: 'ok',
    finishReason: 'stop',
    queueTimeMs: null,
    durationMs: null,
    retryAfterMs: null,
    billed: null,
    clientAddressHash: record.clientAddress,
    clientNetworkHash: null,
    userAgentHash: record.templateHash,
    hashKeyId: '',
  }
}

function eventOf(record: YardstickRecord, offset: number): Event<UsageEvent> {
  return {
    key: record.accountId,
    timeMs: record.timeMs,
    body: { kind: 'usage', body: usageRecord(record) },
    record: {
      topic: 'inference.usage.v1',
      partition: 0,
      offset,
      appendTimeMs: record.timeMs,
      key: null,
      value: null,
      headers: {},
    },
  }
}

function verdictOn(signals: readonly Signal[]): string {
  const lines = signals.map(({ detectorId, actor, episode, pointers }) => {
    return `${detectorId.slice('yard.'.length)}:${actor.accountId}:${episode},${pointers[0]?.requestId}\n`
  })
  const sha256 = createHash('sha256').update(lines.sort().join('')).digest('hex')
  return sha256 === EXPECTED_SHA256 && signals.length === EXPECTED_SIGNALS ? 'exact' : `WRONG (${sha256})`
}

interface Routed {
  readonly partition: number
  readonly event: Event<UsageEvent>
}

function partitionsOf(topology: CompiledTopology, onSignal: (signal: Signal) => void): readonly Partition[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const logic = usageLogic(topology, null, {
      prepare: () => Promise.resolve(),
      decode: () => ({ outcome: 'skipped' }),
      signalOutput: (signal) => {
        onSignal(signal)
        return { topic: 'abuse.signals.v1', key: '', value: null, headers: {} }
      },
      readSignal: () => null,
      board: new PoolBoard(),
      lists: new ListBoard(),
      weeklyHash: NO_JITTER,
      signalId: signalIds({ id: 'k1', secret: Buffer.from('a key for tests alone') }),
      policyVersion: 1,
      bundleSha256: 'b'.repeat(64),
      onDetectorOff: (detectorId, error) => console.error(detectorId, error),
      gaps: NO_GAP_WATCH,
      dropRepeats: !process.argv.includes('--no-repeats'),
    })
    return new Partition(logic, partition, process.argv.includes('--commit'))
  })
}

function microsOf(partitions: readonly Partition[], chunk: readonly Routed[]): number {
  const before = cpuUsage()
  for (const { partition, event } of chunk) partitions[partition]?.process(event)
  const { user, system } = cpuUsage(before)
  return user + system
}

function main(): void {
  const records = Number(process.argv[2] ?? 500_000)
  const commits = process.argv.includes('--commit')
  const signals: Signal[] = []
  const costs = new Map<string, number>()
  const topology = withCosts(compiled(), {
    nowMs: () => performance.now(),
    spent: (id, seconds) => void costs.set(id, (costs.get(id) ?? 0) + seconds),
  })
  const partitions = partitionsOf(topology, (signal) => signals.push(signal))
  const bare = partitionsOf({ ...topology, detectors: [] }, () => undefined)
  const stream = yardstickStream()
  let cpuMicros = 0
  let bareMicros = 0
  for (let done = 0; done < records; done += CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, records - done) }, (_, at): Routed => {
      const { value } = stream.next()
      const partition = partitionOf(Buffer.from(value.accountId), PARTITIONS)
      return { partition, event: eventOf(value, done + at) }
    })
    // Turn by turn, and each as often the first to read the events.
    const bareFirst = (done / CHUNK) % 2 === 0
    if (bareFirst) bareMicros += microsOf(bare, chunk)
    cpuMicros += microsOf(partitions, chunk)
    if (!bareFirst) bareMicros += microsOf(bare, chunk)
  }
  const late = partitions.reduce((sum, one) => sum + one.late, 0)
  const bytes = partitions.reduce((sum, one) => sum + one.cellBytes, 0)
  const cells = partitions.reduce((sum, one) => sum + one.cells, 0)
  const mebibytes = Math.round(memoryUsage.rss() / 1_048_576)
  console.log(`${records} records, ${late} late, ${signals.length} signals, RSS ${mebibytes} MiB`)
  const conditions = ((cpuMicros - bareMicros) / records).toFixed(2)
  console.log(`${(cpuMicros / records).toFixed(2)} CPU s/M${commits ? ' with encoding' : ''}`)
  console.log(`${conditions} of it more than without detectors`)
  const all = [...costs].map(([id, seconds]) => [id, (seconds * 1e6) / records] as const)
  const micros = all.reduce((sum, [, one]) => sum + one, 0)
  console.log(`${micros.toFixed(2)} µs a record of these in conditions, by the clock:`)
  for (const [id, one] of all.sort(([, a], [, b]) => b - a)) console.log(`  ${one.toFixed(3)} ${id}`)
  if (commits)
    console.log(`${(bytes / records).toFixed(0)} bytes and ${(cells / records).toFixed(2)} cells a record`)
  if (records === RECORDS && namedTopology() === null) console.log(`signals: ${verdictOn(signals)}`)
}

main()
