/** Two topologies in one process, one alone because owners of it died, whose group does not answer (death-watch.ts, V8). */
import { describe, expect, it } from 'vitest'
import { BEGUN, deathNote, noteText, type DeathNote } from '../../src/engine/death-notes.ts'
import { TransientError } from '../../src/engine/errors.ts'
import type { GroupPosition, Membership } from '../../src/engine/log.ts'
import { Runner } from '../../src/engine/runner.ts'
import { echoStage } from '../support/echo-stage.ts'
import { START_MS, stagePlan, taskPlan, valuesOf, type Harness } from '../support/engine-harness.ts'
import { logWith } from '../support/log-with.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { nextTurn } from '../support/until.ts'

const { numbers, words, out } = TALLY_TOPICS
const ECHOED = 'echoed.v1'
const RECORDS = 6

/** What the group does about notes: `away` it takes none, `mute` it takes them and says nothing. */
type Manner = 'there' | 'away' | 'mute'

class Group {
  manner: Manner = 'there'
  /** How often it was asked in vain. */
  asked = 0
  /** What it has taken of the numbers, in order. */
  readonly taken: (DeathNote | null)[] = []

  async commit(membership: Membership, positions: readonly GroupPosition[]): Promise<void> {
    if (this.manner === 'there') return this.#take(membership, positions)
    this.asked++
    if (this.manner === 'mute') await this.#take(membership, positions)
    throw new TransientError('kafka', this.manner)
  }

  #take(membership: Membership, positions: readonly GroupPosition[]): Promise<void> {
    this.taken.push(deathNote(positions.find(({ topic }) => topic === numbers)))
    return membership.commitOffsets(positions)
  }
}

class Process {
  readonly harness: Harness = tallyHarness({ stageLingerMs: 0 })
  readonly group = new Group()
  /** Records of the alone that were decoded. */
  touched = 0
  readonly #stop = Promise.withResolvers<void>()
  #running: readonly Promise<void>[] = []

  /** `found`: the note that the last owner has left. */
  async start(found: DeathNote): Promise<void> {
    this.harness.log.createTopic(ECHOED, 1)
    await this.#leave(found)
    const services = { ...(await this.harness.services()), pause: nextTurn }
    const log = logWith(services.log, (membership) => ({
      commitOffsets: (positions) => this.group.commit(membership, positions),
    }))
    const tally = tallyTopology({ limit: 1, closing: false })
    const [source] = tallyTopology({ limit: 1, closing: false }, [words]).sources
    if (source === undefined) throw new Error('no source')
    const logic: typeof tally.logic = (...all) => {
      const made = tally.logic(...all)
      return { ...made, decode: (record) => (this.touched++, made.decode(record)) }
    }
    const runners = [
      new Runner({ ...services, log }, taskPlan({ ...services, log }, { ...tally, logic })),
      new Runner(services, stagePlan(services, echoStage([source], ECHOED))),
    ]
    for (const runner of runners) await runner.start()
    for (const runner of runners) await runner.acquired()
    this.#running = runners.map((runner) => runner.run(this.#stop.promise).then(() => runner.stop()))
  }

  write(): void {
    for (let n = 0; n < RECORDS; n++) {
      const value = amountValue({ id: `i${n}`, atMs: START_MS, amount: 3 })
      for (const topic of [numbers, words]) {
        this.harness.log.append(topic, { key: Buffer.from(`k${n}`), value, headers: {} }, START_MS)
      }
    }
  }

  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      this.harness.log.deliver()
      await nextTurn()
    }
  }

  async said(topic: string): Promise<number> {
    return (await valuesOf(this.harness.log, topic)).length
  }

  async end(): Promise<void> {
    this.#stop.resolve()
    await Promise.all(this.#running)
  }

  async #leave(found: DeathNote): Promise<void> {
    const before = await this.harness.log.join({
      group: 'bailiff.tally',
      topics: [numbers],
      onAssigned: () => undefined,
      onBatch: () => undefined,
      onStopped: () => undefined,
    })
    const metadata = noteText('0.0', found)
    await before.commitOffsets([{ topic: numbers, partition: 0, offset: 0, metadata }])
    await before.leave()
  }
}

const AWAY: readonly Manner[] = ['away', 'mute']

describe.each(AWAY)('while the group of one that is alone is %s', { timeout: 5_000 }, (manner) => {
  it('another topology works on, and when it is back the first does, from what was noted', async () => {
    const found: DeathNote = { begun: BEGUN.beside, at: 0, suspicion: null }
    const process = new Process()
    await process.start(found)
    process.group.manner = manner
    process.write()
    await process.until(async () => (await process.said(ECHOED)) === RECORDS && process.group.asked > 3)
    expect(process.touched).toBe(0)
    // What others do meanwhile is told of nothing here: it is asked again by what was there.
    expect(process.group.taken.slice(1)).toEqual(process.group.taken.slice(1).map(() => found))
    process.group.manner = 'there'
    await process.until(async () => (await process.said(out)) === RECORDS)
    expect(process.group.taken).toContainEqual({ ...found, begun: BEGUN.alone })
    await process.end()
  })

  it('so too where a record is suspected and nobody has begun with it: no death more is told of it', async () => {
    const found: DeathNote = { begun: BEGUN.not, at: 0, suspicion: { offset: 2, deaths: 1 } }
    const process = new Process()
    await process.start(found)
    process.group.manner = manner
    process.harness.clock.advanceTo(START_MS + 5_000)
    process.write()
    await process.until(async () => (await process.said(ECHOED)) === RECORDS && process.group.asked > 3)
    expect(process.touched).toBe(0)
    expect(process.group.taken).toEqual(process.group.taken.map(() => found))
    process.group.manner = 'there'
    await process.until(async () => (await process.said(out)) === RECORDS)
    expect(process.group.taken).toContainEqual({ ...found, suspicion: { offset: 2, deaths: 2 } })
    await process.end()
  })
})
