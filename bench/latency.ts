/**
 * `npm run bench -- latency`: from a response's append to its sanction's append, through meter, usage and
 * enforcement on real Kafka and Redis, at a steady rate; the whole way and each hop. Prints one JSON object as its last line.
 *
 * How: the topologies of the repository with one detector more, which fires on the first request of accounts whose
 * id begins a new hour's episode, and budgets wide enough not to hold anything. Every tenth second's share of the
 * events goes to such a marker account; all other events are traffic around it.
 *
 * `--by-second` prints the slowest markers of each second of the load before that, the whole way and each hop, and the
 * CPU time that Bailiff took in it.
 *
 * `secondHalf` counts the markers of the second half of the load alone: the first half has the start of the processes
 * in it, when their code is not compiled yet.
 *
 * Needs Kafka, a registry and Redis by the environment, with topics: `npm run services -- up`, `npx bailiff topics`.
 *
 * Not measured: classification (events carry no text), several brokers, replication, a network, rates near the
 * limit. The machine runs broker, Redis, registry, load and Bailiff on the same two cores.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createCodec } from '../src/codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../src/codec/registry.ts'
import { loadFlows } from '../src/codec/schema-files.ts'
import { pause } from '../src/cli/pause.ts'
import { kafkaOptions } from '../src/cli/compose/kafka-options.ts'
import type { AccountState } from '../src/domain/account.ts'
import { systemClock } from '../src/domain/clock.ts'
import type { InferenceResponse } from '../src/domain/inference.ts'
import { silentLogger } from '../src/domain/logger.ts'
import { KafkaLog } from '../src/log/kafka/kafka-log.ts'
import { processEnvironment, readSettings, type Settings } from '../src/service/settings.ts'
import { cpuSeconds, highWaterMiB } from './proc.ts'
import { quantile } from './statistics.ts'

const DETECTOR = `
  - id: bench.first-request
    clause: fair-use.scraping
    version: 1
    mode: live
    owner: bench
    description: Fires on the first request of a marker account.
    lookAlikes: [none, this is a benchmark]
    when: requests_1m >= 1 && account.tier == "trial"
    confidence: logistic(requests_1m, 0.0, 0.1)
    once: 1h
    evidence: [requests_1m]
`
const VERB =
  '{ observable: a request, detector: bench.first-request, act: none, scenario: bench.first-request }'

/** A marker's way: what it is first seen in, and what comes of it. */
const TRACED = [
  'inference.responses.v1',
  'inference.usage.v1',
  'abuse.signals.v1',
  'abuse.sanctions.v1',
] as const
type Traced = (typeof TRACED)[number]
const HOPS = [
  [TRACED[0], TRACED[1]],
  [TRACED[1], TRACED[2]],
  [TRACED[2], TRACED[3]],
] as const

/** When each marker account was first appended to each topic of its way. */
class Markers {
  readonly #appendedMs = new Map<string, Map<string, number>>()
  /** Those whose way began in the second half of the load, when code has been compiled and caches are warm. */
  readonly #late = new Set<string>()

  sentLate(accountId: string): void {
    this.#late.add(accountId)
  }

  note(topic: string, accountId: string, appendTimeMs: number): void {
    const times = this.#appendedMs.get(topic) ?? new Map<string, number>()
    this.#appendedMs.set(topic, times)
    if (!times.has(accountId)) times.set(accountId, appendTimeMs)
  }

