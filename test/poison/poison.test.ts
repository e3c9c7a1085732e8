/**
 * More than a thousand damaged records of forty kinds among good ones, through the real codec, `meter`, `usage` and
 * `enforcement`: every good one is processed, every bad one is set aside once, with its reason and its bytes, and
 * memory holds no more than what was written (P1, P7, P8). One kind cannot be refused, only survived: it kills its owner.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform, type AppendedBytes } from '../../src/cli/compose/embedded-platform.ts'
import { meterStage } from '../../src/cli/compose/stages.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { Meter } from '../../src/meter/meter.ts'
import { SAMPLES, T0 } from '../codec/samples.ts'
import { recordsOf, stagePlan } from '../support/engine-harness.ts'
import type { Work } from '../support/simulated-process.ts'
import { SimulatedWorld } from '../support/simulated-world.ts'
import { POISONS, type Poison, type Victim } from './poisons.ts'

const TOPICS = ['inference.responses.v1', 'inference.usage.v1', 'abuse.signals.v1'] as const
type PoisonedTopic = (typeof TOPICS)[number]
const ROUNDS = 10
const ACCOUNTS = 20
const flows = loadFlows()
const codec = await embeddedCodec(flows)
const NOW_MS = T0 + 10_000

const FIELDS: Readonly<
  Record<PoisonedTopic, Pick<Victim, 'id' | 'fraction' | 'whole'> & { readonly time: string }>
> = {
  'inference.responses.v1': {
    ...{ id: 'requestId', fraction: 'gpuSeconds', whole: 'inputTokens', time: 'completedAtMs' },
  },
  'inference.usage.v1': {
    ...{ id: 'requestId', fraction: 'gpuSeconds', whole: 'inputTokens', time: 'occurredAtMs' },
  },
  'abuse.signals.v1': { id: 'id', fraction: 'confidence', whole: 'detectorVersion', time: 'occurredAtMs' },
}

let made = 0
setFlagsFromString('--expose-gc')
const gc = (): void => void runInNewContext('gc()')

function victim(topic: PoisonedTopic): Victim & { readonly topic: PoisonedTopic } {
  const { time } = FIELDS[topic]
  return {
    topic,
    codec,
    partitions: flows.table.entry(topic).partitions,
    nowMs: NOW_MS,
    stranger: codec.encode('accounts.state.v1', SAMPLES['accounts.state.v1']),
    ...FIELDS[topic],
    tombstones: false,
    refusesFuture: true,
    encode: (accountId, change) => {
      const id = `poison-${made++}`
      const ids = topic === 'abuse.signals.v1' ? { id } : { eventId: id, requestId: id }
      const own =
        topic === 'abuse.signals.v1'
          ? { actor: { accountId, level: 'account', id: accountId } }
          : { accountId }
      const changed: object = { ...ids, ...own, [time]: NOW_MS, ...change }
      return codec.encode(topic, { ...SAMPLES[topic], ...changed })
    },
  }
}

interface Written {
  readonly poison: Poison
  readonly topic: PoisonedTopic
  readonly bytes: AppendedBytes
}

interface Run {
  readonly platform: EmbeddedPlatform
  readonly bad: readonly Written[]
  readonly good: ReadonlyMap<PoisonedTopic, number>
  /** What the observer has counted, by topic. */
  readonly processed: ReadonlyMap<string, number>
  readonly letters: ReadonlyMap<PoisonedTopic, readonly SourceRecord[]>
  /** Bytes written after the first round, and by how much the heap grew over them. */
  readonly writtenBytes: number
  readonly grownBytes: number
}

const victims = TOPICS.map(victim)

