/**
 * Each kind of damage once on every other topic that a topology reads by key: facts about accounts, what classifiers
 * say, standing, telemetry, people's words. Each reader sets it aside with its reason, and works on all good ones (P1, P8).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import { SAMPLES, T0 } from '../codec/samples.ts'
import { POISONS, type Victim } from './poisons.ts'

const flows = loadFlows()
const codec = await embeddedCodec(flows)
const NOW_MS = T0 + 10_000
const ACCOUNTS = 5

/** What of a topic poisons are made of; `id` is new in each record. `readers` set aside what they cannot read. */
interface Fields extends Pick<Victim, 'id' | 'fraction' | 'whole' | 'time'> {
  readonly readers: number
  readonly key?: string
  readonly tombstones?: boolean
  readonly refusesFuture?: boolean
}

const VICTIMS = {
  'inference.requests.v1': {
    id: 'eventId',
    fraction: null,
    whole: 'maxTokens',
    time: 'requestedAtMs',
    readers: 1,
  },
  'inference.verdicts.v1': {
    id: 'eventId',
    fraction: null,
    whole: 'characters',
    time: 'occurredAtMs',
    readers: 1,
  },
  'accounts.state.v1': {
    ...{ id: 'organizationId', fraction: null, whole: 'createdAtMs', time: 'updatedAtMs', readers: 2 },
    ...{ tombstones: true, refusesFuture: false },
  },
  'accounts.events.v1': { id: 'eventId', fraction: null, whole: null, time: 'occurredAtMs', readers: 2 },
  'abuse.standing.v1': {
    ...{ id: 'accountId', fraction: null, whole: 'updatedAtMs', time: null, readers: 1 },
    tombstones: true,
  },
  'gpu.telemetry.v1': {
    ...{ id: 'eventId', fraction: 'gpuActiveRatio', whole: 'gpuCount', time: 'sampledAtMs', readers: 1 },
    key: 'poolId',
  },
  'abuse.signals.shadow.v1': {
    ...{ id: 'id', fraction: 'confidence', whole: 'episode', time: 'occurredAtMs', readers: 1 },
    key: 'actor',
  },
  'abuse.decisions.v1': { id: 'id', fraction: null, whole: null, time: 'decidedAtMs', readers: 1 },
  'abuse.appeals.v1': { id: 'id', fraction: null, whole: null, time: 'submittedAtMs', readers: 1 },
  'abuse.complaints.v1': { id: 'id', fraction: null, whole: null, time: 'receivedAtMs', readers: 1 },
} as const satisfies Partial<Record<keyof typeof SAMPLES, Fields>>

type Poisoned = keyof typeof VICTIMS
const isPoisoned = (name: string): name is Poisoned => Object.hasOwn(VICTIMS, name)
const TOPICS = Object.keys(VICTIMS).filter(isPoisoned)

let made = 0

function victim(topic: Poisoned): Victim & { readonly readers: number } {
  const fields: Fields = VICTIMS[topic]
  const own = (account: string): object =>
    fields.key === 'actor'
      ? { actor: { accountId: account, level: 'account', id: account } }
      : { [fields.key ?? 'accountId']: account }
  return {
    topic,
    codec,
    partitions: flows.table.entry(topic).partitions,
    nowMs: NOW_MS,
    stranger: codec.encode('abuse.referrals.v1', SAMPLES['abuse.referrals.v1']),
    tombstones: false,
    refusesFuture: true,
    ...fields,
    encode: (account, change) => {
      const time = fields.time === null ? {} : { [fields.time]: NOW_MS }
      const changed: object = { [fields.id]: `poison-${made++}`, ...own(account), ...time, ...change }
      return codec.encode(topic, { ...SAMPLES[topic], ...changed })
    },
  }
}

/** What became of one topic: dead letters as `<reason> <value>`, and how many records were worked on. */
interface Outcome {
  readonly bad: readonly string[]
  readonly good: number
}

describe.each(TOPICS.map((topic) => ({ topic, one: victim(topic) })))(
  'damage on $topic',
  ({ topic, one }) => {
    let platform: EmbeddedPlatform
    let written: Outcome
    let processed = 0

    beforeAll(async () => {
      const observer: Observer = {
        ...silentObserver,
        processed: (name, records) => void (processed += name === topic ? records : 0),
      }
      platform = await EmbeddedPlatform.start({
        flows,
        bundle: loadBundle('topologies'),
        hashKey: { id: 'test', secret: Buffer.from('a key for poisons') },
        classifier: null,
        startMs: NOW_MS,
        observer,
      })
      written = lay()
      await platform.advance(NOW_MS + 1_000)
    })
    afterAll(() => platform.stop())

    /** Each kind between two good ones. */
    function lay(): Outcome {
      const bad: string[] = []
      for (const [at, poison] of POISONS.entries()) {
        const account = `account-${at % ACCOUNTS}`
        platform.appendBytes(topic, { key: Buffer.from(account), value: one.encode(account, {}) }, NOW_MS)
        const bytes = poison.make(one, account)
        if (bytes === null) continue
        platform.appendBytes(topic, bytes, NOW_MS)
        bad.push(lineOf(poison.reason, bytes.value))
      }
      return { bad, good: POISONS.length }
    }

    it('is set aside with its reason, by each reader', async () => {
      const letters = await platform.records(`dlq.${topic}`)
      const told = letters.map(({ value, headers }) => lineOf(String(headers['__dlq.errors.reason']), value))
      const expected = written.bad.flatMap((line) => Array<string>(one.readers).fill(line))
      expect(told.sort()).toEqual(expected.sort())
    })

    it('keeps no good record from being worked on', () => {
      const stage = topic === 'inference.requests.v1' ? written.bad.length : 0
      expect(processed - stage).toBe(one.readers * written.good)
    })
  },
)

function lineOf(reason: string, value: Buffer | null): string {
  return `${reason} ${value === null ? 'null' : value.toString('base64').slice(0, 2_000)}`
}
