import { expect, it } from 'vitest'
import { Checkpointer, type Draft } from '../../src/engine/checkpointer.ts'
import { ProducerLostError } from '../../src/engine/errors.ts'
import { UNDIVIDED } from '../../src/engine/logic.ts'
import type { TaskProducer } from '../../src/engine/log.ts'
import type { OutputRecord } from '../../src/engine/record.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { createHarness, valuesOf, type Harness } from '../support/engine-harness.ts'
import { storeWith } from '../support/store-with.ts'
import { nextTurn } from '../support/until.ts'

const task = { topology: 'tally', partition: 0 }
const META: Draft['meta'] = {
  stateVersion: 1,
  edition: 0,
  partitionCount: 1,
  frontierMs: null,
  newestEventMs: null,
  layout: UNDIVIDED,
  taskState: null,
  sources: {},
  origins: {},
  slots: {},
}

function draft(key: string, setAside: Draft['setAside'] = []): Draft {
  const puts = [{ slot: 's', key, value: Buffer.from('1') }]
  const change = { puts, deletes: [], dropSlots: [], setTimers: [], clearTimers: [] }
  return { change, outputs: [], setAside, meta: META }
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

/**
 * A commit that ended just as the last publication did saw one under way, and that one had looked for more
 * already: its outputs waited for the next commit with outputs, and nobody waited for them.
 */
it('publishes what a commit adds at the very end of a publication (C3)', async () => {
  for (let turns = -30; turns <= 30; turns++) {
    const harness = createHarness()
    const { producer, store, end } = await gated(harness)
    const { epoch } = await harness.store.acquire(task)
    const start = { epoch, sequence: 0, acknowledged: new Map<string, number>(), published: [] }
    const services = { ...(await harness.services()), store }
    const checkpointer = new Checkpointer(services, task, producer, start)
    for (const key of ['a', 'b']) {
      await checkpointer.commit(() => ({ ...draft(key), outputs: [output(key)] }))
      if (key === 'a') await checkpointer.committed()
    }
    await nextTurn()
    const [first, second] = turns < 0 ? [end.commit, end.publication] : [end.publication, end.commit]
    first()
    for (let turn = 0; turn < Math.abs(turns); turn++) await Promise.resolve()
    second()
    await checkpointer.settled()
    expect(await valuesOf(harness.log, 'out'), `${turns} turns later`).toEqual(['a', 'b'])
  }
})

it('publishes nothing more once a publication has failed: what follows must not overtake it (P3)', async () => {
  const harness = createHarness()
  const failure = Promise.withResolvers<never>()
  const sent: string[] = []
  const under = await harness.log.taskProducer('tally-0')
  const producer: TaskProducer = {
    fence: () => under.fence(),
    publish: (_partition, records) => {
      sent.push(...records.map(({ key }) => key))
      return failure.promise
    },
    close: () => under.close(),
  }
  const standing = Promise.withResolvers<undefined>()
  const store = storeWith(harness.store, {
    commit: async (id, one) => {
      if (one.previousSequence === 1) await standing.promise
      return harness.store.commit(id, one)
    },
  })
  const { epoch } = await harness.store.acquire(task)
  const start = { epoch, sequence: 0, acknowledged: new Map<string, number>(), published: [] }
  const checkpointer = new Checkpointer({ ...(await harness.services()), store }, task, producer, start)
  for (const key of ['a', 'b']) {
    await checkpointer.commit(() => ({ ...draft(key), outputs: [output(key)] }))
    if (key === 'a') await checkpointer.committed()
  }
  failure.reject(new ProducerLostError('the broker said no'))
  await nextTurn()
  standing.resolve(undefined)
  await expect(checkpointer.settled()).rejects.toThrow('the broker said no')
  expect(sent).toEqual(['a'])
})

function output(key: string): OutputRecord {
  return { topic: 'out', key, value: Buffer.from(key), headers: {} }
}

/** A producer and a store that keep their first publication and their second commit back until they are told. */
async function gated(harness: Harness): Promise<{
  readonly producer: TaskProducer
  readonly store: StateStore
  readonly end: { readonly publication: () => void; readonly commit: () => void }
}> {
  harness.log.createTopic('out', 1)
  const under = await harness.log.taskProducer('tally-0')
  await under.fence()
  const publication = Promise.withResolvers<undefined>()
  const commit = Promise.withResolvers<undefined>()
  const { store } = harness
  return {
    producer: {
      fence: () => under.fence(),
      publish: async (partition, records) => {
        const ends = await under.publish(partition, records)
        await publication.promise
        return ends
      },
      close: () => under.close(),
    },
    store: storeWith(store, {
      commit: async (id, one) => {
        const result = await store.commit(id, one)
        if (one.previousSequence === 1) await commit.promise
        return result
      },
    }),
    end: {
      publication: () => publication.resolve(undefined),
      commit: () => commit.resolve(undefined),
    },
  }
}
