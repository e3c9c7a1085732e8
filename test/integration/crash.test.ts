/**
 * Records that kill the process which works on them, one in a stage (`meter`), one in a topology with state (`usage`):
 * started again and again, as a supervisor would, it sets these two aside as `crash` and processes all others (P8).
 * The two die side by side, each in a process with a bystander, for a session must run out after each death. Several
 * killers in one process, and in one partition, are `test/properties/deaths.test.ts`.
 */
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Admin } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { SAMPLES } from '../codec/samples.ts'
import { bailiff, environmentOf, startBailiff, stopBailiff } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { until } from '../support/until.ts'
import { stranger } from './log-fixtures.ts'
import { RawReader, RawWriter } from './raw-records.ts'

const RESPONSES = 'inference.responses.v1'
const USAGE = 'inference.usage.v1'
const PARTITIONS = 6
const ACCOUNTS = 30
const ROUNDS = 10
/** Five deaths, and a session that must run out after each of them. */
const TIMEOUT_MS = 180_000
const RUN = `crash-${process.pid}`

/** `bailiff run`, started again whenever it dies, with its log lines. */
class Supervised {
  readonly lines: string[] = []
  deaths = 0
  readonly #start: () => ChildProcess
  #child: ChildProcess
  #stopping = false

  constructor(start: () => ChildProcess) {
    this.#start = start
    this.#child = this.#spawn()
  }

  async stop(): Promise<number | null> {
    this.#stopping = true
    return stopBailiff(this.#child)
  }

  #spawn(): ChildProcess {
    const child = this.#start()
    child.stderr?.resume()
    if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => this.lines.push(line))
    child.once('exit', () => {
      if (this.#stopping) return
      this.deaths++
      this.#child = this.#spawn()
    })
    return child
  }
}

describeIntegration('records that kill bailiff run', () => {
  let supervised: readonly Supervised[]
  let reader: RawReader
  let admin: Admin
  let codec: Codec
  const ids: string[] = []

  /** In each round one response of each account; in the fifth one of them kills. */
  async function write(rounds: readonly number[]): Promise<void> {
    const writer = new RawWriter()
    await writer.connect()
    for (const round of rounds) {
      for (let n = 0; n < ACCOUNTS; n++) {
        const accountId = `${RUN}-${n}`
        const eventId = `${round === 4 && n === 3 ? 'deadly-meter-' : ''}${RUN}-${round}-${n}`
        ids.push(eventId)
        const nowMs = Date.now()
        const times = { requestedAtMs: nowMs - 1_000, startedAtMs: nowMs - 900, completedAtMs: nowMs - 500 }
        const ours = { ...SAMPLES[RESPONSES], eventId, requestId: eventId, accountId, ...times }
        const partition = partitionOf(Buffer.from(accountId), PARTITIONS)
        await writer.write(RESPONSES, partition, [{ key: accountId, value: codec.encode(RESPONSES, ours) }])
      }
    }
    await writer.close()
  }

  /** Somebody else's usage, which kills; the account's own comes from `meter`, before it and after it. */
  async function writeDeadlyUsage(): Promise<void> {
    const writer = new RawWriter()
    await writer.connect()
    const accountId = `${RUN}-17`
    const eventId = `deadly-usage-${RUN}`
    ids.push(eventId)
    const ours = { ...SAMPLES[USAGE], eventId, requestId: eventId, accountId, occurredAtMs: Date.now() - 500 }
    const partition = partitionOf(Buffer.from(accountId), PARTITIONS)
    await writer.write(USAGE, partition, [{ key: accountId, value: codec.encode(USAGE, ours) }])
    await writer.close()
  }

  beforeAll(async () => {
    const environment = {
      ...environmentOf(services(), RUN),
      BAILIFF_SESSION_TIMEOUT_MS: '6000',
      NODE_OPTIONS: `--require ${new URL('../support/deadly-preload.ts', import.meta.url).pathname}`,
    }
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    const source = new RegistryClient({
      baseUrl: services().registryUrl,
      clock: systemClock,
      ...REGISTRY_DEFAULTS,
    })
    codec = createCodec({ schemas: loadFlows().schemas, source })
    await codec.ready([RESPONSES, USAGE])
    admin = stranger().admin()
    await admin.connect()
    reader = await RawReader.on([USAGE, `dlq.${RESPONSES}`, `dlq.${USAGE}`])
    await write(Array.from({ length: ROUNDS }, (_, round) => round))
    await writeDeadlyUsage()
    supervised = ['meter', 'usage'].map(
      (topology) => new Supervised(() => startBailiff(['run', topology, 'capacity'], environment)),
    )
  })

  afterAll(async () => {
    await Promise.all(supervised.map((each) => each.stop()))
    await Promise.all([reader.close(), admin.disconnect()])
  })

  const crashed = (topic: string) =>
    reader.of(`dlq.${topic}`).filter(({ headers }) => headers['__dlq.errors.reason'] === 'crash')

  /** Event ids that a topic's records name, ours alone. */
  function idsIn(
    topic: typeof RESPONSES | typeof USAGE,
    records: readonly { value: Buffer | null }[],
  ): string[] {
    const found = records.flatMap((record) => {
      const decoded = record.value === null ? null : codec.decode(topic, record)
      return decoded?.ok === true && decoded.value.eventId.includes(RUN) ? [decoded.value.eventId] : []
    })
    return [...new Set(found)].sort()
  }

  async function isReadToItsEnd(group: string, topic: string): Promise<boolean> {
    const ends = await admin.fetchTopicOffsets(topic)
    const [at] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
    return ends.every(({ partition, high, low }) => {
      const offset = at?.partitions.find((one) => one.partition === partition)?.offset
      return high === low || offset === high
    })
  }

  it(
    'are set aside, they alone; all others are metered and counted',
    async () => {
      await until('both are set aside', () => crashed(RESPONSES).length + crashed(USAGE).length >= 2, 120_000)
      // A partition on which nothing more happens tells its group nothing more.
      await write([ROUNDS])
      const good = ids.filter((id) => !id.startsWith('deadly-meter-')).sort()
      await until('all are metered', () => idsIn(USAGE, reader.of(USAGE)).length >= good.length, 60_000)
      await until('usage has read all', () => isReadToItsEnd('bailiff.usage', USAGE), 60_000)
      expect(idsIn(USAGE, reader.of(USAGE))).toEqual(good)
      expect(idsIn(RESPONSES, crashed(RESPONSES))).toEqual([`deadly-meter-${RUN}-4-3`])
      expect(idsIn(USAGE, crashed(USAGE))).toEqual([`deadly-usage-${RUN}`])
      for (const each of supervised) {
        expect(each.lines.filter((line) => line.includes('"reason":"crash"'))).toHaveLength(1)
        expect(each.lines.join()).toContain('owner died over a record')
        expect(each.deaths).toBeGreaterThanOrEqual(3)
        expect(await each.stop()).toBe(0)
      }
    },
    TIMEOUT_MS,
  )
})
