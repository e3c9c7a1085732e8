/**
 * Records that nobody should have sent, written byte by byte beside good ones to a running pipeline, once before
 * a stage (`meter`) and once before a stateful topology (`capacity`). Each has its stated outcome (P1, P8): its
 * bytes unchanged on the dead-letter topic with the reason in headers; what lies around it is processed.
 */
import type { Admin } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { REGISTRY_DEFAULTS, RegistryClient } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { SAMPLES } from '../codec/samples.ts'
import { bailiff, environmentOf } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { until } from '../support/until.ts'
import { stranger } from './log-fixtures.ts'
import { RawReader, RawWriter, type Written } from './raw-records.ts'

const RESPONSES = 'inference.responses.v1'
const TELEMETRY = 'gpu.telemetry.v1'
const PARTITIONS = 6
const MINUTE_MS = 60_000
const nowMs = Date.now()
const flows = loadFlows()

const CASES = {
  'random bytes': 'deserialize/notWireFormat',
  'an unknown schema id': 'deserialize/unknownSchema',
  'a body that is cut off': 'deserialize/undecodable',
  'a value that fails validation': 'validate/invalid',
  'an event time in the far future': 'validate/future',
  'a key that belongs to another partition': 'validate/wrongPartition',
  "a key that is not the value's own": 'validate/keyMismatch',
  'a null value': 'deserialize/nullValue',
  'a null key': 'validate/nullKey',
} as const
type Case = keyof typeof CASES
const NAMES = Object.keys(CASES).filter((name): name is Case => name in CASES)

/** Keys of this run: the n-th that lies in partition `home`, or the first that does not. */
function keyAt(home: number, nth: number, there = true): string {
  const names = Array.from({ length: 200 }, (_, n) => `bad-input-${process.pid}-${n}`)
  const fitting = names.filter((name) => (partitionOf(Buffer.from(name), PARTITIONS) === home) === there)
  return fitting[nth] ?? ''
}

/** Avro in wire format for each case, from a way to encode a value of the topic. */
function badRecords(
  home: number,
  encode: (key: string, change: object) => Buffer,
  future: object,
  invalid: object,
): Record<Case, Written> {
  const [key, neighbour, foreign] = [keyAt(home, 0), keyAt(home, 1), keyAt(home, 0, false)]
  const good = encode(key, {})
  const unknownId = Buffer.from(good)
  unknownId.writeInt32BE(2_000_000_000, 1)
  return {
    'random bytes': { key, value: Buffer.from('9fd1c35e8812f7aa04b6', 'hex') },
    'an unknown schema id': { key, value: unknownId },
    'a body that is cut off': { key, value: good.subarray(0, good.length - 7) },
    'a value that fails validation': { key, value: encode(key, invalid) },
    'an event time in the far future': { key, value: encode(key, future) },
    'a key that belongs to another partition': { key: foreign, value: encode(foreign, {}) },
    "a key that is not the value's own": { key: neighbour, value: good },
    'a null value': { key, value: null },
    'a null key': { key: null, value: good },
  }
}

const homeOf = (topic: string): number => (topic === RESPONSES ? 2 : 4)

