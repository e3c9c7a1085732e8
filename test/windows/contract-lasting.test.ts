/** What `docs/windows.md` says of what has no window: evidence that adds up, and what is new or more against a baseline. */
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/domain/verdict.ts'
import { Drive, HOUR_MS, MINUTE_MS, START_MS, topologyOf } from '../detect/harness.ts'
import { WindowRun } from './window-run.ts'

const DAY_MS = 24 * HOUR_MS
const CAP = 4.605

const EVIDENCE = '  proof: { evidence: verdicts.malwareRatio, wrongPerYear: 0.01 }'
const BASELINE = `
  elsewhere: { novelty: usage.clientNetworkHash, by: keyId }
  more: { change: usage.gpuSeconds, by: keyId }`

function text(ratio: number, at: number, more: Partial<Verdict> = {}): Partial<Verdict> {
  const scores = [{ label: 'malware', score: 0.5, logLikelihoodRatio: ratio }] as const
  return { scores, simHash: `sim-${at}`, conversationId: `conversation-${at}`, ...more }
}

/** The largest sum over its threshold, of texts of that first day that all say as much. */
function expected(ratios: readonly number[], wrongPerYear: number): number {
  const sums = [1, 0.1, 0.01, 0.001].map((share) =>
    ratios.reduce((sum, ratio) => Math.max(0, sum + Math.log(1 - share + share * Math.exp(ratio))), 0),
  )
  return Math.max(...sums) / Math.log((4 * ratios.length * 365) / wrongPerYear)
}

describe('evidence', () => {
  it('W64: is the largest of four sums over its threshold', async () => {
    const run = new WindowRun(EVIDENCE)
    expect(await run.read(START_MS)).toEqual({ proof: 0 })
    const ratios = [CAP, -2.3, 1.5, -1, 3]
    for (const [at, ratio] of ratios.entries()) run.verdict(START_MS + at, text(ratio, at))
    const { proof = NaN } = await run.read(START_MS + 1_000)
    expect(proof).toBeCloseTo(expected(ratios, 0.01), 2)
  })

  it('W65: counts near-duplicates once, and of one conversation no more than two texts', async () => {
    const run = new WindowRun(EVIDENCE)
    const nearly = (at: number): string => (1n << BigInt(at)).toString(16).padStart(16, '0')
    for (let at = 0; at < 30; at++) run.verdict(START_MS + at, text(CAP, at, { simHash: nearly(at) }))
    const once = (await run.read(START_MS + MINUTE_MS))['proof'] ?? NaN
    expect(once).toBeCloseTo(expected([CAP], 0.01), 2)
    for (let at = 0; at < 30; at++)
      run.verdict(START_MS + MINUTE_MS + at, text(CAP, at, { conversationId: 'same' }))
    expect((await run.read(START_MS + 2 * MINUTE_MS))['proof']).toBeLessThan(1)
  })
})

describe('a baseline', () => {
  it('W66: tells what is new and what is more than usual, and nothing while it is cold', async () => {
    const run = new WindowRun(BASELINE)
    for (let day = 0; day < 7; day++)
      for (let at = 0; at < 20; at++) run.usage(START_MS + day * DAY_MS + at, { clientNetworkHash: 'home' })
    expect(await run.read(START_MS + 6 * DAY_MS + HOUR_MS)).toEqual({})
    for (let at = 0; at < 60; at++)
      run.usage(START_MS + 7 * DAY_MS + at, { clientNetworkHash: at % 3 === 0 ? 'home' : 'abroad' })
    expect(await run.read(START_MS + 7 * DAY_MS + HOUR_MS)).toEqual({ elsewhere: 0.667, more: 3 })
    expect(await run.read(START_MS + 7 * DAY_MS + HOUR_MS, { keyId: 'other' })).toEqual({})
  })

  it('W66: counts the fourteenth day before, and no day before that', async () => {
    for (const [last, elsewhere] of [
      [14, 0],
      [15, 1],
    ] as const) {
      const run = new WindowRun(BASELINE)
      const day = (at: number, clientNetworkHash: string) => {
        for (let made = 0; made < 20; made++) run.usage(START_MS + at * DAY_MS + made, { clientNetworkHash })
      }
      day(0, 'old')
      for (let at = last - 8; at < last; at++) day(at, 'home')
      day(last, 'old')
      expect((await run.read(START_MS + last * DAY_MS + HOUR_MS))['elsewhere']).toBe(elsewhere)
    }
  })
})

describe('what is kept without a date', () => {
  it('W67: is bounded by sub-keys, and those long silent give way', async () => {
    const features = '  proof: { evidence: verdicts.malwareRatio, by: keyId, wrongPerYear: 0.01 }'
    const run = new WindowRun(features, { more: 'maxSubKeys: 2' })
    const read = async (keyId: string, timeMs: number) => (await run.read(timeMs, { keyId }))['proof']
    for (const [at, keyId] of ['a', 'b', 'c'].entries()) run.verdict(START_MS + at, text(CAP, at, { keyId }))
    expect(await read('a', START_MS + 9)).toBeGreaterThan(0)
    expect(await read('c', START_MS + 9)).toBeUndefined()
    run.verdict(START_MS + 91 * DAY_MS, text(CAP, 9, { keyId: 'c' }))
    expect(await read('c', START_MS + 91 * DAY_MS)).toBeGreaterThan(0)
  })

  it('W45: has the values that it had when it is read back', async () => {
    const run = new WindowRun(`${EVIDENCE}${BASELINE}`)
    for (let day = 0; day < 8; day++) {
      for (let at = 0; at < 40; at++)
        run.usage(START_MS + day * DAY_MS + at, { clientNetworkHash: `n${Math.floor(at / 9) + day}` })
      run.verdict(START_MS + day * DAY_MS, text(1 - day / 5, day))
    }
    const timeMs = START_MS + 7 * DAY_MS + HOUR_MS
    const before = await run.read(timeMs)
    expect(Object.keys(before)).toHaveLength(3)
    await run.restart()
    expect(await run.read(timeMs)).toEqual(before)
  })

  it.each([EVIDENCE.replace('proof', 'other'), '  texts_1h: { count: verdicts, window: 1h }'])(
    'W68: leaves the store with its feature, whatever is there instead:%s',
    (instead) => {
      const drive = new Drive(topologyOf(`features:\n${EVIDENCE}`), { dropRepeats: false })
      const lasting = () => drive.slots.filter((slot) => slot.startsWith('lasting.'))
      drive.verdict(START_MS, text(CAP, 1)).commit()
      expect(lasting()).toHaveLength(1)
      drive.change(topologyOf(`features:\n${instead}`)).commit()
      expect(lasting()).toEqual([])
    },
  )
})