  /** Over the accounts that were seen in both. */
  between(from: Traced, to: Traced): { readonly count: number; readonly quantiles: object } {
    const took = this.#took(from, to)
    const late = took.filter(({ accountId }) => this.#late.has(accountId))
    return { count: took.length, quantiles: { ...quantilesOf(took), secondHalf: quantilesOf(late) } }
  }

  /** The slowest of each second of the load, by when their way began: the whole way and each hop. */
  slowestBySecond(): readonly (readonly number[])[] {
    const starts = this.#appendedMs.get(TRACED[0]) ?? new Map<string, number>()
    const firstMs = Math.min(...starts.values())
    const rows: number[][] = []
    const ways = [[TRACED[0], TRACED[3]] as const, ...HOPS]
    for (const [column, [from, to]] of ways.entries()) {
      for (const { accountId, ms } of this.#took(from, to)) {
        const second = Math.floor(((starts.get(accountId) ?? firstMs) - firstMs) / 1_000)
        const row = (rows[second] ??= ways.map(() => 0))
        row[column] = Math.max(row[column] ?? 0, ms)
      }
    }
    return rows
  }

  #took(from: Traced, to: Traced): readonly { readonly accountId: string; readonly ms: number }[] {
    const starts = this.#appendedMs.get(from)
    return [...(this.#appendedMs.get(to) ?? [])]
      .map(([accountId, endMs]) => ({ accountId, ms: endMs - (starts?.get(accountId) ?? NaN) }))
      .filter(({ ms }) => !Number.isNaN(ms))
  }
}

function quantilesOf(took: readonly { readonly ms: number }[]): object {
  const sorted = took.map(({ ms }) => ms).sort((a, b) => a - b)
  const [p50Ms, p90Ms, p99Ms] = [0.5, 0.9, 0.99].map((share) => quantile(sorted, share))
  return { p50Ms, p90Ms, p99Ms }
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    markers: { type: 'string', default: '10' },
    'by-second': { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const seconds = Number(values.seconds)
const markersPerSecond = Number(values.markers)
const run = `lat${process.pid}`

function settings(): Settings {
  const result = readSettings(processEnvironment(), process.cwd())
  if (!result.ok) throw new Error(result.problems.join('\n'))
  return result.settings
}

/** The repository's topologies with the marker's detector and without tight budgets. */
function markedTopologies(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-latency-'))
  cpSync('topologies', folder, { recursive: true })
  const usage = join(folder, 'usage.yaml')
  writeFileSync(usage, readFileSync(usage, 'utf8') + DETECTOR)
  const policy = join(folder, 'aup.yaml')
  const text = readFileSync(policy, 'utf8').replaceAll(/(PerHour|perHour): \d+/g, '$1: 1000000')
  writeFileSync(
    policy,
    text
      .replace('detectors: [scraping.bulk-harvest', 'detectors: [bench.first-request, scraping.bulk-harvest')
      .replace('verbs:\n      scrape:\n', `verbs:\n      begin: ${VERB}\n      scrape:\n`),
  )
  return folder
}

function account(accountId: string, tier: AccountState['tier'], nowMs: number): AccountState {
  return {
    accountId,
    organizationId: null,
    tier,
    createdAtMs: nowMs - 365 * 86_400_000,
    updatedAtMs: nowMs - 1_000,
    quota: { requestsPerMinute: null, requestsPerHour: null, tokensPerHour: null, gpuSecondsPerHour: null },
    limitScope: 'account',
    grants: [],
    protected: false,
    ageVerified: null,
    ageAttested: null,
    language: null,
    ownHosts: null,
  }
}

function response(accountId: string, requestId: string, nowMs: number): InferenceResponse {
  return {
    eventId: `e-${requestId}`,
    requestId,
    accountId,
    keyId: `${accountId}-key`,
    organizationId: null,
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    requestModel: 'assistant-8b',
    poolId: null,
    serverAddress: null,
    clientAddress: '192.0.2.7',
    userAgent: 'bench',
    traceparent: null,
    requestedAtMs: nowMs - 20,
    inputMessages: null,
    responseModel: null,
    startedAtMs: null,
    completedAtMs: nowMs,
    inputTokens: 400,
    outputTokens: 100,
    cacheReadInputTokens: null,
    gpuSeconds: 0.2,
    queueTimeMs: null,
    status: 'ok',
    finishReason: 'stop',
    retryAfterMs: null,
    billed: true,
    outputMessages: null,
    media: null,
  }
}

/** Clients of a service wait until it is there, however long that is: whoever forgot to start one is told instead. */
async function requireServices(): Promise<void> {
  const { registryUrl } = settings()
  const answer = await fetch(`${registryUrl}/subjects`).catch(() => null)
  if (answer?.ok === true) return
  throw new Error(
    `no schema registry answers at ${registryUrl}: start the services (npm run services -- up), set what it prints, and run npx bailiff topics`,
  )
}

async function ready(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('bailiff run ended')
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.ok === true) return
    await pause(50)
  }
}

/** `cpuSeconds` were taken at the beginning of each second of the load. */
function tellSeconds(rows: readonly (readonly number[])[], cpuSeconds: readonly number[]): void {
  const columns = ['second', 'cpu ms', 'whole way', 'meter', 'usage', 'enforcement']
  console.log(columns.map((name) => name.padStart(12)).join(''))
  for (const [second, beforeSeconds] of cpuSeconds.entries()) {
    const cpuMs = Math.round(((cpuSeconds[second + 1] ?? NaN) - beforeSeconds) * 1_000)
    const figures = [second, cpuMs, ...(rows[second] ?? [])]
    console.log(figures.map((figure) => String(figure).padStart(12)).join(''))
  }
}

async function main(): Promise<void> {
  await requireServices()
  const port = 19_464
  const folder = markedTopologies()
  const startedMs = Date.now()
  const child: ChildProcess = spawn(
    process.execPath,
    ['src/cli/main.ts', 'run', 'meter', 'capacity', 'usage', 'enforcement'],
    {
      env: {
        ...process.env,
        BAILIFF_TOPOLOGIES: folder,
        BAILIFF_HTTP_PORT: String(port),
        BAILIFF_LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  try {
    await ready(port, child)
    const readyMs = Date.now() - startedMs
    const figures = await measure(child.pid ?? 0)
    console.log(JSON.stringify({ rate, seconds, readyMs, ...figures }))
  } finally {
    child.kill('SIGTERM')
    rmSync(folder, { recursive: true })
  }
}

async function measure(pid: number): Promise<object> {
  const flows = loadFlows()
  const resolved = settings()
  const source = new RegistryClient({
    baseUrl: resolved.registryUrl,
    clock: systemClock,
    ...REGISTRY_DEFAULTS,
  })
  const codec = createCodec({ schemas: flows.schemas, source })
  await codec.ready(['accounts.state.v1', 'inference.responses.v1', 'abuse.sanctions.v1'])
  const log = new KafkaLog(kafkaOptions(resolved, 'bench'), systemClock, silentLogger)
  const seen = new Markers()
  const follower = await log.follow(TRACED, (batch) => {
    for (const record of batch.records) {
      const key = record.key?.toString() ?? ''
      if (key.startsWith(`${run}-m`)) seen.note(batch.topic, key, record.appendTimeMs)
    }
  })
  await follower.caughtUp()
  const publisher = await log.publisher()
  const states = Array.from({ length: markersPerSecond * seconds }, (_, n) =>
    account(`${run}-m${n}`, 'trial', Date.now()),
  )
  for (let at = 0; at < states.length; at += 500) {
    await publisher.publish(
      states.slice(at, at + 500).map((state) => ({
        topic: 'accounts.state.v1',
        key: state.accountId,
        value: codec.encode('accounts.state.v1', state),
        headers: {},
      })),
    )
  }
  await pause(3_000)
  const cpuBefore = cpuSeconds(pid)
  const startMs = performance.now()
  let sent = 0
  let marker = 0
  const cpuAtSecond: number[] = []
  while (sent < rate * seconds) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - startMs) / 1000) * rate))
    if (performance.now() - startMs >= cpuAtSecond.length * 1_000) cpuAtSecond.push(cpuSeconds(pid))
    const batch = []
    for (; sent < due; sent++) {
      const marked = marker < states.length && sent % Math.floor(rate / markersPerSecond) === 0
      const accountId = marked ? `${run}-m${marker++}` : `${run}-a${(sent * 7919) % 2_000}`
      if (marked && sent * 2 >= rate * seconds) seen.sentLate(accountId)
      const value = codec.encode('inference.responses.v1', response(accountId, `${run}-${sent}`, Date.now()))
      batch.push({ topic: 'inference.responses.v1', key: accountId, value, headers: {} })
    }
    if (batch.length > 0) await publisher.publish(batch)
    await pause(10)
  }
  const wallSeconds = (performance.now() - startMs) / 1000
  const cpu = cpuSeconds(pid) - cpuBefore
  await pause(5_000)
  await follower.close()
  await log.close()
  if (values['by-second']) tellSeconds(seen.slowestBySecond(), cpuAtSecond)
  const whole = seen.between(TRACED[0], TRACED[3])
  return {
    eventsPerSecond: Math.round(sent / wallSeconds),
    markers: marker,
    sanctions: whole.count,
    ...whole.quantiles,
    hops: {
      meter: seen.between(TRACED[0], TRACED[1]).quantiles,
      usage: seen.between(TRACED[1], TRACED[2]).quantiles,
      enforcement: seen.between(TRACED[2], TRACED[3]).quantiles,
    },
    cpuSecondsPerMillion: Math.round((cpu / sent) * 1e6 * 10) / 10,
    peakRssMiB: highWaterMiB(pid),
  }
}

await main()
