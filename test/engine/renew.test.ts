/** A renewal: tasks end at a commit and begin anew under what the plan acquires then, and nobody else notices. */
import { describe, expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { UNDIVIDED, type Former } from '../../src/engine/logic.ts'
import { decodeMeta } from '../../src/engine/meta.ts'
import { notedCommit } from '../../src/engine/noted.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import { Runner } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import {
  createHarness,
  drain,
  START_MS,
  taskPlan,
  valuesOf,
  type Harness,
} from '../support/engine-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'

const { numbers, out } = TALLY_TOPICS
const tally = tallyTopology({ limit: 10, closing: true })

function harnessWithTopics(): Harness {
  const harness = createHarness()
  for (const name of [numbers, out, `late.${numbers}`, `dlq.${numbers}`]) harness.log.createTopic(name, 2)
  return harness
}

/** A runner whose topology may be replaced. */
class Renewed {
  edition = 0
  /** How often a task was asked for. */
  asked = 0
  readonly formers: (Former | null)[] = []
  readonly runner: Runner
  readonly #harness: Harness

  constructor(harness: Harness, services: EngineServices) {
    this.#harness = harness
    this.runner = new Runner(services, {
      ...taskPlan(services, tally),
      acquire: (partition, committed) =>
        acquireTask(services, this.#current(), partition, notedCommit(committed)),
    })
  }

  async work(): Promise<void> {
    await drain(this.#harness.log, this.runner)
    await this.runner.acquired()
    await drain(this.#harness.log, this.runner)
  }

  #current(): typeof tally {
    this.asked++
    const taskState = `task of edition ${this.edition}`
    const layout = { ...UNDIVIDED, parts: { [`edition ${this.edition}`]: null } }
    return {
      ...tally,
      edition: this.edition,
      logic: (partition, former) => {
        this.formers.push(former)
        return { ...tally.logic(partition, former), layout, taskState: () => taskState }
      },
    }
  }
}

async function started(harness: Harness): Promise<Renewed> {
  const renewed = new Renewed(harness, await harness.services())
  await renewed.runner.start()
  await renewed.runner.acquired()
  return renewed
}

function add({ log }: Harness, at: number): void {
  const atMs = START_MS + at * 7_000
  const value = amountValue({ id: `event-${at}`, atMs, amount: 1 + (at % 3) })
  log.append(numbers, { key: Buffer.from(`key-${at % 9}`), value, headers: {} }, atMs)
}

describe('a renewal', () => {
  it('loses nothing and says nothing twice, between any two records', async () => {
    const [plain, other] = [harnessWithTopics(), harnessWithTopics()]
    const kept = await started(plain)
    const renewed = await started(other)
    for (let at = 0; at < 120; at++) {
      add(plain, at)
      add(other, at)
      await kept.work()
      if (at % 7 === 0) {
        renewed.edition++
        renewed.runner.renew()
      }
      await renewed.work()
    }
    const said = [...(await valuesOf(plain.log, out))].sort()
    expect(said.length).toBeGreaterThan(50)
    expect([...(await valuesOf(other.log, out))].sort()).toEqual(said)
  })

  it('takes over as of a commit, with what the last one kept', async () => {
    const harness = harnessWithTopics()
    const renewed = await started(harness)
    for (let at = 0; at < 20; at++) add(harness, at)
    // Processed, and not yet committed.
    while (harness.log.deliver() || (await renewed.runner.pump()).worked);
    renewed.edition = 4
    renewed.runner.renew()
    await renewed.work()
    expect(renewed.formers.slice(0, 2)).toEqual([null, null])
    expect(renewed.formers.slice(2)).toMatchObject([
      { layout: { parts: { 'edition 0': null } }, taskState: 'task of edition 0' },
      { layout: { parts: { 'edition 0': null } }, taskState: 'task of edition 0' },
    ])
    expect(Math.max(...renewed.formers.slice(2).map((one) => one?.newestEventMs ?? 0))).toBe(
      START_MS + 19 * 7_000,
    )
  })

  it('comes to tasks too that are being acquired when it is asked for', async () => {
    const harness = harnessWithTopics()
    const renewed = new Renewed(harness, await harness.services())
    await renewed.runner.start()
    while (renewed.asked < 2) await Promise.resolve()
    expect(renewed.runner.assignment.acquiring).toHaveLength(2)
    renewed.edition = 1
    renewed.runner.renew()
    await renewed.work()
    for (let at = 0; at < 20; at++) add(harness, at)
    await renewed.work()
    for (const partition of [0, 1]) {
      const { meta } = await harness.store.acquire({ topology: 'tally', partition })
      expect(decodeMeta(meta ?? Buffer.alloc(0), 'tally', tally.stateVersion).edition).toBe(1)
    }
  })

  it('is waited for by whoever finds the state of a newer edition', async () => {
    const harness = harnessWithTopics()
    const newer = await started(harness)
    newer.edition = 2
    newer.runner.renew()
    for (let at = 0; at < 20; at++) add(harness, at)
    await newer.work()
    await newer.runner.stop()
    const stalls: string[] = []
    const older: Renewed = new Renewed(harness, {
      ...(await harness.services()),
      observer: {
        ...silentObserver,
        stalled: (_partition, service, message) => {
          if (service !== 'control') return
          stalls.push(message)
          older.edition = 2
        },
      },
    })
    await older.runner.start()
    await older.runner.acquired()
    expect(stalls[0]).toMatch(/tally\/\d runs policy 2, and here only 0 is known/)
    expect(older.runner.assignment.ready).toHaveLength(2)
  })
})