describeIntegration('bad input to a running pipeline', () => {
  let running: RunningBailiff
  let reader: RawReader
  let admin: Admin
  let codec: Codec
  const writer = new RawWriter()
  /** What was written and at which offset, by topic. */
  const written = new Map<string, Map<Case, { readonly record: Written; readonly offset: number }>>()

  const response = (key: string, n: number, change: object): Buffer =>
    codec.encode(RESPONSES, {
      ...SAMPLES[RESPONSES],
      ...{ eventId: `bad-input-${process.pid}-${n}`, requestId: `r-${n}`, accountId: key },
      ...{ requestedAtMs: nowMs - 1_000, startedAtMs: nowMs - 900, completedAtMs: nowMs - 500 },
      ...change,
    })
  const sample = (key: string, n: number, change: object): Buffer =>
    codec.encode(TELEMETRY, {
      ...SAMPLES[TELEMETRY],
      ...{ eventId: `bad-input-${process.pid}-${n}`, poolId: key },
      // Of the last seconds: not late on a partition that others have written to.
      ...{ sampledAtMs: Date.now() - 5_000 + n },
      ...change,
    })

  /** A good record, a bad one, a good one, a bad one ... and a good one at the end. */
  async function mix(topic: string, bad: Record<Case, Written>, good: (n: number) => Written): Promise<void> {
    const records = [...NAMES.flatMap((name, n) => [good(n), bad[name]]), good(NAMES.length)]
    const first = await writer.write(topic, homeOf(topic), records)
    const at = NAMES.map((name, n) => [name, { record: bad[name], offset: first + 2 * n + 1 }] as const)
    written.set(topic, new Map(at))
  }

  beforeAll(async () => {
    const environment = environmentOf(services(), `bad-input-${process.pid}`)
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    const source = new RegistryClient({
      baseUrl: services().registryUrl,
      clock: systemClock,
      ...REGISTRY_DEFAULTS,
    })
    codec = createCodec({ schemas: flows.schemas, source })
    await codec.ready([RESPONSES, TELEMETRY])
    admin = stranger().admin()
    running = await RunningBailiff.start([], environment)
    await Promise.all([admin.connect(), writer.connect(), running.untilReady()])
    const aside = [`dlq.${RESPONSES}`, `dlq.${TELEMETRY}`, `late.${TELEMETRY}`]
    reader = await RawReader.on(['inference.usage.v1', ...aside])

    const account = keyAt(homeOf(RESPONSES), 0)
    const tooFar = { completedAtMs: nowMs + 60 * MINUTE_MS }
    await mix(
      RESPONSES,
      badRecords(homeOf(RESPONSES), (key, change) => response(key, -1, change), tooFar, { inputTokens: -1 }),
      (n) => ({ key: account, value: response(account, n, {}) }),
    )
    const pool = keyAt(homeOf(TELEMETRY), 0)
    await mix(
      TELEMETRY,
      badRecords(
        homeOf(TELEMETRY),
        (key, change) => sample(key, -1, change),
        { sampledAtMs: nowMs + 60 * MINUTE_MS },
        { gpuActiveRatio: 7 },
      ),
      (n) => ({ key: pool, value: sample(pool, n, {}) }),
    )
  })

  afterAll(async () => {
    await Promise.all([reader.close(), writer.close(), admin.disconnect()])
    await running.stop()
  })

  describe.each([RESPONSES, TELEMETRY])('%s', (topic) => {
    const group = topic === RESPONSES ? 'meter' : 'capacity'

    it.each(NAMES)('sets %s aside, bytes unchanged, with the reason', async (name) => {
      const one = written.get(topic)?.get(name)
      const position = `${topic}/${homeOf(topic)}/${one?.offset}`
      const letter = await reader.first(
        `a dead letter of ${position}`,
        ({ topic: at, key }) => at === `dlq.${topic}` && key?.toString() === position,
      )
      expect(letter.value?.toString('hex')).toBe(one?.record.value?.toString('hex'))
      const headers = reasonHeaders(letter.headers)
      expect(`${headers['stage']}/${headers['reason']}`).toBe(CASES[name])
      expect(headers).toMatchObject({
        topic,
        partition: String(homeOf(topic)),
        offset: String(one?.offset),
        group,
      })
      expect(headers['key']).toBe(one?.record.key ?? undefined)
    })

    it('is read to its end: the partition has moved on', async () => {
      const end = await endOf(topic)
      const committed = async (): Promise<boolean> => {
        const [found] = await admin.fetchOffsets({ groupId: `bailiff.${group}`, topics: [topic] })
        return found?.partitions.some((one) => one.partition === homeOf(topic) && one.offset === end) ?? false
      }
      await until(`bailiff.${group} stands at ${end}`, committed, 60_000)
    })

    it('sets none of the good ones aside', () => {
      const first = Math.min(...[...(written.get(topic)?.values() ?? [])].map(({ offset }) => offset)) - 1
      const aside = new Set(reader.records.map(({ key }) => key?.toString()))
      const good = Array.from(
        { length: NAMES.length + 1 },
        (_, n) => `${topic}/${homeOf(topic)}/${first + 2 * n}`,
      )
      expect(good.filter((position) => aside.has(position))).toEqual([])
    })

    it('tells of each in the metrics, by reason', async () => {
      const { body } = await running.get('/metrics')
      for (const name of NAMES) {
        const [stage, reason] = CASES[name].split('/')
        const labels = `topology="${group}",topic="${topic}",stage="${stage}",reason="${reason}"`
        expect(body).toMatch(new RegExp(`^bailiff_dlq_records_total\\{${labels}\\} [1-9]`, 'm'))
      }
    })
  })

  async function endOf(topic: string): Promise<string | undefined> {
    const ends = await admin.fetchTopicOffsets(topic)
    return ends.find(({ partition }) => partition === homeOf(topic))?.high
  }

  it('meters every good response around them, in order', async () => {
    const account = keyAt(homeOf(RESPONSES), 0)
    const metered = (): string[] =>
      reader.of('inference.usage.v1').flatMap((record) => {
        if (record.key?.toString() !== account || record.value === null) return []
        const usage = codec.decode('inference.usage.v1', record)
        return usage.ok ? [usage.value.requestId] : []
      })
    await codec.ready(['inference.usage.v1'])
    await until('all are metered', () => metered().length >= NAMES.length + 1, 60_000)
    expect(metered()).toEqual(Array.from({ length: NAMES.length + 1 }, (_, n) => `r-${n}`))
  })

  it('logs once where each lies and why, never what it holds', () => {
    const lines = running.stdout.split('\n').filter((line) => line.includes('"record set aside"'))
    for (const topic of [RESPONSES, TELEMETRY]) {
      for (const { offset } of written.get(topic)?.values() ?? []) {
        const position = `"topic":"${topic}","partition":${homeOf(topic)},"offset":${offset},`
        expect(lines.filter((line) => line.includes(position))).toHaveLength(1)
      }
    }
    expect(lines.join()).not.toContain('acme-sdk')
  })
})

/** What the dead letter says of itself, by name without the prefix. */
function reasonHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = '__dlq.errors.'
  const told = Object.entries(headers).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(told.map(([name, value]) => [name.slice(prefix.length), value]))
}
