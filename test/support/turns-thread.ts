/** A thread that takes turns, alone and together; fails where somebody works beside one that is alone. */
import { workerData } from 'node:worker_threads'
import { Turns } from '../../src/engine/turns.ts'

interface Shared {
  readonly turns: SharedArrayBuffer
  readonly counted: SharedArrayBuffer
}

const TURNS_EACH = 100
/** At work together; those alone count far more, so that one number tells of both. */
const ALONE = 1_000

function isShared(data: unknown): data is Shared {
  return typeof data === 'object' && data !== null && 'turns' in data && 'counted' in data
}

const data: unknown = workerData
if (!isShared(data)) throw new Error('started by the test of turns only')
const turns = Turns.over(data.turns)
/** Turns taken, and the weights of those at work. */
const counted = new Int32Array(data.counted)

/** Alone nobody else is at work; together nobody is alone. */
async function work(weight: number, fits: (others: number) => boolean): Promise<void> {
  Atomics.add(counted, 0, 1)
  const others = Atomics.add(counted, 1, weight)
  if (!fits(others)) throw new Error(`${others} beside ${weight}`)
  await new Promise((resolve) => setImmediate(resolve))
  Atomics.sub(counted, 1, weight)
}

// Something must keep the thread alive while all that it waits for is its turn.
const alive = setInterval(() => undefined, 1_000)
for (let turn = 0; turn < TURNS_EACH; turn++) {
  await turns.together(() => work(1, (others) => others < ALONE))
  await turns.alone(() => work(ALONE, (others) => others === 0))
}
clearInterval(alive)
