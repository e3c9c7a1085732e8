/** The laws of the StateStore port (src/engine/state-store.ts), for every implementation. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Acquired, Commit, StateCell, StateStore, TaskId } from '../../src/engine/state-store.ts'

/** A commit of nothing but a meta. */
export const EMPTY_COMMIT: Omit<Commit, 'epoch' | 'previousSequence' | 'nonce'> = {
  meta: Buffer.from('meta'),
  puts: [],
  deletes: [],
  dropSlots: [],
  setTimers: [],
  clearTimers: [],
  outbox: null,
  acknowledged: [],
}

export function cell(slot: string, key: string, value: string | Buffer): StateCell {
  return { slot, key, value: Buffer.from(value) }
}

/** `open` gives a store; tasks have names of their own, so that it may be a shared one. */
export function describeStateStore(name: string, open: () => Promise<StateStore>): void {
  describe(name, () => {
    let store: StateStore
    let task: TaskId
    beforeEach(async () => {
      store = await open()
      task = { topology: `topology-${randomUUID()}`, partition: 3 }
    })
    afterEach(() => store.close())

    /** Commits on top of what was acquired, as the owner would; gives the next position to commit on. */
    async function commit(
      on: Pick<Acquired, 'epoch' | 'sequence'>,
      parts: Partial<Commit>,
    ): Promise<Acquired> {
      const { epoch, sequence } = on
      const given = { ...EMPTY_COMMIT, epoch, previousSequence: sequence, nonce: randomUUID(), ...parts }
      expect(await store.commit(task, given)).toBe('committed')
      return { epoch, sequence: sequence + 1, meta: null, outbox: [] }
    }

    async function cells(slots: readonly string[], keys: readonly string[]): Promise<Record<string, string>> {
      const loaded = await store.load(task, slots, keys)
      return Object.fromEntries(loaded.map(({ slot, key, value }) => [`${slot}/${key}`, value.toString()]))
    }

    it('is fit to be trusted', async () => {
      await expect(store.verify()).resolves.toBeUndefined()
    })

    describe('T1: acquire', () => {
      it('finds nothing of a task that it has never seen', async () => {
        const acquired = await store.acquire(task)
        expect(acquired).toMatchObject({ sequence: 0, meta: null, outbox: [] })
        expect(acquired.epoch).toBeGreaterThan(0)
        expect(await store.timers(task, null, 10)).toEqual([])
        expect(await store.load(task, ['a'], ['k'])).toEqual([])
      })

      it('raises the epoch each time and keeps everything else', async () => {
        const first = await store.acquire(task)
        await commit(first, { meta: Buffer.from([0, 255, 1]), outbox: Buffer.from('out') })
        const second = await store.acquire(task)
        expect(second.epoch).toBeGreaterThan(first.epoch)
        expect(second.sequence).toBe(1)
        expect(second.meta).toEqual(Buffer.from([0, 255, 1]))
        expect(second.outbox).toEqual([{ sequence: 1, payload: Buffer.from('out') }])
      })

      it('shuts older epochs out for ever', async () => {
        const old = await store.acquire(task)
        await commit(await store.acquire(task), { puts: [cell('a', 'k', 'young')] })
        for (const previousSequence of [0, 1]) {
          const zombie = { ...EMPTY_COMMIT, epoch: old.epoch, previousSequence, nonce: 'z' }
          expect(await store.commit(task, { ...zombie, puts: [cell('a', 'k', 'zombie')] })).toBe('fenced')
        }
        expect(await cells(['a'], ['k'])).toEqual({ 'a/k': 'young' })
      })

      it('keeps tasks apart: partitions and topologies', async () => {
        const other = { ...task, partition: 4 }
        await commit(await store.acquire(task), { puts: [cell('a', 'k', 'mine')] })
        expect(await store.acquire(other)).toMatchObject({ sequence: 0, meta: null })
        expect(await store.load(other, ['a'], ['k'])).toEqual([])
      })

      it('is not needed to read the newest meta, and the owner goes on', async () => {
        expect(await store.meta(task)).toBeNull()
        const owner = await store.acquire(task)
        expect(await store.meta(task)).toBeNull()
        const first = await commit(owner, { meta: Buffer.from([0, 255, 1]) })
        expect(await store.meta(task)).toEqual(Buffer.from([0, 255, 1]))
        await commit(first, { meta: Buffer.from('newer') })
        expect(String(await store.meta(task))).toBe('newer')
        expect(await store.meta({ ...task, partition: 4 })).toBeNull()
      })

      it('does not believe an epoch that nobody acquired', async () => {
        const { epoch } = await store.acquire(task)
        const forged = { ...EMPTY_COMMIT, epoch: epoch + 1, previousSequence: 0, nonce: 'n' }
        expect(await store.commit(task, forged)).toBe('fenced')
      })
    })

    describe('T2: commit', () => {
      it('applies all of its parts together', async () => {
        const first = await commit(await store.acquire(task), {
          puts: [cell('a', 'k', '1'), cell('a', 'l', '2'), cell('b', 'k', '3')],
          setTimers: [{ id: 't', dueMs: 5 }, { id: 'u', dueMs: 6 }], // prettier-ignore
          outbox: Buffer.from('one'),
        })
        await commit(first, {
          meta: Buffer.from('second'),
          puts: [cell('a', 'k', '1b')],
          deletes: [{ slot: 'a', key: 'l' }],
          dropSlots: ['b'],
          setTimers: [{ id: 't', dueMs: 9 }],
          clearTimers: ['u'],
          outbox: Buffer.from('two'),
          acknowledged: [1],
        })
        expect(await cells(['a', 'b'], ['k', 'l'])).toEqual({ 'a/k': '1b' })
        expect(await store.timers(task, null, 10)).toEqual([{ id: 't', dueMs: 9 }])
        const { sequence, meta, outbox } = await store.acquire(task)
        expect({ sequence, meta: String(meta) }).toEqual({ sequence: 2, meta: 'second' })
        expect(outbox).toEqual([{ sequence: 2, payload: Buffer.from('two') }])
      })

      it('applies nothing of itself on a sequence that does not stand', async () => {
        const owner = await store.acquire(task)
        await commit(owner, { puts: [cell('a', 'k', 'kept')] })
        for (const previousSequence of [0, 2, 7]) {
          const stale = { ...EMPTY_COMMIT, epoch: owner.epoch, previousSequence, nonce: randomUUID() }
          const parts = { puts: [cell('a', 'k', 'lost')], setTimers: [{ id: 't', dueMs: 1 }] }
          expect(await store.commit(task, { ...stale, ...parts, outbox: Buffer.from('x') })).toBe('fenced')
        }
        expect(await cells(['a'], ['k'])).toEqual({ 'a/k': 'kept' })
        expect(await store.timers(task, null, 1)).toEqual([])
        expect(await store.acquire(task)).toMatchObject({ sequence: 1, outbox: [] })
      })

      it('of one position is won by one of two that try at once', async () => {
        const { epoch } = await store.acquire(task)
        const attempts = ['x', 'y'].map((value) =>
          store.commit(task, {
            ...EMPTY_COMMIT,
            epoch,
            previousSequence: 0,
            nonce: value,
            puts: [cell('a', 'k', value)],
          }),
        )
        expect((await Promise.all(attempts)).sort()).toEqual(['committed', 'fenced'])
        expect(await store.acquire(task)).toMatchObject({ sequence: 1 })
      })
    })

    describe('T3: a repeat', () => {
      it('with its nonce is committed, and changes nothing more', async () => {
        const { epoch } = await store.acquire(task)
        const once: Commit = {
          ...EMPTY_COMMIT,
          epoch,
          previousSequence: 0,
          nonce: 'mine',
          puts: [cell('a', 'k', 'v')],
          outbox: Buffer.from('out'),
        }
        expect(await store.commit(task, once)).toBe('committed')
        expect(await store.commit(task, once)).toBe('committed')
        const { sequence, outbox } = await store.acquire(task)
        expect(sequence).toBe(1)
        expect(outbox).toHaveLength(1)
      })

      it('with another nonce, or after a later commit, is fenced', async () => {
        const owner = await store.acquire(task)
        const first: Commit = { ...EMPTY_COMMIT, epoch: owner.epoch, previousSequence: 0, nonce: 'first' }
        await store.commit(task, first)
        expect(await store.commit(task, { ...first, nonce: 'other' })).toBe('fenced')
        await commit({ epoch: owner.epoch, sequence: 1 }, {})
        expect(await store.commit(task, first)).toBe('fenced')
      })

      it('after somebody else acquired is fenced, though it had landed', async () => {
        const { epoch } = await store.acquire(task)
        const first: Commit = { ...EMPTY_COMMIT, epoch, previousSequence: 0, nonce: 'first' }
        await store.commit(task, first)
        await store.acquire(task)
        expect(await store.commit(task, first)).toBe('fenced')
      })
    })

    describe('cells', () => {
      it('come back byte by byte, under any key', async () => {
        const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
        const keys = [
          'plain',
          'org/acc:ount {1}',
          '\u00fc\u4e16\u{1f600}',
          ' ',
          '',
          'new\nline\r\n',
          '__proto__',
        ]
        await commit(await store.acquire(task), { puts: keys.map((key) => cell('1h:42', key, bytes)) })
        const loaded = await store.load(task, ['1h:42'], keys)
        expect(loaded.map(({ key }) => key).sort()).toEqual([...keys].sort())
        for (const { value } of loaded) expect(value.equals(bytes)).toBe(true)
      })

      it('may be empty, which is not the same as missing', async () => {
        await commit(await store.acquire(task), { puts: [cell('a', 'empty', '')] })
        expect(await cells(['a'], ['empty', 'missing'])).toEqual({ 'a/empty': '' })
      })

      it('are found among many slots and keys; asking for none gives none', async () => {
        await commit(await store.acquire(task), { puts: [cell('s7', 'k3', 'x')] })
        const slots = Array.from({ length: 20 }, (_, at) => `s${at}`)
        const keys = Array.from({ length: 50 }, (_, at) => `k${at}`)
        expect(await cells(slots, keys)).toEqual({ 's7/k3': 'x' })
        expect(await store.load(task, [], keys)).toEqual([])
        expect(await store.load(task, slots, [])).toEqual([])
      })

      it('of five thousand keys go in one commit, and out again', async () => {
        const keys = Array.from({ length: 5_000 }, (_, at) => `account-${at}`)
        const setTimers = keys.map((id, dueMs) => ({ id, dueMs }))
        const full = await commit(await store.acquire(task), {
          puts: keys.map((key) => cell('a', key, key.repeat(20))),
          setTimers,
        })
        expect(await store.load(task, ['a'], keys)).toHaveLength(5_000)
        await commit(full, {
          deletes: keys.slice(1).map((key) => ({ slot: 'a', key })),
          clearTimers: keys.slice(1),
        })
        expect((await store.load(task, ['a'], keys)).map(({ key }) => key)).toEqual(['account-0'])
        expect(await store.timers(task, null, 10)).toEqual([{ id: 'account-0', dueMs: 0 }])
      })

      it('of a dropped slot are gone, and the slot can be written again', async () => {
        const first = await commit(await store.acquire(task), {
          puts: [cell('old', 'k', '1'), cell('new', 'k', '2')],
        })
        const second = await commit(first, { dropSlots: ['old', 'never-there'] })
        expect(await cells(['old', 'new'], ['k'])).toEqual({ 'new/k': '2' })
        await commit(second, { puts: [cell('old', 'k', '3')] })
        expect(await cells(['old'], ['k'])).toEqual({ 'old/k': '3' })
      })
    })

    describe('size and scan', () => {
      it('count the cells of the asked slots, and bytes that grow with what is in them', async () => {
        const keys = Array.from({ length: 300 }, (_, at) => `k${at}`)
        const empty = await store.size(task, ['a', 'b'])
        expect(empty.cells).toBe(0)
        const first = await commit(await store.acquire(task), {
          // As much in one slot as in the other: Redis estimates a slot's bytes from five of its cells.
          puts: keys.flatMap((key) => [cell('a', key, key.repeat(20)), cell('b', key, key.repeat(20))]),
        })
        const full = await store.size(task, ['a', 'b'])
        expect(full.cells).toBe(600)
        expect(full.bytes).toBeGreaterThan(300 * 40)
        expect((await store.size(task, ['b'])).cells).toBe(300)
        await commit(first, { puts: [cell('a', 'k1', 'again')], dropSlots: ['b'] })
        const less = await store.size(task, ['a', 'b'])
        expect(less.cells).toBe(300)
        expect(less.bytes).toBeLessThan(full.bytes)
      })

      it('give every cell of a slot, under any key, byte by byte', async () => {
        const keys = ['', 'plain', '\u00fc\u{1f600}', ...Array.from({ length: 3_000 }, (_, at) => `k${at}`)]
        const value = Buffer.from([0, 255, 10])
        await commit(await store.acquire(task), {
          puts: [...keys.map((key) => cell('a', key, value)), cell('b', 'other', 'x')],
        })
        const found = new Map<string, Buffer>()
        for await (const page of store.scan(task, 'a')) {
          for (const one of page) found.set(one.key, one.value)
        }
        expect([...found.keys()].sort()).toEqual([...keys].sort())
        expect([...found.values()].every((one) => one.equals(value))).toBe(true)
        for await (const page of store.scan(task, 'never')) expect(page).toEqual([])
      })
    })

    describe('timers', () => {
      const all = [
        { dueMs: 1, id: 'z' },
        { dueMs: 5, id: 'A' },
        { dueMs: 5, id: 'a' },
        { dueMs: 5, id: 'b' },
        { dueMs: 5, id: '\uffee' },
        { dueMs: 5, id: '\u{1f600}' },
        { dueMs: 1_800_000_000_000, id: 'late' },
      ]
      const setAll = async (): Promise<Acquired> =>
        commit(await store.acquire(task), { setTimers: [...all].reverse() })

      it('come in order of time, then of the bytes of their ids', async () => {
        await setAll()
        expect(await store.timers(task, null, 100)).toEqual(all)
        expect(await store.timers(task, null, 3)).toEqual(all.slice(0, 3))
      })

      it('go on after any of them, page by page', async () => {
        await setAll()
        for (const [at, after] of all.entries()) {
          expect(await store.timers(task, after, 2)).toEqual(all.slice(at + 1, at + 3))
        }
      })

      it('go on after one that was cleared or moved meanwhile', async () => {
        const set = await setAll()
        const after = { dueMs: 5, id: 'a' }
        const cleared = await commit(set, { clearTimers: ['a'] })
        expect(await store.timers(task, after, 2)).toEqual(all.slice(3, 5))
        await commit(cleared, { setTimers: [{ dueMs: 2, id: 'a' }] })
        expect(await store.timers(task, after, 2)).toEqual(all.slice(3, 5))
      })

      it('leave none out where a commit that clears earlier ones lands meanwhile', async () => {
        const ids = Array.from({ length: 40 }, (_, at) => ({ dueMs: at, id: `t${at}` }))
        let at = await store.acquire(task)
        for (let ticks = 0; ticks < 20; ticks++) {
          at = await commit(at, { setTimers: ids })
          const page = store.timers(task, { dueMs: 9, id: 't9' }, 10)
          for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
          at = await commit(at, { clearTimers: ids.slice(0, 10).map(({ id }) => id) })
          expect(await page).toEqual(ids.slice(10, 20))
        }
      })
    })

    describe('the outbox', () => {
      it('keeps what was not acknowledged, oldest first', async () => {
        let at: Pick<Acquired, 'epoch' | 'sequence'> = await store.acquire(task)
        for (let count = 0; count < 12; count++) at = await commit(at, { outbox: Buffer.from(`o${count}`) })
        await commit(at, { acknowledged: [1, 3, 11, 99] })
        const { outbox } = await store.acquire(task)
        expect(outbox.map(({ sequence }) => sequence)).toEqual([2, 4, 5, 6, 7, 8, 9, 10, 12])
        expect(outbox.map(({ payload }) => payload.toString())[0]).toBe('o1')
      })
    })
  })
}