/** Each kind between two good ones, on each topic; gives the bytes. */
function round(
  platform: EmbeddedPlatform,
  n: number,
  bad: Written[],
  good: Map<PoisonedTopic, number>,
): number {
  let written = 0
  const append = (topic: string, bytes: AppendedBytes): void => {
    platform.appendBytes(topic, bytes, NOW_MS)
    written += (bytes.value?.length ?? 0) + (bytes.key?.length ?? 0)
  }
  for (const one of victims) {
    for (const [at, poison] of POISONS.entries()) {
      const account = `account-${(n + at) % ACCOUNTS}`
      append(one.topic, { key: Buffer.from(account), value: one.encode(account, {}), headers: ODD_HEADERS })
      good.set(one.topic, (good.get(one.topic) ?? 0) + 1)
      const bytes = poison.make(one, account)
      if (bytes === null) continue
      append(one.topic, bytes)
      bad.push({ poison, topic: one.topic, bytes })
    }
  }
  return written
}

/** What a stranger's client may write: none of it changes what a good record is. */
const ODD_HEADERS = {
  '': 'no name',
  traceparent: Buffer.from([0xff, 0x00, 0xfe]),
  'bailiff-origin-position': 'NaN.-1',
  '__dlq.errors.reason': 'forged',
  ce_id: 'x'.repeat(5_000),
}

async function run(): Promise<Run> {
  const processed = new Map<string, number>()
  const observer: Observer = {
    ...silentObserver,
    processed: (topic, records) => void processed.set(topic, (processed.get(topic) ?? 0) + records),
  }
  const platform = await EmbeddedPlatform.start({
    flows,
    bundle: loadBundle('topologies'),
    hashKey: { id: 'test', secret: Buffer.from('a key for poisons') },
    classifier: null,
    startMs: NOW_MS,
    observer,
  })
  const bad: Written[] = []
  const good = new Map<PoisonedTopic, number>()
  round(platform, 0, bad, good)
  await platform.advance(NOW_MS + 1)
  gc()
  const before = process.memoryUsage()
  let writtenBytes = 0
  for (let n = 1; n < ROUNDS; n++) {
    writtenBytes += round(platform, n, bad, good)
    await platform.advance(NOW_MS + 1 + n)
  }
  gc()
  const after = process.memoryUsage()
  const letters = new Map<PoisonedTopic, readonly SourceRecord[]>()
  for (const topic of TOPICS) letters.set(topic, await platform.records(`dlq.${topic}`))
  const grownBytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  return { platform, bad, good, processed, letters, writtenBytes, grownBytes }
}

describe('poison', () => {
  let done: Run

  beforeAll(async () => {
    done = await run()
  })

  it('is of thirty kinds and more, a thousand records and more', () => {
    expect(POISONS.length).toBeGreaterThanOrEqual(30)
    expect(new Set(done.bad.map(({ poison }) => poison.name)).size).toBe(POISONS.length)
    expect(done.bad.length).toBeGreaterThan(1_000)
  })

  it.each(POISONS)('$name: set aside as $reason, once each, bytes unchanged', ({ name }) => {
    for (const topic of TOPICS) {
      const written = done.bad.filter((one) => one.topic === topic && one.poison.name === name)
      const expected = written.map(({ poison, bytes }) => `${poison.reason} ${textOf(bytes.value)}`)
      const values = new Set(written.map(({ bytes }) => textOf(bytes.value)))
      const found = (done.letters.get(topic) ?? [])
        .map(({ value, headers }) => `${String(headers['__dlq.errors.reason'])} ${textOf(value)}`)
        .filter((line) => values.has(line.slice(line.indexOf(' ') + 1)))
      expect(found.sort(), topic).toEqual(expected.sort())
    }
  })

  it('leaves one letter a record and none for a good one, each with where it lay (trap 22)', () => {
    for (const topic of TOPICS) {
      const letters = done.letters.get(topic) ?? []
      expect(letters.length, topic).toBe(done.bad.filter((one) => one.topic === topic).length)
      expect(new Set(letters.map(({ key }) => key?.toString())).size, topic).toBe(letters.length)
      expect(letters.every(({ headers }) => String(headers['__dlq.errors.topic']) === topic)).toBe(true)
    }
  })

  it('does not touch the good ones: all are metered, counted and judged', async () => {
    const { platform, good, bad, processed } = done
    const responses = good.get('inference.responses.v1') ?? 0
    const metered = await platform.count('inference.usage.v1')
    const written = (topic: string): number => bad.filter((one) => one.topic === topic).length
    const usage = (good.get('inference.usage.v1') ?? 0) + written('inference.usage.v1')
    expect(metered).toBe(responses + usage)
    expect(processed.get('inference.usage.v1')).toBe(metered - written('inference.usage.v1'))
    const signals = await platform.count('abuse.signals.v1')
    expect(processed.get('abuse.signals.v1')).toBe(signals - written('abuse.signals.v1'))
  })

  it('costs no memory but what the log holds of it', () => {
    expect(done.grownBytes).toBeLessThan(3 * done.writtenBytes + 8 * 1024 * 1024)
  })
})

