/**
 * A source that is far behind the others and known to have more: after `maxSourceWaitMs` the task goes on without
 * it, but what its records need when they come must still be there, also after a takeover.
 */
import { expect, it } from 'vitest'
import type { SourceBatch, SourceRecord } from '../../src/engine/record.ts'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { createHarness, START_MS, valuesOf } from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, words, out } = TALLY_TOPICS
const MINUTE_MS = 60_000
const TOPOLOGY = tallyTopology({ limit: 10, closing: false }, [numbers, words])

it('counts the records of a source that comes late by more than all windows', async () => {
  const harness = createHarness()
  for (const topic of [numbers, words, out]) harness.log.createTopic(topic, 1)
  harness.clock.advanceTo(START_MS + 30 * MINUTE_MS)
  const append = (topic: string, id: string, atMs: number): void => {
    const value = amountValue({ id, atMs, amount: 3 })
    harness.log.append(topic, { key: Buffer.from('key'), value, headers: {} }, harness.clock.now())
  }
  for (let n = 0; n < 4; n++) append(numbers, `n${n}`, START_MS + n)
  append(words, 'w0', START_MS + 20 * MINUTE_MS)

  const batch = async (topic: string, from: number, to: number): Promise<SourceBatch> => {
    const records: SourceRecord[] = []
    for await (const record of harness.log.readToEnd(topic, 0, from)) records.push(record)
    const highWatermark = (await harness.log.bounds(topic))[0]?.high ?? 0
    const taken = records.slice(0, to - from)
    return {
      topic,
      partition: 0,
      records: taken,
      count: taken.length,
      bytes: 0,
      nextOffset: to,
      highWatermark,
    }
  }
  const services = await harness.services()
  const first = await acquireTask(services, TOPOLOGY, 0, null)
  first.offer(await batch(words, 0, 1))
  await first.step()
  harness.clock.advanceTo(harness.clock.now() + services.options.maxSourceWaitMs)
  await first.step()
  expect(first.nextOffset(words)).toBe(1)
  first.offer(await batch(numbers, 0, 2))
  await first.step()
  await first.stop()

  const second = await acquireTask(services, TOPOLOGY, 0, null)
  second.offer(await batch(numbers, 2, 4))
  await second.step()
  await second.stop()
  // Four times three in the first minute of `numbers`, twenty minutes before the last of `words`.
  expect(await valuesOf(harness.log, out)).toEqual([`alarm:key:${START_MS / MINUTE_MS}=n3`])
})
