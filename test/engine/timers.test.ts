import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TimerKind } from '../../src/engine/logic.ts'
import { keyOfTimer, timerId, Timers } from '../../src/engine/timers.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'

const wall = (key: string, name: string, dueMs: number) => ({ kind: 'wall', key, name, dueMs }) as const

it('timers that are due at once fire in the order of the store, whatever their keys are written in (P5)', async () => {
  const keys = ['\u{1f600}', '\uff5e', 'z', 'é']
  const timers = new Timers()
  for (const key of keys) timers.set(wall(key, 'n', 7))
  const store = new MemoryStateStore()
  const task = { topology: 't', partition: 0 }
  const { epoch } = await store.acquire(task)
  const { set: setTimers, cleared: clearTimers } = timers.takeChanges()
  const rest = { puts: [], deletes: [], dropSlots: [], outbox: null, acknowledged: [] }
  const commit = {
    epoch,
    previousSequence: 0,
    nonce: 'n',
    meta: Buffer.alloc(0),
    setTimers,
    clearTimers,
    ...rest,
  }
  await store.commit(task, commit)
  const stored = await store.timers(task, null, 9)
  expect(keys.map(() => timers.takeDue('wall', 7)?.key)).toEqual(stored.map(({ id }) => keyOfTimer(id)))
})

/** What may happen to the timers of a task. */
type Step =
  | { readonly do: 'set'; readonly key: number; readonly kind: TimerKind; readonly dueMs: number }
  | { readonly do: 'clear'; readonly key: number }
  | { readonly do: 'fire'; readonly kind: TimerKind; readonly timeMs: number }
  | { readonly do: 'draft' | 'land' | 'restart' }

const kind = fc.constantFrom<TimerKind>('wall', 'stream')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('set'), key: fc.nat(12), kind, dueMs: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clear'), key: fc.nat(12) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fire'), kind, timeMs: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('draft' as const, 'land' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
)

/** Timers over a store, as a task uses them: drafts land later, a restart reads the head of what has landed. */
class TimersOnStore {
  readonly #store = new MemoryStateStore()
  readonly #task = { topology: 't', partition: 0 }
  readonly #maxHeld: number
  timers: Timers
  #owner = { epoch: 0, sequence: 0 }
  #draft: ReturnType<Timers['takeChanges']> | null = null

  constructor(maxHeld: number) {
    this.#maxHeld = maxHeld
    this.timers = new Timers(maxHeld)
  }

