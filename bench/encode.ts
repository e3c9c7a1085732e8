/**
 * What writing a request to append costs: one partition's batch of usage records of 260 bytes with the nine headers that
 * `meter` gives them, by kafkajs' encoder and by ours, turn by turn in one process, each with the copy behind the
 * request's head that kafkajs makes. Prints CPU microseconds a record, garbage collection included, the median of the turns.
 *
 * Not measured here: the connection, waiting, Avro, making the headers.
 *
 *   npm run bench -- encode [records a batch = 50] [turns = 9]
 */
import { cpuUsage } from 'node:process'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import produce from 'kafkajs/src/protocol/requests/produce/index.js'
import { writeProduceRequest, type NewRecord, type ProduceRequest } from '../src/log/kafka/produce-request.ts'

const [recordsABatch = 50, turns = 9] = process.argv.slice(2).map(Number)
const RECORDS_A_TURN = 40_000

function record(index: number): NewRecord {
  const account = `acct-${String(index).padStart(6, '0')}`
  const headers = {
    'content-type': 'application/avro',
    ce_specversion: '1.0',
    ce_id: `event-${index}`,
    ce_source: 'urn:bailiff:meter',
    ce_type: 'bailiff.v1.UsageRecord',
    ce_time: '2026-11-27T07:00:00.000Z',
    ce_subject: account,
    'bailiff-origin': 'meter/inference.responses.v1/3',
    'bailiff-origin-position': `${1_000_000 + index}.0`,
  }
  return { key: account, value: Buffer.alloc(260, 'v'), headers, timestamp: '1790000000000' }
}

const messages = Array.from({ length: recordsABatch }, (_, index) => record(index))
const request: ProduceRequest = {
  transactionalId: 'meter-3',
  producerId: '4711',
  producerEpoch: 2,
  acks: -1,
  timeout: 30_000,
  topicData: [{ topic: 'inference.usage.v1', partitions: [{ partition: 3, firstSequence: 9, messages }] }],
}
const byKafkajs = produce.protocol({ version: 7 })(request).request

const writers: Readonly<Record<string, () => Promise<Buffer>>> = {
  kafkajs: async () => (await byKafkajs.encode()).buffer,
  bailiff: () => Promise.resolve(writeProduceRequest(request)),
}

/** CPU microseconds a record of one turn. */
async function turn(write: () => Promise<Buffer>): Promise<number> {
  const requests = Math.ceil(RECORDS_A_TURN / recordsABatch)
  const before = cpuUsage()
  for (let made = 0; made < requests; made++) new Encoder().writeBuffer(await write())
  const { user, system } = cpuUsage(before)
  return (user + system) / (requests * recordsABatch)
}

const costs = new Map<string, number[]>(Object.keys(writers).map((name) => [name, []]))
for (let done = 0; done <= turns; done++) {
  for (const [name, write] of Object.entries(writers)) {
    const cost = await turn(write)
    if (done > 0) costs.get(name)?.push(cost)
  }
}
for (const [name, all] of costs) {
  const sorted = all.sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
  console.log(
    `${name.padEnd(8)} ${median.toFixed(2)} CPU microseconds a record (best ${sorted[0]?.toFixed(2)})`,
  )
}
