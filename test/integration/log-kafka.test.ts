// The laws of the Log port, held against real Kafka.
import { afterAll, beforeAll } from 'vitest'
import { describeLog } from '../conformance/log.ts'
import { describeIntegration } from '../support/integration.ts'
import { KafkaStrangers, openKafkaFixture } from './log-fixtures.ts'

describeIntegration('Kafka', () => {
  let strangers: KafkaStrangers
  beforeAll(async () => {
    strangers = new KafkaStrangers()
    await strangers.connect()
  })
  afterAll(() => strangers.disconnect())

  describeLog('the log on Kafka', () => openKafkaFixture(strangers))
})
