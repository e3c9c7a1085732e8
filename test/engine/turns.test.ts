/** Turns among those who work in one process, in one thread and over several. */
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { Turns } from '../../src/engine/turns.ts'

const makers = {
  'in one thread': () => Turns.inThread(),
  'over shared memory': () => Turns.over(Turns.memory()),
}

/** Work that goes on until it is told to end, and says when it has begun. */
function work(order: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>()
  return {
    end: resolve,
    run: async (): Promise<string> => {
      order.push(`${name} begins`)
      await promise
      order.push(`${name} ends`)
      return name
    },
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe.each(Object.entries(makers))('turns %s', (_name, make) => {
  it('let many work together, and one alone while nobody else does', async () => {
    const turns = make()
    const order: string[] = []
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(order, name))
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error()
    const all = [turns.together(a.run), turns.together(b.run), turns.alone(c.run), turns.together(d.run)]
    await settled()
    expect(order).toEqual(['a begins', 'b begins'])
    for (const one of [b, a, c, d]) {
      one.end()
      await settled()
    }
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(order.slice(2)).toEqual(['b ends', 'a ends', 'c begins', 'c ends', 'd begins', 'd ends'])
  })

  it('keep one that wants to be alone waiting for what outlives its turn', async () => {
    const turns = make()
    const order: string[] = []
    const end = await turns.together(async () => turns.hold())
    const alone = work(order, 'alone')
    const done = turns.alone(alone.run)
    alone.end()
    await settled()
    expect(order).toEqual([])
    end()
    await done
    expect(order).toEqual(['alone begins', 'alone ends'])
  })

  it('go on after work that fails, and without order once they are broken', async () => {
    const turns = make()
    await expect(turns.alone(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    await expect(turns.together(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await turns.alone(async () => 'next')).toBe('next')
    void turns.alone(() => new Promise(() => undefined))
    const waiting = turns.together(async () => 'passed')
    turns.break()
    expect(await waiting).toBe('passed')
  })
})

it('threads take turns: what they do alone, nobody else does meanwhile', async () => {
  const turns = Turns.memory()
  const counted = new SharedArrayBuffer(8)
  const threads = [1, 2, 3].map(
    () =>
      new Worker(new URL('../support/turns-thread.ts', import.meta.url), { workerData: { turns, counted } }),
  )
  const ended = threads.map(
    (thread) => new Promise((resolve, reject) => void thread.once('exit', resolve).once('error', reject)),
  )
  expect(await Promise.all(ended)).toEqual([0, 0, 0])
  const [taken, working] = new Int32Array(counted)
  expect({ taken, working }).toEqual({ taken: 600, working: 0 })
})