describe('a record that kills its owner, between all other kinds', () => {
  const responses = 'inference.responses.v1'
  const usage = 'inference.usage.v1'
  const one = victim(responses)
  const KILLERS = 3

  /** The real stage, in a process that dies of a record. */
  const deadlyMeter: Work = (services, die) => {
    const hashKey = { id: 'test', secret: Buffer.from('a key for poisons') }
    const stage = meterStage({ table: flows.table, codec }, new Meter({ hashKey }))
    const transform: typeof stage.transform = (records) =>
      records.some(({ value }) => value?.includes('deadly-') === true) ? die() : stage.transform(records)
    return [stagePlan(services, { ...stage, transform })]
  }

  /** Each kind between two good ones, and here and there one that kills; gives the values by reason. */
  function lay(world: SimulatedWorld): { reason: string; value: Buffer | null }[] {
    const append = ({ partition, ...record }: AppendedBytes): void => {
      const whole = { ...record, headers: {} }
      if (partition === undefined) world.log.append(responses, whole, NOW_MS)
      else world.log.appendTo(responses, partition, whole, NOW_MS)
    }
    const bad: { reason: string; value: Buffer | null }[] = []
    for (const [at, poison] of POISONS.entries()) {
      const account = `account-${at % ACCOUNTS}`
      const key = Buffer.from(account)
      append({ key, value: one.encode(account, {}) })
      const bytes = poison.make(one, account)
      if (bytes !== null) {
        append(bytes)
        bad.push({ reason: poison.reason, value: bytes.value })
      }
      if (at % Math.ceil(POISONS.length / KILLERS) !== 7) continue
      const value = one.encode(account, { eventId: `deadly-${at}` })
      append({ key, value })
      bad.push({ reason: 'crash', value })
    }
    return bad
  }

  it('is set aside as crash, they as what they are, and all good ones are metered', async () => {
    const world = new SimulatedWorld({ stageLingerMs: 0 }, [])
    for (const name of ['inference.requests.v1', responses, usage]) {
      for (const topic of [name, `dlq.${name}`]) world.log.createTopic(topic, one.partitions)
    }
    const bad = lay(world)
    expect(bad.filter(({ reason }) => reason === 'crash')).toHaveLength(KILLERS)
    await world.start(deadlyMeter)
    await world.settle()
    await world.leaveAll()
    const letters = new Map(
      (await recordsOf(world.log, `dlq.${responses}`)).map((letter) => [String(letter.key), letter]),
    )
    const told = [...letters.values()].map(
      ({ value, headers }) => `${String(headers['__dlq.errors.reason'])} ${textOf(value)}`,
    )
    expect(told.sort()).toEqual(bad.map(({ reason, value }) => `${reason} ${textOf(value)}`).sort())
    const metered = new Set((await recordsOf(world.log, usage)).map(({ value }) => textOf(value)))
    expect(metered.size).toBe(POISONS.length)
  })
})

function textOf(value: Buffer | null): string {
  return value === null ? 'null' : value.toString('base64')
}
