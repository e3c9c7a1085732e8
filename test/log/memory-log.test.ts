import { ManualClock } from '../../src/domain/clock.ts'
import { MemoryLog } from '../../src/log/memory/memory-log.ts'
import type { LogFixture } from '../conformance/log-fixture.ts'
import { describeLog } from '../conformance/log.ts'

const NOW_MS = 1_800_000_000_000

async function open(): Promise<LogFixture> {
  const log = new MemoryLog({ clock: new ManualClock(NOW_MS), autoDeliver: true, batchRecords: 100 })
  let topics = 0
  return {
    log,
    createTopic: async (name, partitions) => {
      const topic = `${name}-${topics++}`
      log.createTopic(topic, partitions)
      return topic
    },
    addPartitions: async (topic, partitions) => log.topic(topic).grow(partitions),
    write: async (topic, partition, records) => {
      for (const record of records) log.appendTo(topic, partition, record, NOW_MS)
    },
    writeAborted: async (topic, partition, values) => {
      for (let taken = 0; taken <= values.length; taken++) log.topic(topic).skipOffset(partition)
    },
    trim: async (topic, partition, offset) => log.topic(topic).trim(partition, offset),
    close: () => log.close(),
  }
}

describeLog('the log in memory', open)
