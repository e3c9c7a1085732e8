/** A runner that is told to end while a server is away (R8). */
import { describe, expect, it } from 'vitest'
import { BEGUN, noteText } from '../../src/engine/death-notes.ts'
import { TransientError } from '../../src/engine/errors.ts'
import type { Log } from '../../src/engine/log.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import { START_MS, startRunner, type Harness } from '../support/engine-harness.ts'
import { logWith } from '../support/log-with.ts'
import { storeWith } from '../support/store-with.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { nextTurn } from '../support/until.ts'

const { numbers } = TALLY_TOPICS

/** A server that is away from when it is told to be, and counts who asks it then. */
class Server {
  isAway = false
  asked = 0
  readonly #name: 'redis' | 'kafka'

  constructor(name: 'redis' | 'kafka') {
    this.#name = name
  }

  ask<T>(answer: () => Promise<T>): Promise<T> {
    if (!this.isAway) return answer()
    this.asked++
    return Promise.reject(new TransientError(this.#name, 'away'))
  }
}

/** Works on records while the server is away, and is told to end. */
async function runAndEnd(harness: Harness, log: Log, server: Server): Promise<void> {
  const services = { ...(await harness.services()), log, pause: nextTurn }
  const runner = await startRunner(services, tallyTopology({ limit: 10, closing: false }))
  server.isAway = true
  for (const id of ['a', 'b']) {
    const value = amountValue({ id, atMs: START_MS, amount: 1 })
    harness.log.append(numbers, { key: Buffer.from(id), value, headers: {} }, START_MS)
  }
  harness.log.deliver()
  const stop = Promise.withResolvers<void>()
  const running = runner.run(stop.promise)
  while (server.asked < 3) await nextTurn()
  stop.resolve()
  await expect(running).resolves.toBeUndefined()
  await runner.stop()
}

describe('a runner that is told to end', { timeout: 5_000 }, () => {
  it('does not wait for a store that is away', async () => {
    const redis = new Server('redis')
    const store = new MemoryStateStore()
    const harness = tallyHarness(
      // The second record's commit waits for that of the first.
      { chunkRecords: 1, commitMaxDirtyKeys: 1 },
      1,
      storeWith(store, { commit: (...all) => redis.ask(() => store.commit(...all)) }),
    )
    await runAndEnd(harness, harness.log, redis)
  })

  it('does not wait for the group, which is told of a partition over which an owner died', async () => {
    const kafka = new Server('kafka')
    const harness = tallyHarness()
    const metadata = noteText('7.1', { begun: BEGUN.beside, at: 0, suspicion: null })
    const log = logWith(harness.log, (membership) => ({
      committed: () => Promise.resolve([{ topic: numbers, partition: 0, offset: 0, metadata }]),
      commitOffsets: (...all) => kafka.ask(() => membership.commitOffsets(...all)),
    }))
    await runAndEnd(harness, log, kafka)
  })
})
