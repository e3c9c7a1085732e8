// A broker that is killed and comes back on the same folder.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { ProducerLostError, TransientError } from '../../src/engine/errors.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { collect, numbered, valueOf, Witness } from '../conformance/log-fixture.ts'
import { describeWithProcesses, serviceProcess } from '../support/integration.ts'
import { kafkaLogOptions, KafkaStrangers } from './log-fixtures.ts'

describeWithProcesses('the log while its broker is away', () => {
  let strangers: KafkaStrangers
  let log: KafkaLog
  beforeAll(async () => {
    strangers = new KafkaStrangers()
    await strangers.connect()
    log = new KafkaLog(kafkaLogOptions(), systemClock, silentLogger)
  })
  afterAll(async () => {
    await log.close()
    await strangers.disconnect()
  })

  it('says that it is transient, loses the producer, and goes on by itself when it is back (traps 4, 6, 8)', async () => {
    const topic = await strangers.createTopic('outage', 1)
    await strangers.write(topic, 0, numbered(0, 3))
    const witness = await Witness.join(log, randomUUID(), [topic])
    const publisher = await log.publisher()
    const producer = await log.taskProducer(randomUUID())
    await producer.fence()
    await witness.until(() => witness.holds.length === 1)
    witness.flow(topic, 0, 0)
    await witness.until(() => witness.nextOffset(topic, 0) === 3)

    await serviceProcess('kafka-1').kill('SIGKILL')
    const record = { topic, key: 'k', value: Buffer.from('lost'), headers: {} }
    await expect(log.bounds(topic)).rejects.toThrow(TransientError)
    await expect(collect(log.readToEnd(topic, 0, 0))).rejects.toThrow(TransientError)
    await expect(publisher.publish([record])).rejects.toThrow(TransientError)
    await expect(producer.publish(0, [record])).rejects.toThrow(ProducerLostError)
    await serviceProcess('kafka-1').start()

    const next = await log.taskProducer(randomUUID())
    await next.fence()
    await next.publish(0, [{ ...record, value: Buffer.from('back') }])
    const before = witness.assignments.length
    // Either the membership lived through it, or it was restored and the partition is sought anew.
    const sawIt = (): boolean => witness.records(topic, 0).some((one) => valueOf(one) === 'back')
    while (!sawIt()) {
      await witness.until(() => sawIt() || witness.assignments.length > before)
      if (!sawIt()) witness.flow(topic, 0, witness.nextOffset(topic, 0))
      await witness.until(sawIt)
    }
    expect(witness.stops).toEqual([])
    const seen = witness.records(topic, 0).map((one) => one.offset)
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b))
    expect((await collect(log.readToEnd(topic, 0, 0))).map(valueOf)).toContain('back')
    await next.close()
    await producer.close()
    await publisher.close()
  })
})
