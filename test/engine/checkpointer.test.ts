import { expect, it } from 'vitest'
import { Checkpointer, type Draft } from '../../src/engine/checkpointer.ts'
import { createHarness } from '../support/engine-harness.ts'

const task = { topology: 'tally', partition: 0 }

function draft(key: string, setAside: Draft['setAside'] = []): Draft {
  const puts = [{ slot: 's', key, value: Buffer.from('1') }]
  const change = { puts, deletes: [], dropSlots: [], setTimers: [], clearTimers: [] }
  return { change, outputs: [], setAside, meta: () => Buffer.from('{}') }
}

/**
 * Two callers that had waited for the same commit both went on; both commits bore one sequence and nonce, and the
 * store took the second, which had dead letters to publish first, for a retry of the first: its state was lost.
 */
it('commits one after the other, though two ask at once (C1)', async () => {
  const harness = createHarness()
  harness.log.createTopic('dlq', 1)
  const producer = await harness.log.taskProducer('tally-0')
  const { epoch } = await harness.store.acquire(task)
  const start = { epoch, sequence: 0, acknowledged: new Map<string, number>(), published: [] }
  const checkpointer = new Checkpointer(await harness.services(), task, producer, start)
  const letter = { topic: 'dlq', key: 'k', value: null, headers: {} }
  await checkpointer.commit(() => draft('a'))
  await Promise.all([checkpointer.commit(() => draft('b', [letter])), checkpointer.commit(() => draft('c'))])
  await checkpointer.settled()
  const cells = await harness.store.load(task, ['s'], ['a', 'b', 'c'])
  expect(cells.map(({ key }) => key)).toEqual(['a', 'b', 'c'])
  expect((await harness.store.acquire(task)).sequence).toBe(3)
})
