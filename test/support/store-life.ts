/**
 * What two owners do with a store at once: acquire, commit, load, page timers, measure, scan, and take over from themselves.
 * Repeated as the engine repeats it, and told in words that do not change from one undisturbed life to the next.
 */
import { silentObserver } from '../../src/engine/observer.ts'
import { untilAvailable } from '../../src/engine/retry.ts'
import type { Acquired, Commit, StateStore, TaskId } from '../../src/engine/state-store.ts'
import { cell, EMPTY_COMMIT } from '../conformance/state-store.ts'
import { nextTurn } from './until.ts'

export const PARTITIONS = [0, 1] as const
/** What a commit holds beside its place; a number is its sequence. */
type Parts = Partial<Commit>

const COMMITS: readonly Parts[] = [
  {
    meta: Buffer.from('first'),
    puts: [cell('a', 'k', 'one'), cell('a', '\u00fc\u{1f600}', 'two'), cell('b', 'k', '\r\n$3\r\n')],
    setTimers: [
      { id: 't', dueMs: 5 },
      { id: 'u', dueMs: 7 },
    ],
    outbox: Buffer.from('out 1'),
  },
  {
    meta: Buffer.from('second'),
    puts: [cell('c', 'large', 'long '.repeat(600))],
    deletes: [{ slot: 'a', key: 'k' }],
    dropSlots: ['b'],
    clearTimers: ['t'],
    setTimers: [{ id: 'v', dueMs: 6 }],
    outbox: Buffer.from('out 2'),
    acknowledged: [1],
  },
  { meta: Buffer.from('third'), puts: [cell('a', 'k', 'again')], outbox: Buffer.of(), acknowledged: [2] },
  { meta: Buffer.from('fourth'), puts: [cell('c', 'empty', '')], outbox: Buffer.from('out 4') },
]

/** Runs one call until it works, as the engine does. */
export type Patience = <T>(call: () => Promise<T>) => Promise<T>

/** `failed` is told of each failure that is waited for. */
export function enginePatience(failed: (reason: string) => Promise<void>): Patience {
  let reason = ''
  const observer = {
    ...silentObserver,
    stalled: (...all: [number, string | null, string]) => void (reason = all[2]),
  }
  const pause = async (): Promise<void> => {
    await failed(reason)
    await nextTurn()
  }
  return (call) => untilAvailable({ observer, pause }, 0, () => false, call)
}

/** What both owners were told, in order. */
export async function liveOn(store: StateStore, patience: Patience): Promise<readonly (readonly string[])[]> {
  await patience(() => store.verify())
  return Promise.all(PARTITIONS.map((partition) => own(store, { topology: 'usage', partition }, patience)))
}

async function own(store: StateStore, task: TaskId, patience: Patience): Promise<readonly string[]> {
  const told: string[] = []
  const tell = (...all: readonly unknown[]): void => void told.push(all.map(inWords).join(' '))
  const acquire = async (): Promise<Acquired> => {
    const acquired = await patience(() => store.acquire(task))
    tell('acquired', acquired.sequence, acquired.meta, ...acquired.outbox.map((one) => one.payload))
    return acquired
  }
  const commit = async ({ epoch }: Acquired, number: number): Promise<void> => {
    const place = { epoch, previousSequence: number - 1, nonce: `nonce ${number}` }
    const given = { ...EMPTY_COMMIT, ...place, ...COMMITS[number - 1] }
    tell(await patience(() => store.commit(task, given)))
  }
  const first = await acquire()
  await commit(first, 1)
  tell('meta', await patience(() => store.meta(task)))
  const loaded = await patience(() => store.load(task, ['a', 'b', 'none'], ['k', '\u00fc\u{1f600}', 'none']))
  for (const { slot, key, value } of loaded) tell(slot, key, value)
  await commit(first, 2)
  const timers = await patience(() => store.timers(task, null, 1))
  const more = await patience(() => store.timers(task, timers[0] ?? null, 10))
  for (const { id, dueMs } of [...timers, ...more]) tell(id, dueMs)
  tell('cells', (await patience(() => store.size(task, ['a', 'b', 'c']))).cells)
  await commit(first, 3)
  tell(...(await patience(() => scanned(store, task, 'c'))))
  const second = await acquire()
  await commit(second, 4)
  tell(
    'late',
    await patience(() =>
      store.commit(task, { ...EMPTY_COMMIT, epoch: first.epoch, previousSequence: 4, nonce: '' }),
    ),
  )
  return told
}

async function scanned(store: StateStore, task: TaskId, slot: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const page of store.scan(task, slot))
    found.push(...page.map(({ key, value }) => `${key} ${inWords(value)}`))
  return found.sort()
}

function inWords(one: unknown): string {
  return Buffer.isBuffer(one)
    ? JSON.stringify(one.toString().replace(/(long ){600}/, 'long, whole'))
    : String(one)
}