  async restart(): Promise<void> {
    await this.draft()
    await this.land()
    this.#owner = await this.#store.acquire(this.#task)
    this.timers = new Timers(this.#maxHeld)
    this.timers.load(await this.#store.timers(this.#task, null, Math.min(this.#maxHeld, 1_000)))
  }

  async draft(): Promise<void> {
    await this.land()
    this.timers.shrink()
    this.#draft = this.timers.takeChanges()
  }

  async land(): Promise<void> {
    if (this.#draft === null) return
    const { epoch, sequence } = this.#owner
    const change = { setTimers: this.#draft.set, clearTimers: this.#draft.cleared }
    const rest = {
      puts: [],
      deletes: [],
      dropSlots: [],
      outbox: null,
      acknowledged: [],
      meta: Buffer.from('m'),
    }
    const commit = { epoch, previousSequence: sequence, nonce: String(sequence), ...change, ...rest }
    expect(await this.#store.commit(this.#task, commit)).toBe('committed')
    this.#owner = { epoch, sequence: sequence + 1 }
    this.#draft = null
  }

  async fire(of: TimerKind, timeMs: number): Promise<readonly string[]> {
    const fired: string[] = []
    for (;;) {
      await this.timers.loadDue(of, timeMs, (after, limit) => this.#store.timers(this.#task, after, limit))
      const next = this.timers.takeDue(of, timeMs)
      if (next === null) return fired
      fired.push(`${next.key}@${next.dueMs}`)
    }
  }
}

async function play(steps: readonly Step[], maxHeld: number): Promise<{ fired: string[]; most: number }> {
  const owned = new TimersOnStore(maxHeld)
  await owned.restart()
  const fired: string[] = []
  let most = 0
  for (const one of steps) {
    if (one.do === 'set') owned.timers.set({ ...one, key: `k${one.key}`, name: 'n' })
    else if (one.do === 'clear') owned.timers.clear(`k${one.key}`, 'n')
    else if (one.do === 'fire') fired.push(`${one.kind}:`, ...(await owned.fire(one.kind, one.timeMs)))
    else if (one.do === 'draft') await owned.draft()
    else if (one.do === 'land') await owned.land()
    else await owned.restart()
    most = Math.max(most, owned.timers.size)
  }
  fired.push(...(await owned.fire('wall', 100)), ...(await owned.fire('stream', 100)))
  return { fired, most }
}

describe('timers of which only the head is in memory (P7)', () => {
  it('fire as if all were, whatever is set, moved, cleared, drafted and landed meanwhile (P5)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 120, size: 'max' }),
        fc.integer({ min: 1, max: 6 }),
        async (steps, held) => {
          expect((await play(steps, held)).fired).toEqual((await play(steps, Infinity)).fired)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('take no more memory however many are set', async () => {
    const steps = Array.from({ length: 3_000 }, (_, key): Step[] => [
      { do: 'set', key, kind: 'wall', dueMs: (key * 7_919) % 3_000 },
      ...(key % 10 === 0 ? [{ do: 'draft' } as const] : []),
    ])
    const { fired, most } = await play(steps.flat(), 20)
    expect(most).toBeLessThan(60)
    const due = (await play(steps.flat(), Infinity)).fired
    expect(fired).toEqual(due)
  })
})

describe('timers', () => {
  it('fire in order of due time, whatever the order of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }), (dues) => {
        const timers = new Timers()
        dues.forEach((dueMs, index) => timers.set(wall(`k${index}`, 'end', dueMs)))
        const fired: number[] = []
        for (let next = timers.takeDue('wall', 2000); next !== null; next = timers.takeDue('wall', 2000)) {
          fired.push(next.dueMs)
        }
        expect(fired).toEqual([...dues].sort((a, b) => a - b))
      }),
    )
  })

  it('that were moved fire once, at the new time', () => {
    const timers = new Timers()
    timers.set(wall('a', 'end', 10))
    timers.set(wall('a', 'end', 30))
    expect(timers.takeDue('wall', 20)).toBeNull()
    expect(timers.takeDue('wall', 30)?.dueMs).toBe(30)
    expect(timers.takeDue('wall', 99)).toBeNull()
  })

  it('that were cleared never fire, and the clearing reaches the store', () => {
    const timers = new Timers()
    timers.load([{ id: 'wall\u001fa\u001fend', dueMs: 10 }])
    timers.clear('a', 'end')
    expect(timers.takeDue('wall', 99)).toBeNull()
    expect(timers.takeChanges()).toEqual({ set: [], cleared: ['wall\u001fa\u001fend'] })
  })

  it.each(['k', '', '\u001f', 'a\u001fb', '\u001fwall\u001f', 'stream\u001fa\u001f'])(
    'of the key %j are those of that key, whatever it holds',
    (key) => {
      const timers = new Timers()
      timers.set(wall(key, 'end', 10))
      timers.set({ kind: 'stream', key, name: 'minute', dueMs: 10 })
      expect(timers.dueKeys('wall', 10, 5)).toEqual([key])
      expect(timers.takeDue('wall', 10)).toEqual(wall(key, 'end', 10))
      expect(timers.takeDue('stream', 10)).toEqual({ kind: 'stream', key, name: 'minute', dueMs: 10 })
      expect(keyOfTimer(timerId('wall', key, 'end'))).toBe(key)
    },
  )

  it('have no names that could be taken for more', () => {
    expect(() => new Timers().set(wall('a', 'b\u001fc', 10))).toThrow('separator')
  })

  it('of one clock do not fire by the other', () => {
    const timers = new Timers()
    timers.set({ kind: 'stream', key: 'a', name: 'minute', dueMs: 10 })
    expect(timers.takeDue('wall', 99)).toBeNull()
    expect(timers.dueKeys('stream', 99, 5)).toEqual(['a'])
  })

  it('set and cleared between two commits leave a clearing only', () => {
    const timers = new Timers()
    timers.set(wall('a', 'end', 10))
    timers.clear('a', 'end')
    expect(timers.takeChanges()).toEqual({ set: [], cleared: ['wall\u001fa\u001fend'] })
    expect(timers.changed).toBe(false)
  })
})
