/** Keys without number: memory and store stay within their bounds, and whoever was known before is not hurt (P7). */
import { describe, expect, it } from 'vitest'
import { silentObserver, type Observer } from '../../src/engine/observer.ts'
import { KeySketch } from '../../src/windows/key-sketch.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import { drain, START_MS, startRunner, valuesOf } from '../support/engine-harness.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, words, out } = TALLY_TOPICS
const MINUTE = START_MS / 60_000
const MOST_CELLS = 1_000

async function createTask(compactedWords = false) {
  const seen = { sketched: 0, most: 0, guarded: false, measured: 0 }
  const observer: Observer = {
    ...silentObserver,
    sketched: () => void seen.sketched++,
    stored: (_partition, { cells }, guarded) => {
      seen.measured++
      seen.most = Math.max(seen.most, cells)
      seen.guarded ||= guarded
    },
  }
  const store = new MemoryStateStore()
  const bounds = { storeMaxCells: MOST_CELLS, sketchThreshold: 4, cacheMaxBytes: 64 * 1024, chunkRecords: 50 }
  const harness = tallyHarness(bounds, 1, store)
  const base = tallyTopology({ limit: 10, closing: false }, compactedWords ? [numbers, words] : [numbers])
  const sources = base.sources.map((source) => ({ ...source, compacted: source.topic === words }))
  const services = { ...(await harness.services()), observer, keyCounter: () => new KeySketch(60_000) }
  const start = () => startRunner(services, { ...base, sources })
  let runner = await start()
  const add = (key: string, amount: number, topic: string = numbers): void => {
    const value = amountValue({ id: key, atMs: START_MS, amount })
    harness.log.append(topic, { key: Buffer.from(key), value, headers: {} }, START_MS)
  }
  const work = async (): Promise<void> => {
    await drain(harness.log, runner)
    harness.clock.advanceTo(harness.clock.now() + 1_000)
  }
  const restart = async (): Promise<void> => {
    await runner.stop()
    runner = await start()
  }
  const size = () => store.size({ topology: 'tally', partition: 0 }, [`1m:${MINUTE}`])
  return { add, work, restart, seen, size, said: () => valuesOf(harness.log, out) }
}

describe('a task whose keys are minted', () => {
  it('keeps the store within its bound, counts what only met the sketch, and says that it does', async () => {
    const task = await createTask()
    for (let round = 0; round < 40; round++) {
      for (let n = 0; n < 250; n++) task.add(`minted-${round}-${n}`, 1)
      await task.work()
    }
    expect((await task.size()).cells).toBeLessThan(MOST_CELLS)
    expect(task.seen.guarded).toBe(true)
    expect(task.seen.sketched).toBeGreaterThan(9_000)
  })

  it('goes on so after a restart, when what a key has must be asked for', async () => {
    const task = await createTask()
    for (let round = 0; round < 12; round++) {
      for (let n = 0; n < 250; n++) task.add(`minted-${round}-${n}`, 1)
      await task.work()
      if (round === 2) await task.restart()
    }
    expect((await task.size()).cells).toBeLessThan(MOST_CELLS)
  })

  it('lets nobody past the sketch at a start, however often it starts: a full store is known as full (G3)', async () => {
    const task = await createTask()
    for (let round = 0; round < 40; round++) {
      for (let n = 0; n < 250; n++) task.add(`minted-${round}-${n}`, 1)
      await task.work()
      await task.restart()
    }
    expect((await task.size()).cells).toBeLessThan(MOST_CELLS)
  })

  it('asks the store each five seconds how full it is, and each second once a quarter of it is (G3)', async () => {
    const task = await createTask()
    for (let second = 0; second < 10; second++) {
      task.add(`early-${second}`, 1)
      await task.work()
    }
    expect(task.seen.measured).toBe(2)
    for (let n = 0; n < MOST_CELLS / 4; n++) task.add(`minted-${n}`, 1)
    await task.work()
    const before = task.seen.measured
    for (let second = 0; second < 10; second++) {
      task.add(`early-${second}`, 1)
      await task.work()
    }
    expect(task.seen.measured - before).toBe(10)
  })

  it('does not hurt those whom it knew before, though they have left its memory', async () => {
    const task = await createTask()
    for (let n = 0; n < 100; n++) task.add(`honest-${n}`, 1)
    await task.work()
    for (let round = 0; round < 40; round++) {
      for (let n = 0; n < 250; n++) task.add(`minted-${round}-${n}`, 1)
      if (round % 4 === 0) for (let n = 0; n < 100; n++) task.add(`honest-${n}`, 1)
      await task.work()
    }
    const said = await task.said()
    expect(said.filter((value) => value.includes('honest'))).toHaveLength(100)
  })

  it('gives a newcomer who keeps coming state of its own: its first events are lost, no more', async () => {
    const task = await createTask()
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 250; n++) task.add(`minted-${round}-${n}`, 1)
      await task.work()
    }
    expect(task.seen.sketched).toBeGreaterThan(0)
    for (let n = 0; n < 16; n++) task.add('newcomer', 1)
    await task.work()
    expect((await task.said()).filter((value) => value.includes('newcomer'))).toHaveLength(1)
  })

  it('lets nobody new into a full store, but for those of whom a compacted source tells', async () => {
    const task = await createTask(true)
    for (let n = 0; n < MOST_CELLS; n++) task.add(`account-${n}`, 0, words)
    await task.work()
    for (let n = 0; n < 500; n++) task.add('insistent', 1)
    await task.work()
    task.add('registered', 99, words)
    await task.work()
    expect((await task.said()).map((value) => value.split(':')[1])).toEqual(['registered'])
  })
})
