/** Events that are sent at their time, on a log whose broker is away for a while. */
import { describe, expect, it } from 'vitest'
import { PacedFeed } from '../../src/cli/paced-feed.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import { TransientError } from '../../src/engine/errors.ts'
import type { OutputRecord } from '../../src/engine/record.ts'

const START_MS = Date.UTC(2026, 5, 1, 9)
const SECOND_MS = 1_000
const END_MS = START_MS + 60 * SECOND_MS

/** One event a second for a minute, on a broker that is away within the span; each try there takes four seconds. */
function feedOn(away: { readonly fromS: number; readonly toS: number }) {
  const clock = new ManualClock(START_MS)
  const sent: { readonly key: string; readonly atS: number }[] = []
  const said: string[] = []
  const interrupt = Promise.withResolvers<void>()
  const nowS = (): number => (clock.now() - START_MS) / SECOND_MS
  const publish = (records: readonly OutputRecord[]): Promise<void> => {
    if (nowS() >= away.fromS && nowS() < away.toS) {
      clock.advanceTo(clock.now() + 4 * SECOND_MS)
      return Promise.reject(new TransientError('kafka', 'no broker answers'))
    }
    for (const { key } of records) sent.push({ key, atS: nowS() })
    return Promise.resolve()
  }
  const feed = new PacedFeed({
    publisher: { publish },
    encode: ({ appendTimeMs }: { readonly appendTimeMs: number }) => {
      const key = String((appendTimeMs - START_MS) / SECOND_MS)
      return { topic: 'it', key, value: Buffer.from(key), headers: {} }
    },
    clock,
    pause: (ms) => Promise.resolve(clock.advanceTo(clock.now() + ms)),
    endMs: END_MS,
    interrupted: interrupt.promise,
    stderr: { line: (text) => void said.push(text), status: () => undefined },
  })
  const run = (): Promise<void> =>
    feed.run(Array.from({ length: 60 }, (_, at) => ({ appendTimeMs: START_MS + at * SECOND_MS })))
  return { run, sent, said, nowS, interrupt: () => interrupt.resolve() }
}

const ALL = Array.from({ length: 60 }, (_, at) => String(at))

describe('a paced feed', () => {
  it('sends each event at its time and ends at the end', async () => {
    const { run, sent, said, nowS } = feedOn({ fromS: Infinity, toS: Infinity })
    await run()
    expect(sent.map(({ key }) => key)).toEqual(ALL)
    for (const { key, atS } of sent) expect(atS - Number(key), key).toBeLessThanOrEqual(1)
    expect(nowS()).toBe(60)
    expect(said).toEqual(['60 events sent in 60 s'])
  })

  it('waits for a broker that is away, says so once, and sends then what has come due meanwhile', async () => {
    const { run, sent, said } = feedOn({ fromS: 10, toS: 40 })
    await run()
    expect(sent.map(({ key }) => key)).toEqual(ALL)
    const due = sent.filter(({ key }) => Number(key) > 10 && Number(key) < 40)
    expect(Math.max(...due.map(({ atS }) => atS))).toBeLessThan(47)
    expect(said).toEqual([
      'waiting for kafka, up to the end (no broker answers)',
      'goes on',
      '60 events sent in 60 s',
    ])
  })

  it('gives up where the broker is away at its end, and says how far it came', async () => {
    const { run, sent, said, nowS } = feedOn({ fromS: 30, toS: Infinity })
    await expect(run()).rejects.toThrow('no broker answers')
    expect(sent).toHaveLength(30)
    expect(nowS()).toBeLessThan(70)
    expect(said.at(-1)).toMatch(/^30 events sent in 6\d s$/)
  })

  it('gives up when it is interrupted while the broker is away', async () => {
    const { run, sent, nowS, interrupt } = feedOn({ fromS: 0, toS: Infinity })
    const running = run()
    interrupt()
    await expect(running).rejects.toThrow(TransientError)
    expect(sent).toEqual([])
    expect(nowS()).toBeLessThan(10)
  })
})
