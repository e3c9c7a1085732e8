/** From what people write to what runs: panes, sub-keys, operands. */
import { describe, expect, it } from 'vitest'
import { describeTopology } from '../../src/topology/describe.ts'
import type { FeatureSpec } from '../../src/topology/model.ts'
import { defaultPaneMs } from '../../src/topology/default-pane.ts'
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

describe('a window', () => {
  it.each([
    ['window: 10m', 'panes', 10 * MINUTE, MINUTE],
    ['sliding: 10m', 'sliding', 10 * MINUTE, MINUTE],
    ['sliding: 1m', 'sliding', MINUTE, 10_000],
    ['sliding: 1s', 'sliding', 1_000, 167],
    ['session: 5m', 'session', 5 * MINUTE, 5 * MINUTE],
  ])('of %s is %s', (written, shape, windowMs, paneMs) => {
    expect(feature(`{ count: usage, ${written} }`)).toMatchObject({ shape, windowMs, paneMs })
  })

  it('is told in words', () => {
    const text = `topology: usage
key: accountId
sources: [inference.usage.v1]
lateness: 30s
features:
  a: { count: usage, window: 10m }
  b: { sum: usage.gpuSeconds, by: keyId, sliding: 10m }
  c: { max: usage.gpuSeconds, session: 5m }
`
    const { topology } = readTopology('usage.yaml', text)
    const described = topology === null ? '' : describeTopology(topology)
    expect(described.split('\n').filter((line) => /^ {2}[abc]/.test(line))).toEqual([
      '  a  count usage over 10m, in panes of 1m',
      '  b  sum usage.gpuSeconds by keyId over 10m to the millisecond, in panes of 1m',
      '  c  max usage.gpuSeconds in sessions with gaps of at most 5m',
    ])
  })
})

describe('a detector', () => {
  function levelOf(evidence: string): string | undefined {
    const text = `topology: usage
key: accountId
sources: [inference.usage.v1]
lateness: 30s
features:
  all_1h: { count: usage, window: 1h }
  ofKey_1h: { count: usage, by: keyId, window: 1h }
  ofUser_1h: { count: usage, by: endUserId, window: 1h }
  onPool_1h: { count: usage, by: poolId, window: 1h }
detectors:
  - id: some.thing
    clause: some.clause
    version: 1
    mode: live
    owner: somebody
    description: Something.
    lookAlikes: [nothing]
    when: all_1h > 1 && ofKey_1h > 1 && ofUser_1h > 1 && onPool_1h > 1
    confidence: '0.5'
    once: 1h
    evidence: [${evidence}]
`
    return readTopology('usage.yaml', text).topology?.detectors[0]?.level
  }

  it.each([
    ['ofKey_1h', 'key'],
    ['ofUser_1h', 'endUser'],
    ['ofKey_1h, ofUser_1h', 'account'],
    ['ofKey_1h, all_1h', 'account'],
    ['onPool_1h', 'account'],
  ])('with the evidence %s names the narrowest actor that carries all of it: the %s', (evidence, level) => {
    expect(levelOf(evidence)).toBe(level)
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

  it('counts near-duplicates once where it counts SimHashes, and compares no more of them than it can', () => {
    const of = (written: string) => feature(`{ distinct: ${written}, window: 1h }`).aggregate
    expect(of('verdicts.simHash')).toMatchObject({ kind: 'nearDistinct', exactLimit: 500 })
    expect(of('verdicts.simHash, exactLimit: 9')).toMatchObject({ kind: 'nearDistinct', exactLimit: 9 })
    expect(of('verdicts.simHash, exactLimit: 9999')).toMatchObject({ exactLimit: 500 })
    expect(of('verdicts.contentDigest, exactLimit: 9999')).toMatchObject({
      kind: 'distinct',
      exactLimit: 9_999,
    })
  })
})
