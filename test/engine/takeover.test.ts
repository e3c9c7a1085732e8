/** Of a takeover: what it reads of own outputs that no outbox explains (A3), the tail, and what is left of one that failed. */
import { expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { TransientError } from '../../src/engine/errors.ts'
import type { Log } from '../../src/engine/log.ts'
import { stamp } from '../../src/engine/outbox.ts'
import { unexplainedTail } from '../../src/engine/takeover.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import { createHarness, drain, START_MS, startRunner, valuesOf } from '../support/engine-harness.ts'
import { storeWith } from '../support/store-with.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { withLogic } from '../support/with-logic.ts'

const { numbers, out } = TALLY_TOPICS
const topology = tallyTopology({ limit: 10, closing: false })
const task = { topology: 'tally', partition: 0 }
const OUTPUTS = 1_500

/** A log with as many own outputs, all of one commit. */
async function logOfOutputs(): Promise<Log> {
  const { log } = createHarness()
  log.createTopic('out', 1)
  const outputs = Array.from({ length: OUTPUTS }, () => ({
    topic: 'out',
    key: 'k',
    value: null,
    headers: {},
  }))
  const producer = await log.taskProducer('tally-0')
  await producer.fence()
  await producer.publish(0, stamp(outputs, 'tally/0', { epoch: 1, sequence: 1 }))
  return log
}

async function pagesOf(log: Log, ownEnds: ReadonlyMap<string, number>) {
  const acknowledged = new Map([['out', 0]])
  const pages: [end: number, records: number][] = []
  for await (const { end, records } of unexplainedTail(log, task, {
    acknowledged,
    ownEnds,
    explained: new Set(),
  }))
    pages.push([end, records.length])
  return pages
}

it('reads the tail page by page, each with the end up to which it is known then', async () => {
  expect(await pagesOf(await logOfOutputs(), new Map())).toEqual([
    [1_000, 1_000],
    [OUTPUTS, 500],
  ])
})

it('reads the tail up to what it has published itself, though a broker may not show that at once', async () => {
  const log = await logOfOutputs()
  const lagging: Log = {
    join: (subscription) => log.join(subscription),
    taskProducer: (id) => log.taskProducer(id),
    publisher: () => log.publisher(),
    readToEnd: async function* () {},
    follow: (topics, onBatch) => log.follow(topics, onBatch),
    bounds: (topic) => log.bounds(topic),
    close: () => log.close(),
  }
  expect(await pagesOf(lagging, new Map([['out', OUTPUTS]]))).toEqual([[OUTPUTS, 0]])
})

it.each(['nothing', 'it again'])(
  'folds the tail once: what folding says, %s, was said before',
  async (says) => {
    const harness = createHarness()
    for (const topic of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(topic, 1)
    const value = amountValue({ id: 'a', atMs: START_MS, amount: 11 })
    harness.log.append(numbers, { key: Buffer.from('a'), value, headers: {} }, START_MS)
    const runner = await startRunner(await harness.services(), topology)
    await drain(harness.log, runner)
    await runner.stop()
    const said = await valuesOf(harness.log, out)
    expect(said).toHaveLength(1)

    let folded = 0
    const repeating = withLogic(topology, () => ({
      fold: (record) => ({
        key: 'a',
        apply: (_tally, context) => {
          folded++
          if (says === 'it again') context.emit({ topic: out, key: 'a', value: record.value, headers: {} })
        },
      }),
    }))
    const services = { ...(await harness.services()), store: new MemoryStateStore() }
    for (let owners = 0; owners < 2; owners++) await (await acquireTask(services, repeating, 0, null)).stop()
    expect(folded).toBe(1)
    expect(await valuesOf(harness.log, out)).toEqual(said)
  },
)

it('leaves no producer behind where it failed', async () => {
  const harness = createHarness()
  for (const topic of [numbers, out]) harness.log.createTopic(topic, 1)
  const away = storeWith(harness.store, {
    acquire: () => Promise.reject(new TransientError('redis', 'away')),
  })
  const points: string[] = []
  const services = await harness.services({ reach: (point, side) => void points.push(`${point} ${side}`) })
  await expect(acquireTask({ ...services, store: away }, topology, 0, null)).rejects.toThrow('away')
  expect(points.at(-1)).toBe('release after')
})
