/**
 * What the scenarios of every detector of a prohibited use show, beside what any detector's do (`scenario-files.ts`):
 *
 * S1. A near miss is `the moderation customer …`, who has harm classified, and one is `a public bot …`, whose visitors
 *     attack it and which refuses; one more at least is a look-alike of its own.
 * S2. An evasion is caught that is disguised: undone before it was scored, or a picture that only looks the same.
 * S3. A disguise bears the name that verdicts carry.
 */
import { describe, expect, it } from 'vitest'
import { DISGUISES } from '../../src/classify/disguise.ts'
import { readBundle } from '../../src/cli/compose/bundle.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import type { Scenario } from '../../src/simulate/scenario.ts'

const PROHIBITED = /^prohibited\./
const MODERATION = /^the moderation customer /
const PUBLIC_BOT = /^a public bot /

const { bundle, scenarios } = readBundle('topologies', 'test/scenarios', loadFlows().table)
const detectors = (bundle?.policy.clauses ?? [])
  .filter(({ id }) => PROHIBITED.test(id))
  .flatMap((clause) => clause.detectors)

const scenariosOf = (detector: string, kind: Scenario['kind']): readonly Scenario[] =>
  (scenarios.find((file) => file.detector === detector)?.scenarios ?? []).filter((one) => one.kind === kind)

const isDisguised = ({ says }: Scenario): boolean =>
  says.some(({ disguises, media }) => disguises.length > 0 || media?.match === 'perceptual')

it('there are detectors of prohibited uses', () => {
  expect(detectors).toContain('csam.known-media')
  expect(detectors.length).toBeGreaterThanOrEqual(8)
})

describe.each(detectors)('%s', (detector) => {
  const nearMisses = scenariosOf(detector, 'nearMiss').map(({ name }) => name)

  it('spares the moderation customer, the public bot under attack, and a look-alike of its own (S1)', () => {
    expect(nearMisses).toContainEqual(expect.stringMatching(MODERATION))
    expect(nearMisses).toContainEqual(expect.stringMatching(PUBLIC_BOT))
    expect(nearMisses.filter((name) => !MODERATION.test(name) && !PUBLIC_BOT.test(name))).not.toEqual([])
  })

  it('finds what is disguised (S2)', () => {
    const caught = scenariosOf(detector, 'evasion').filter((one) => isDisguised(one) && one.must.length > 0)
    expect(caught).not.toEqual([])
  })
})

it('a disguise bears the name that verdicts carry (S3)', () => {
  const named = scenarios.flatMap((file) =>
    file.scenarios.flatMap(({ says }) => says.flatMap(({ disguises }) => disguises)),
  )
  expect(DISGUISES).toEqual(expect.arrayContaining([...new Set(named)]))
})
