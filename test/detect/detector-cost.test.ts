import { describe, expect, it } from 'vitest'
import { SAMPLE, withCosts } from '../../src/detect/detector-cost.ts'
import { detector, Drive, START_MS, topologyOf } from './harness.ts'

const topology = topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
detectors:
${detector('test.two', 'requests_1h >= 2', 'once: 1h, evidence: [requests_1h]')}
${detector('test.never', 'requests_1h < 0', 'once: 1h, evidence: [requests_1h]')}
${detector('test.none', 'requests_1h <= 0', 'once: 1h, evidence: [requests_1h]')}
${detector('test.far', 'requests_1h >= 100000', 'once: 1h, evidence: [requests_1h]')}
`)

describe('what conditions cost', () => {
  it('is told per detector, in seconds of all judgements, by timing one in some', () => {
    // Reading the clock takes 1 µs, and what is read in between 2 more.
    let reads = 0
    let nowMs = 0
    const clock = (): number => (nowMs += reads++ % 3 === 2 ? 0.003 : 0.001)
    const costs = new Map<string, number>()
    const measured = withCosts(topology, {
      nowMs: clock,
      spent: (id, seconds) => void costs.set(id, (costs.get(id) ?? 0) + seconds),
    })
    const drive = new Drive(measured)
    for (let at = 0; at < 3 * SAMPLE - 1; at++) drive.usage(START_MS + at)
    for (const id of ['test.never', 'test.none']) expect(costs.get(id)).toBeGreaterThan(0)
    const samples = [...costs.values()].map((seconds) => seconds / (SAMPLE * 0.000002))
    for (const one of samples) expect(one).toBeCloseTo(Math.round(one), 6)
    expect(costs.get('test.never')).toBeCloseTo(2 * SAMPLE * 0.000002, 9)
  })

  it('is nothing of one that can be left alone for long, or of which the account has been told', () => {
    const costs = new Map<string, number>()
    let nowMs = 0
    const measured = withCosts(topology, {
      nowMs: () => (nowMs += 0.001),
      spent: (id, seconds) => void costs.set(id, (costs.get(id) ?? 0) + seconds),
    })
    const drive = new Drive(measured)
    for (let at = 0; at < 3 * SAMPLE; at++) drive.usage(START_MS + at)
    expect(costs.has('test.never')).toBe(true)
    expect(costs.has('test.far')).toBe(false)
    expect(drive.signals).toHaveLength(1)
    expect(costs.has('test.two')).toBe(false)
  })

  it('changes nothing of what is found', () => {
    const drives = [topology, withCosts(topology, { nowMs: () => 0, spent: () => undefined })].map(
      (one) => new Drive(one),
    )
    for (const drive of drives) for (let at = 0; at < SAMPLE + 9; at++) drive.usage(START_MS + at)
    expect(drives[1]?.signals).toEqual(drives[0]?.signals)
    expect(drives[0]?.signals).toHaveLength(1)
  })
})
