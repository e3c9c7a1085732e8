/** What a scenario waits for: on whom, and with which figures; and the page that tells its words. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { readBundle } from '../../src/cli/compose/bundle.ts'
import { missLines } from '../../src/cli/scenarios/run-scenarios.ts'
import { runScenario } from '../../src/cli/scenarios/run-scenario.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { scenarioSchema } from '../../src/simulate/scenario.ts'

const DETECTOR = 'csam.exploitation'
const flows = loadFlows()
const { bundle } = readBundle('topologies', null, null)

/** One end user of two presses a child; what is not as the expectations say. */
async function said(...must: readonly object[]): Promise<readonly string[]> {
  if (bundle === null) throw new Error('mistakes come first')
  const pressing = { scores: { sexual: 0.8, harassment_hate: 0.7 }, mentions: ['minor'] }
  const spoken = { to: '6m', perMinute: 1, side: 'prompt', outcome: 'asked' }
  const scenario = scenarioSchema.parse({
    name: 'one of two',
    why: 'The customer is not its visitor.',
    kind: 'fires',
    accounts: { platform: {} },
    says: [
      { ...spoken, account: 'platform', endUser: 'presser', conversations: 1, ...pressing },
      { ...spoken, account: 'platform', endUser: 'other', project: 'shop', mentions: ['place'] },
    ],
    must: must.map((one) => ({ signal: DETECTOR, account: 'platform', before: '6m', ...one })),
  })
  const outcome = await runScenario(flows, bundle, scenario)
  return missLines({ detector: DETECTOR, scenario, outcome })
}

describe('a signal that must come', () => {
  it('may be about any part of the account where no actor is named', async () => {
    expect(await said({})).toEqual([])
  })

  it('is about the actor that is named, and no other', async () => {
    expect(await said({ actor: { level: 'endUser', id: 'presser' } })).toEqual([])
    expect(await said({ actor: { level: 'endUser' } })).toEqual([])
    const [missing, stray] = await said({ actor: { level: 'endUser', id: 'other' } })
    expect(missing).toMatch(/must fire on endUser other between 0ms and 6m, and did not$/)
    expect(stray).toMatch(/must not fire on endUser presser, and fired after 1m \d\ds$/)
    expect((await said({ actor: { level: 'account' } }))[0]).toMatch(/must fire on account between/)
  })

  it('tells its figures within their bounds, both ends included', async () => {
    expect(await said({ evidence: { pressedWithMinor_24h: { least: 2, most: 2 } } })).toEqual([])
    expect(await said({ evidence: { pressedWithMinor_24h: { least: 3 } } })).toEqual([
      `${DETECTOR}: one of two: ${DETECTOR} of platform must tell pressedWithMinor_24h of at least 3, and tells 2`,
    ])
    expect(await said({ evidence: { pressedWithMinor_24h: { most: 1.5 } } })).toHaveLength(1)
  })

  it('has the figures that are named', async () => {
    expect((await said({ evidence: { presedWithMinor_24h: { least: 1 } } }))[0]).toMatch(
      /must tell presedWithMinor_24h, and does not: did you mean pressedWithMinor_24h\?$/,
    )
  })
})

describe('the page of scenarios', () => {
  const page = readFileSync('test/scenarios/README.md', 'utf8')
  const told = new Set([...page.matchAll(/`([A-Za-z]+)[`:]/g)].map(([, word]) => word))
  /** What is said once for all in the page's example. */
  const shown = new Set([...page.matchAll(/^ *(?:- )?([a-z]+):/gm)].map(([, word]) => word))
  let words: readonly string[] = []

  beforeAll(() => {
    const schema = readFileSync('test/scenarios/scenario.schema.json', 'utf8')
    words = propertiesOf(JSON.parse(schema))
  })

  it('tells every word', () => {
    expect(words).toContain('perMinute')
    expect(words.filter((word) => !told.has(word) && !shown.has(word))).toEqual([])
  })
})

/** The names of all properties of a JSON schema, however deep; labels of scores are no words. */
function propertiesOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) => {
    if (key === 'scores' || key === 'ratios') return []
    const own = key === 'properties' && typeof value === 'object' && value !== null ? Object.keys(value) : []
    return [...own, ...propertiesOf(value)]
  })
}
