/**
 * A stream timer that is set for the past fires before the next commit (task.ts, I2): whoever rebuilds the state from what
 * was committed withholds what comes of it, because it passes for said.
 */
import { expect, it } from 'vitest'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import type { GroupPosition } from '../../src/engine/log.ts'
import type { Context } from '../../src/engine/logic.ts'
import { notedCommit } from '../../src/engine/noted.ts'
import type { CommittedPosition } from '../../src/engine/partition-worker.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'
import { START_MS, valuesOf } from '../support/engine-harness.ts'
import { tallyHarness } from '../support/tally-harness.ts'
import { amountValue, TALLY_TOPICS, tallyTopology } from '../support/tally-topology.ts'
import { nextTurn } from '../support/until.ts'
import { withLogic } from '../support/with-logic.ts'

const { numbers, out } = TALLY_TOPICS
const MINUTE_MS = 60_000

/** Whoever has reminded closes, by a timer that stream time has passed already. */
const topology = withLogic(tallyTopology({ limit: 10, closing: false, reminding: true }), (logic) => ({
  onTimer: (timer, state, context) => {
    logic.onTimer(timer, state, context)
    if (timer.kind === 'wall') closeAtOnce(timer.key, context)
  },
  fold: (record) => {
    const fold = logic.fold(record)
    if (fold === null || !String(record.value).startsWith('remind')) return fold
    return {
      key: fold.key,
      apply: (state, context) => {
        fold.apply(state, context)
        closeAtOnce(fold.key, context)
      },
    }
  },
}))

function closeAtOnce(key: string, context: Context): void {
  context.setTimer({ kind: 'stream', key, name: `close:${START_MS / MINUTE_MS}`, dueMs: START_MS })
}

/** As the group keeps what a task tells. */
function groupPosition({ topic, offset, epoch, sequence }: CommittedPosition): GroupPosition {
  return { topic, partition: 0, offset, metadata: `${epoch}.${sequence}` }
}

it.each([1, 2, 3])(
  'is heard of, though its owner dies after %i steps and the store is lost',
  async (steps) => {
    const harness = tallyHarness({ commitIntervalMs: 0, outputIntervalMs: 0 })
    const { log, clock } = harness
    const value = amountValue({ id: 'eleven', atMs: START_MS, amount: 11 })
    log.append(numbers, { key: Buffer.from('a'), value, headers: {} }, START_MS)
    clock.advanceTo(START_MS + 10 * MINUTE_MS)
    const records = log.topic(numbers).read(0, 0, 1)
    const batch = {
      topic: numbers,
      partition: 0,
      records,
      count: 1,
      bytes: 0,
      nextOffset: 1,
      highWatermark: 1,
    }

    const dying = await acquireTask(await harness.services(), topology, 0, null)
    dying.offer(batch)
    for (let step = 0; step < steps; step++) await dying.step()
    await nextTurn()
    const noted = notedCommit(dying.positions().map(groupPosition))

    const next = await acquireTask(
      { ...(await harness.services()), store: new MemoryStateStore() },
      topology,
      0,
      noted,
    )
    next.offer(batch)
    while ((await next.step()).worked);
    await next.stop()
    const said = (await valuesOf(log, out)).map((one) => one.split(':')[0])
    expect(said).toEqual(['alarm', 'remind', 'close'])
  },
)
