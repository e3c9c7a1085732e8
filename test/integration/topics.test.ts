/** `bailiff topics` against real servers: what it creates is what the table says, and it can be repeated. */
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { applyTopics, isInOrder } from '../../src/cli/topics/apply.ts'
import { RegistryClient, REGISTRY_DEFAULTS } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { kafkaTopicAdmin, type TopicAdmin } from '../../src/log/kafka/admin.ts'
import { describeIntegration, services } from '../support/integration.ts'

const flows = loadFlows()

describeIntegration('bailiff topics', () => {
  let admin: TopicAdmin
  let producer: Producer
  const apply = () =>
    applyTopics(
      flows,
      admin,
      new RegistryClient({ baseUrl: services().registryUrl, clock: systemClock, ...REGISTRY_DEFAULTS }),
      { factor: -1 },
    )

  beforeAll(async () => {
    const kafka = new Kafka({ brokers: [...services().kafkaBrokers], logLevel: logLevel.NOTHING })
    admin = await kafkaTopicAdmin(kafka)
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
  })
  afterAll(async () => {
    await producer.disconnect()
    await admin.close()
  })

  it('may be run by two people at once', async () => {
    const reports = await Promise.all([apply(), apply()])
    expect(reports.every(isInOrder)).toBe(true)
  })

  it('leaves everything in order, and finds nothing to do the second time', async () => {
    expect(isInOrder(await apply())).toBe(true)
    const again = await apply()
    expect(again).toMatchObject({ created: [], differs: [] })
    expect(again.kept).toHaveLength(flows.table.topics.length + flows.table.sideTopics.length)
    expect(new Set(again.subjects.map(({ outcome }) => outcome))).toEqual(new Set(['kept']))
  })

  it("lets a dead letter be larger than its source's largest record", async () => {
    const largest = Buffer.alloc(flows.table.entry('inference.usage.v1').maxRecordBytes - 200)
    const send = (topic: string) =>
      producer.send({ topic, messages: [{ key: 'k', value: Buffer.concat([largest, Buffer.alloc(300)]) }] })
    await expect(send('inference.usage.v1')).rejects.toThrow(/larger than the max/)
    await expect(send('dlq.inference.usage.v1')).resolves.toHaveLength(1)
  })
})
