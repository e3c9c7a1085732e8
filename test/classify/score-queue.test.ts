/** What waits to be scored: in which order, how much at once, and how much is let in. */
import { describe, expect, it } from 'vitest'
import { ScoreQueue } from '../../src/classify/score-queue.ts'

const LIMITS = { texts: 3, units: 100 }
const ROOMY = 1_000
const long = (units: number): string => 'x'.repeat(units)
const textsOf = (jobs: readonly { readonly text: string }[]): string[] => jobs.map(({ text }) => text)

/** Their results are of no interest. */
async function enterAll(queue: ScoreQueue<number>, texts: readonly string[]): Promise<void> {
  void (await queue.enter(texts))
}

describe('texts that wait', () => {
  it('are taken oldest first, few at a time, a long one alone (Q1, Q2)', async () => {
    const queue = new ScoreQueue<number>(ROOMY)
    const texts = ['a', 'b', long(200), 'c', 'd', 'e', 'f']
    await enterAll(queue, texts)
    const portions = Array.from({ length: 4 }, () => textsOf(queue.take(LIMITS)))
    expect(portions).toEqual([['a', 'b'], [long(200)], ['c', 'd', 'e'], ['f']])
    expect(queue.take(LIMITS)).toEqual([])
  })

  it('that have killed are taken alone, before and behind others (Q3)', async () => {
    const queue = new ScoreQueue<number>(ROOMY)
    await enterAll(queue, ['a', 'b', 'c'])
    const jobs = queue.take(LIMITS)
    for (const job of jobs.slice(0, 2)) job.deaths++
    queue.putBack(jobs)
    expect(Array.from({ length: 3 }, () => textsOf(queue.take(LIMITS)))).toEqual([['a'], ['b'], ['c']])
  })

  it('are let in while there is room, in the order in which they came (Q4)', async () => {
    const queue = new ScoreQueue<number>(100)
    const entered: string[] = []
    const enter = (name: string, text: string): Promise<void> =>
      queue.enter([text]).then(() => void entered.push(name))
    const [large, small, smallest] = [
      enter('large', long(99)),
      enter('small', long(50)),
      enter('smallest', 'x'),
    ]
    await large
    expect(entered).toEqual(['large'])
    expect(queue.units).toBe(99)
    queue.passed(queue.take(LIMITS))
    await Promise.all([small, smallest])
    expect(entered).toEqual(['large', 'small', 'smallest'])
    expect(queue.units).toBe(51)
  })

  it('are let in alone where they are more than there is ever room for (Q4)', async () => {
    const queue = new ScoreQueue<number>(100)
    await enterAll(queue, [long(500)])
    expect(queue.units).toBe(500)
  })

  it('have their results in their order, in whatever order they come, and all at once', async () => {
    const queue = new ScoreQueue<number>(ROOMY)
    const { results } = await queue.enter(['a', 'b', 'c', 'd'])
    const jobs = [...queue.take(LIMITS), ...queue.take(LIMITS)]
    for (const job of jobs.slice(1).toReversed())
      job.resolve(job.text === 'b' ? null : job.text.charCodeAt(0))
    expect(await Promise.race([results, Promise.resolve('one is missing')])).toBe('one is missing')
    jobs[0]?.resolve(97)
    expect(await results).toEqual([97, null, 99, 100])
    expect(await (await queue.enter([])).results).toEqual([])
  })

  it('and are put back stand before those that were never taken', async () => {
    const queue = new ScoreQueue<number>(ROOMY)
    await enterAll(queue, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    queue.putBack(queue.take(LIMITS).slice(1))
    expect(textsOf([...queue.take(LIMITS), ...queue.take(LIMITS)])).toEqual(['b', 'c', 'd', 'e', 'f', 'g'])
    expect(queue.hasWaiting).toBe(false)
  })

  it('all hear of a failure, also those outside', async () => {
    const queue = new ScoreQueue<number>(100)
    const { results: inside } = await queue.enter([long(100)])
    const outside = queue.enter(['x'])
    queue.fail(new Error('no model'))
    await expect(inside).rejects.toThrow('no model')
    await expect(outside).rejects.toThrow('no model')
  })
})
