/** What a takeover reads of its own outputs that no outbox explains (A3), and how far it has read then. */
import { expect, it } from 'vitest'
import type { Log } from '../../src/engine/log.ts'
import { stamp } from '../../src/engine/outbox.ts'
import { unexplainedTail } from '../../src/engine/takeover.ts'
import { createHarness } from '../support/engine-harness.ts'

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

it('is read page by page, each with the end up to which it is known then', async () => {
  expect(await pagesOf(await logOfOutputs(), new Map())).toEqual([
    [1_000, 1_000],
    [OUTPUTS, 500],
  ])
})

it('reaches to what the takeover itself has published, though a broker may not show that at once', async () => {
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
