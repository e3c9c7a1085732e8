/** From what people write to what runs: panes, sub-keys, operands. */
import { describe, expect, it } from 'vitest'
import type { FeatureSpec } from '../../src/topology/model.ts'
import { defaultPaneMs } from '../../src/topology/read-features.ts'
import { readTopology } from '../../src/topology/read-topology.ts'
import { SAMPLES } from '../codec/samples.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function feature(written: string): FeatureSpec {
  const text = `topology: usage
key: accountId
sources: [inference.usage.v1, inference.verdicts.v1]
lateness: 30s
features:
  it: ${written}
`
  const { topology, problems } = readTopology('usage.yaml', text)
  const [spec] = topology?.features ?? []
  if (spec === undefined) throw new Error(problems.map((problem) => problem.message).join('; '))
  return spec
}

describe('panes', () => {
  it.each([
    [30_000, 30_000],
    [MINUTE, MINUTE],
    [10 * MINUTE, MINUTE],
    [HOUR, 5 * MINUTE],
    [DAY, HOUR],
    [7 * DAY, 6 * HOUR],
    [90 * DAY, DAY],
  ])('a window of %i ms moves by %i ms', (windowMs, paneMs) => {
    expect(defaultPaneMs(windowMs)).toBe(paneMs)
  })

  it('can be chosen', () => {
    expect(feature('{ count: usage, window: 1h, pane: 1m }').paneMs).toBe(MINUTE)
  })
})

describe('a feature', () => {
  const usage = SAMPLES['inference.usage.v1']

  it('is kept by a sub-key, with or without the collection before it', () => {
    for (const by of ['keyId', 'usage.keyId']) {
      const spec = feature(`{ count: usage, by: ${by}, window: 1h }`)
      expect([spec.by?.name, spec.by?.field(usage)]).toEqual(['keyId', usage.keyId])
    }
  })

  it('counts the events that its condition holds for; unknown is not counted', () => {
    const { where } = feature(`{ count: usage, where: 'status == "ok" && queueTimeMs > 10', window: 1h }`)
    expect(where?.({ ...usage, status: 'ok', queueTimeMs: 11 })).toBe(1)
    expect(where?.({ ...usage, status: 'ok', queueTimeMs: 10 })).toBe(0)
    expect(where?.({ ...usage, status: 'ok', queueTimeMs: null })).toBeNaN()
  })

  it('has the unit of what it is made of', () => {
    expect(feature('{ sum: usage.gpuSeconds, window: 1h }').unit).toBe('seconds')
    expect(feature('{ distinct: usage.keyId, window: 1h }').unit).toBe('count')
    expect(feature('{ topShare: usage.model, window: 1h }').unit).toBe('ratio')
  })
})
