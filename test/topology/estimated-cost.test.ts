/** What `bailiff check` estimates a detector to cost, against what it reads when it is asked. */
import { describe, expect, it } from 'vitest'
import { checkBundle } from '../../src/topology/bundle.ts'
import { dearWarnings, estimatedCosts } from '../../src/topology/estimated-cost.ts'
import type { DetectorScope } from '../../src/topology/model.ts'
import { renderProblem } from '../../src/topology/problem.ts'
import { readTopology } from '../../src/topology/read-topology.ts'
import { readFileSync } from 'node:fs'
import { detector, topologyOf } from '../detect/harness.ts'

const FEATURES = `
pool: { window: 10m }
features:
  requests_1h: { count: usage, window: 1h }
  ofKey_10m: { count: usage, by: keyId, window: 10m }
  shares_1h: { topShare: usage.model, window: 1h }
  users_1h: { distinct: usage.keyId, window: 1h }
  agents_1h: { entropy: usage.userAgentHash, window: 1h }
  sizes_1h: { quantile: usage.inputTokens, share: 0.5, window: 1h }
  created_24h: { count: accountEvents, window: 24h }
detectors:
`
const DEAR = 'shares_1h > 0.5 || users_1h > 3 || agents_1h > 2.0 || sizes_1h > 9 || ofKey_10m > 3'
const DETECTORS = [
  detector('test.waits', 'ofKey_10m > 3 && requests_1h >= 50', 'once: 1h, evidence: [requests_1h]'),
  detector(
    'test.asked',
    'shares_1h > 0.5 && ofKey_10m < 3 && created_24h == 0',
    'once: 1h, evidence: [ofKey_10m]',
  ),
  detector('test.dear', DEAR, 'once: 1h, evidence: [sizes_1h]'),
].join('\n')
const topology = topologyOf(FEATURES + DETECTORS)
const costOf = (id: string) => estimatedCosts(topology).find(({ detectorId }) => detectorId === id)

/** The features that a condition reads where all of them are that value, in order. */
function readAt(id: string, value: number): readonly string[] {
  const read: string[] = []
  const scope: DetectorScope = {
    feature: (index) => {
      read.push(topology.features[index]?.name ?? '')
      return value
    },
    stepsTo: () => 0,
    jitter: () => 0,
    listed: () => NaN,
    granted: () => NaN,
    grantCap: () => NaN,
    account: null,
    standing: null,
    pool: null,
    nowMs: 0,
  }
  topology.detectors.find((one) => one.id === id)?.condition(scope)
  return read
}

describe('the estimated cost of a detector', () => {
  it('tells by which events it is asked, whether it waits, and which windows it reads', () => {
    expect(costOf('test.waits')).toEqual({
      detectorId: 'test.waits',
      askedOn: ['usage'],
      waits: true,
      first: 1,
      all: 4,
      windows: { figures: 1, bySubKey: 1, merged: 0 },
      windowsAlone: 1,
      readingsPerEvent: 1.75 / 16,
    })
    expect(costOf('test.asked')).toMatchObject({
      askedOn: ['usage', 'accountEvents'],
      waits: false,
      windows: { figures: 1, bySubKey: 1, merged: 1 },
      windowsAlone: 1,
      readingsPerEvent: 1 + 9 / 4,
    })
  })

  it('counts first what is read first, and all of what is read last', () => {
    expect(readAt('test.asked', 9)).toEqual(['created_24h'])
    expect(costOf('test.asked')?.first).toBe(1)
    expect(readAt('test.dear', 0)).toHaveLength(5)
    expect(costOf('test.dear')).toMatchObject({ first: 27, all: 27, readingsPerEvent: 27 })
  })

  it('puts the dearest first', () => {
    expect(estimatedCosts(topology).map(({ detectorId }) => detectorId)).toEqual([
      'test.dear',
      'test.asked',
      'test.waits',
    ])
  })
})

describe('a dear detector', () => {
  it('is told with its place, and is no problem', () => {
    const text = `topology: usage
key: accountId
sources: [inference.usage.v1, accounts.events.v1]
lateness: 30s${FEATURES}${DETECTORS}`
    const read = readTopology('usage.yaml', text)
    expect(read.problems).toEqual([])
    const told = read.topology === null ? [] : dearWarnings(read.topology, read.yaml)
    expect(told.map((one) => renderProblem(one).split('\n')[0])).toEqual([
      'usage.yaml:17:134: test.dear is dear: an estimated 27 readings for each event of usage, more than 24',
    ])
    expect(told[0]?.source.slice((told[0]?.column ?? 0) - 1)).toContain(DEAR)
  })

  it('is none of the repository', () => {
    const names = ['aup.yaml', 'usage.yaml', 'capacity.yaml']
    const files = new Map(names.map((name) => [name, readFileSync(`topologies/${name}`, 'utf8')]))
    expect(checkBundle(files, null)).toMatchObject({ problems: [], warnings: [] })
  })
})
