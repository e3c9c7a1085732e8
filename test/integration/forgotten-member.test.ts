// A member that its group has forgotten, and that cannot join again at once.
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { logLevel, type Cluster } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { KafkaClient, READER_RETRY } from '../../src/log/kafka/client.ts'
import { FetchCluster } from '../../src/log/kafka/cluster.ts'
import { functionOf } from '../../src/log/kafka/kafkajs-inside.ts'
import { KafkaMembership } from '../../src/log/kafka/membership.ts'
import { Outage } from '../../src/log/kafka/outage.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { until } from '../support/until.ts'
import { kafkaLogOptions, KafkaStrangers, stranger } from './log-fixtures.ts'

const API_KEY_AT = 4
const JOIN_GROUP = 11
const PATIENCE_MS = 30_000

/** A client whose connections break, as often as `breaks` says, when a member wants to join by them. */
class BreakingKafka extends KafkaClient {
  breaks = 0

  constructor() {
    super({
      brokers: [...services().kafkaBrokers],
      logLevel: logLevel.NOTHING,
      retry: READER_RETRY,
      socketFactory: ({ host, port, onConnect }) => this.#breaking(connect({ host, port }, onConnect)),
    })
  }

  #breaking(socket: Socket): Socket {
    const write = socket.write.bind(socket)
    return Object.assign(socket, {
      write: (bytes: Buffer, encoding: BufferEncoding): boolean => {
        if (bytes.readInt16BE(API_KEY_AT) !== JOIN_GROUP || this.breaks === 0) return write(bytes, encoding)
        this.breaks--
        socket.destroy(new Error('the connection broke'))
        return false
      },
    })
  }
}

/** Makes the coordinator forget all members of the group, as it does when their sessions end. */
async function forgetMembers(strangers: KafkaStrangers, group: string): Promise<void> {
  const clusters: Cluster[] = []
  const consumer = stranger().consumer({
    groupId: `forgets-${group}`,
    partitionAssigners: [
      ({ cluster }) => {
        clusters.push(cluster)
        return {
          name: 'none',
          version: 0,
          assign: async () => [],
          protocol: () => ({ name: 'none', metadata: Buffer.alloc(0) }),
        }
      },
    ],
  })
  await consumer.connect()
  const [cluster] = clusters
  const coordinator = await cluster?.findGroupCoordinator({ groupId: group })
  const { groups } = await strangers.admin.describeGroups([group])
  for (const { memberId } of groups.flatMap(({ members }) => members)) {
    await functionOf(coordinator ?? {}, 'leaveGroup')({ groupId: group, memberId })
  }
  await consumer.disconnect()
}

describeIntegration('a member that its group has forgotten', () => {
  const strangers = new KafkaStrangers()
  beforeAll(() => strangers.connect())
  afterAll(() => strangers.disconnect())

  it('is a member again, also where its connection broke as it wanted to join (K5, trap 37)', async () => {
    const topic = await strangers.createTopic('forgotten', 2)
    const group = randomUUID()
    const kafka = new BreakingKafka()
    const assigned: (readonly number[])[] = []
    const membership = new KafkaMembership(
      {
        kafka,
        cluster: new FetchCluster(new BreakingKafka(), kafkaLogOptions()),
        options: { ...kafkaLogOptions(), rebalanceTimeoutMs: 2_000 },
        clock: systemClock,
        logger: silentLogger,
        outage: new Outage(systemClock, silentLogger),
        committed: () => Promise.resolve([]),
      },
      {
        group,
        topics: [topic],
        onAssigned: (partitions) => void assigned.push(partitions),
        onBatch: () => undefined,
        onStopped: (error) => void assigned.push([error.message.length]),
      },
    )
    await membership.join()
    await until('the first assignment', () => assigned.length === 1, PATIENCE_MS)

    kafka.breaks = 1
    await forgetMembers(strangers, group)
    await until('joining anew', () => kafka.breaks === 0, PATIENCE_MS)
    await until('the next assignment', () => assigned.length > 1, PATIENCE_MS)
    expect(assigned.at(-1)).toEqual([0, 1])
    await membership.commitOffsets([{ topic, partition: 0, offset: 0, metadata: '' }])
    await membership.leave()
  })
})
