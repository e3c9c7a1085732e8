/**
 * What reading the answer to a fetch costs: six partitions of 3,700 records of about 280 bytes with keys and no
 * headers, as in the yardstick, by kafkajs' decoder and by ours, turn by turn in one process. Prints CPU seconds
 * per million records, garbage collection included, the median of the turns.
 *
 * Not measured here: the connection, the request, waiting, decompression, Avro, and what it costs that a fetch's
 * records live until they are processed.
 *
 *   node bench/decode.ts [turns = 9]
 */
import { cpuUsage } from 'node:process'
import fetch from 'kafkajs/src/protocol/requests/fetch/index.js'
import { readFetchAnswer } from '../src/log/kafka/fetch-answer.ts'
import { sourceBatch } from '../src/log/kafka/source-batch.ts'
import { entry, fetchAnswer, recordBatch } from '../test/support/record-sets.ts'

const PARTITIONS = 6
const RECORDS = 3_700
const RECORDS_A_BATCH = 250
const VALUE_BYTES = 260
const VERSION = 11
const FETCHES_A_TURN = 25

async function recordSet(): Promise<Buffer> {
  const batches: Promise<Buffer>[] = []
  for (let baseOffset = 0; baseOffset < RECORDS; baseOffset += RECORDS_A_BATCH) {
    const count = Math.min(RECORDS_A_BATCH, RECORDS - baseOffset)
    const records = Array.from({ length: count }, (_, index) => {
      const key = Buffer.from(`acct-${String(baseOffset + index).padStart(6, '0')}`)
      return { ...entry(index, key, Buffer.alloc(VALUE_BYTES, 'v')), timestampDelta: index }
    })
    batches.push(recordBatch({ baseOffset, timestampMs: 1_790_000_000_000, records }))
  }
  return Buffer.concat(await Promise.all(batches))
}

async function answer(): Promise<Buffer> {
  const set = await recordSet()
  const partition = {
    topic: 'bench.responses',
    errorCode: 0,
    highWatermark: 1e6,
    aborted: [],
    recordSet: set,
  }
  return fetchAnswer(
    VERSION,
    Array.from({ length: PARTITIONS }, (_, index) => ({ ...partition, partition: index })),
  )
}

type Reader = (bytes: Buffer) => Promise<number>

/** Each counts the bytes of the values, so that every record has been looked at. */
async function byKafkajs(bytes: Buffer): Promise<number> {
  const { responses } = await fetch
    .protocol({ version: VERSION })({ maxWaitTime: 1, topics: [] })
    .response.decode(bytes)
  let sum = 0
  for (const { partitions } of responses) {
    for (const { messages } of partitions) for (const { value } of messages) sum += value?.length ?? 0
  }
  return sum
}

async function byUs(bytes: Buffer): Promise<number> {
  const { responses } = await readFetchAnswer(bytes, VERSION)
  let sum = 0
  for (const { partitions } of responses) {
    for (const fetched of partitions) {
      for (const { value } of sourceBatch(fetched, 0)?.records ?? []) sum += value?.length ?? 0
    }
  }
  return sum
}

/** CPU seconds per million records of one turn. */
async function turn(read: Reader, bytes: Buffer): Promise<number> {
  const before = cpuUsage()
  for (let fetched = 0; fetched < FETCHES_A_TURN; fetched++) {
    if ((await read(bytes)) !== PARTITIONS * RECORDS * VALUE_BYTES) throw new Error('read something else')
  }
  const { user, system } = cpuUsage(before)
  return (user + system) / (FETCHES_A_TURN * PARTITIONS * RECORDS)
}

const turns = Number(process.argv[2] ?? 9)
const bytes = await answer()
const readers: Readonly<Record<string, Reader>> = { kafkajs: byKafkajs, bailiff: byUs }
const costs = new Map<string, number[]>(Object.keys(readers).map((name) => [name, []]))
for (let done = 0; done <= turns; done++) {
  for (const [name, read] of Object.entries(readers)) {
    const cost = await turn(read, bytes)
    if (done > 0) costs.get(name)?.push(cost)
  }
}
for (const [name, all] of costs) {
  const sorted = all.sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
  console.log(
    `${name.padEnd(8)} ${median.toFixed(2)} CPU s per million records (best ${sorted[0]?.toFixed(2)})`,
  )
}
