/**
 * The rights that `bailiff topics --acls` gives, against an authorizer that refuses everything else: every principal of
 * the table tries every topic, and the programs run as themselves.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Partitioners,
  ResourcePatternTypes,
} from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { standingView } from '../../src/client/index.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { TOPOLOGIES, type Principal } from '../../src/codec/topic-table.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { RefusedError } from '../../src/engine/errors.ts'
import { createKafka } from '../../src/log/kafka/client.ts'
import { FetchCluster } from '../../src/log/kafka/cluster.ts'
import { classified } from '../../src/log/kafka/failure.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { SAMPLES } from '../codec/samples.ts'
import { bailiff, environmentOf, type BailiffEnvironment } from '../support/bailiff-process.ts'
import { describeWithProcesses, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { ADMIN, startSecuredKafka, type SecuredKafka } from '../support/secured-kafka.ts'
import { until } from '../support/until.ts'

const { table } = loadFlows({ account: 1, pool: 1, fingerprint: 1 })
const PRINCIPALS = [...new Set(table.topics.flatMap(({ readers, soleWriter }) => [...readers, soleWriter]))]
const STRANGER = 'stranger'
const TOPICS = [...table.topics, ...table.sideTopics].map(({ name }) => name)
const ONE_TRY = { retries: 0, initialRetryTime: 50, maxRetryTime: 100, multiplier: 2, factor: 0 }
const isTopology = (one: Principal): boolean => TOPOLOGIES.some((topology) => topology === one)

describeWithProcesses('on a Kafka that asks who you are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secured-kafka-'))
  let kafka: SecuredKafka

  const optionsOf = (user: string) => ({
    ...defaultKafkaLogOptions,
    brokers: [kafka.broker],
    sasl: kafka.sasl(user),
    clientId: user,
  })
  const environment = (user: string): BailiffEnvironment => ({
    ...environmentOf(services(), `rights-${process.pid}`),
    KAFKA_BROKERS: kafka.broker,
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD: kafka.sasl(user).password,
  })

  beforeAll(async () => {
    kafka = await startSecuredKafka(folder, [...PRINCIPALS, STRANGER])
    const made = await bailiff(['topics', '--partitions', '1', '--acls', 'User:{}'], environment(ADMIN))
    expect(made, made.stderr).toMatchObject({ exitCode: 0 })
    const granted = Number(/granted +(\d+) rights/.exec(made.stdout)?.[1])
    await until('the broker has heard of all rights', async () => (await rightsHeard()) === granted, 60_000)
  }, 180_000)
  afterAll(async () => {
    await kafka.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A controller says that rights are given before the broker has heard of them. */
  async function rightsHeard(): Promise<number> {
    const admin = createKafka(optionsOf(ADMIN), silentLogger, ONE_TRY).admin()
    await admin.connect()
    const { resources } = await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
    })
    await admin.disconnect()
    return resources.reduce((rights, { acls }) => rights + acls.length, 0)
  }

  /** Those of the topics that the user may read. */
  async function readBy(user: string): Promise<readonly string[]> {
    const read: string[] = []
    for (const topic of TOPICS) {
      const client = createKafka(optionsOf(user), silentLogger, ONE_TRY)
      const cluster = new FetchCluster(client, optionsOf(user))
      const fetched = await fetchedFrom(cluster, topic).finally(() => cluster.close())
      if (fetched) read.push(topic)
    }
    return read
  }

  async function fetchedFrom(cluster: FetchCluster, topic: string): Promise<boolean> {
    try {
      await cluster.target([topic])
      const leader = cluster.leaderOf(topic, 0) ?? ''
      const [answer] = await cluster.fetch(leader, [{ topic, partition: 0, offset: 0, batchBytes: 0 }], 1)
      return answer?.errorCode === 0
    } catch (error) {
      expect(classified(error, topic)).toBeInstanceOf(RefusedError)
      return false
    }
  }

  /** Those of the topics that the user may write. */
  async function writtenBy(user: string): Promise<readonly string[]> {
    const client = createKafka(optionsOf(user), silentLogger, ONE_TRY)
    const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner, retry: ONE_TRY })
    await producer.connect()
    const written: string[] = []
    for (const topic of TOPICS) {
      try {
        await producer.send({ topic, messages: [{ key: 'k', value: 'nonsense' }] })
        written.push(topic)
      } catch (error) {
        expect(classified(error, topic)).toBeInstanceOf(RefusedError)
      }
    }
    await producer.disconnect()
    return written
  }

  it('nobody reads text but meter and classify, nor referrals but the legal team and who writes them', async () => {
    const readers = new Map<string, string[]>(TOPICS.map((topic) => [topic, []]))
    for (const user of [...PRINCIPALS, STRANGER])
      for (const topic of await readBy(user)) readers.get(topic)?.push(user)
    const of = (topic: string) => readers.get(topic)?.toSorted()
    expect(of('inference.requests.v1')).toEqual(['classify', 'meter'])
    expect(of('inference.responses.v1')).toEqual(['classify', 'meter'])
    expect(of('abuse.referrals.v1')).toEqual(['enforcement', 'legal'])
    expect(of('abuse.preservation.v1')).toEqual(['enforcement', 'vault'])
    for (const topic of table.topics) {
      const own = isTopology(topic.soleWriter) ? [topic.soleWriter] : []
      expect(of(topic.name), topic.name).toEqual([...new Set([...topic.readers, ...own])].toSorted())
    }
    for (const side of table.sideTopics) expect(of(side.name), side.name).toEqual([])
  }, 300_000)

  it('nobody writes but the one writer of each topic, and to what was set aside those who read its source', async () => {
    const writers = new Map<string, string[]>(TOPICS.map((topic) => [topic, []]))
    for (const user of [...PRINCIPALS, STRANGER])
      for (const topic of await writtenBy(user)) writers.get(topic)?.push(user)
    for (const topic of table.topics) expect(writers.get(topic.name), topic.name).toEqual([topic.soleWriter])
    for (const side of table.sideTopics)
      expect(writers.get(side.name)?.toSorted(), side.name).toEqual(
        table.entry(side.source).readers.filter(isTopology).toSorted(),
      )
  }, 300_000)

  describe('the programs, each as itself', () => {
    const running: RunningBailiff[] = []
    afterAll(() => Promise.all(running.map((one) => one.stop())))

    it('run, read and write what they must', async () => {
      for (const topology of ['meter', 'classify', 'capacity', 'usage', 'enforcement']) {
        const one = await RunningBailiff.start([topology], environment(topology))
        running.push(one)
        await one.untilReady()
      }
      const response = {
        ...SAMPLES['inference.responses.v1'],
        requestedAtMs: Date.now(),
        completedAtMs: Date.now(),
      }
      const line = `${JSON.stringify({ ...response, media: null, inputMessages: null, outputMessages: null })}\n`
      const sent = await bailiff(['send', 'inference.responses.v1'], environment('platform'), line)
      expect(sent, sent.stderr).toMatchObject({ exitCode: 0 })
      const log = new KafkaLog(optionsOf('usage'), systemClock, silentLogger)
      const used = async (): Promise<boolean> => {
        for await (const { key } of log.readToEnd('inference.usage.v1', 0, 0))
          if (key?.toString() === response.accountId) return true
        return false
      }
      await until('meter has written what was used', used, 60_000).finally(() => log.close())
      for (const one of running) expect(one.alive).toBe(true)
    }, 300_000)

    it('a gateway has its view', async () => {
      const { brokers, sasl } = optionsOf('gateway')
      const view = await standingView({ brokers, sasl, registryUrl: services().registryUrl })
      expect(view.may('nobody-in-particular', {}).allow).toBe(true)
      await view.close()
    })

    it.each([
      ['review', 'list'],
      ['account', 'show', 'account-1'],
      ['switch', 'list'],
      ['export', '--as', 'transparency'],
      ['reverse', '--detector', 'scraping.bulk-harvest', '--dry-run'],
    ])('those who decide can %s %s, and a gateway cannot', async (...words) => {
      const allowed = await bailiff(words, environment('console'))
      expect([0, 1], allowed.stderr).toContain(allowed.exitCode)
      expect(allowed.stderr).not.toContain('not authorized')
      const refused = await bailiff(words, environment('gateway'))
      expect(refused.exitCode, refused.stderr).toBe(2)
    })

    it('under the name of another they say what they may not, and end', async () => {
      const { exitCode, stderr } = await bailiff(['run', 'enforcement'], environment('gateway'))
      expect(exitCode, stderr).toBe(2)
      expect(stderr).not.toMatch(/^\s+at /m)
    })
  })
})
