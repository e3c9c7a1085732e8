/** Who a scenario puts on a list comes to conditions as a published list does. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runScenario } from '../../src/cli/scenarios/run-scenario.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { scenarioSchema } from '../../src/simulate/scenario.ts'
import { checkBundle } from '../../src/topology/bundle.ts'

const DETECTOR = 'exhaustion.cancel-after-work'

/** The repository's bundle with one detector that fires by a list alone. */
function bundleWith(when: string) {
  const files = readdirSync('topologies').filter((name) => name.endsWith('.yaml'))
  const texts = new Map(files.map((name) => [name, readFileSync(join('topologies', name), 'utf8')]))
  const usage = (texts.get('usage.yaml') ?? '').replace('features:', 'lists: { watched: some }\n\nfeatures:')
  const [before = '', own = ''] = usage.split(new RegExp(`(?=  - id: ${DETECTOR}\n)`))
  const changed = own.replace(/when: >[^]*?(?=confidence:)/, `when: '${when}'\n    `)
  const { bundle, problems } = checkBundle(texts.set('usage.yaml', before + changed), null)
  if (bundle === null) throw new Error(problems.map(({ message }) => message).join('\n'))
  return bundle
}

const scenario = (when: string, lists: object, must: readonly string[]) =>
  runScenario(
    loadFlows(),
    bundleWith(when),
    scenarioSchema.parse({
      name: 'two accounts, one of them on a list',
      why: 'The list decides.',
      kind: 'fires',
      accounts: { first: {}, second: {} },
      lists,
      does: ['first', 'second'].map((account) => ({ account, to: '5m', perMinute: 6 })),
      must: must.map((account) => ({ signal: DETECTOR, account, before: '1m' })),
    }),
  )

it('tells who is on it and who is not, and nothing where it is not named', async () => {
  const outcomes = await Promise.all([
    scenario('requests_1h >= 1 && lists.watched', { watched: ['first'] }, ['first']),
    scenario('requests_1h >= 1 && !lists.watched', { watched: ['first'] }, ['second']),
    scenario('requests_1h >= 1 && !lists.watched', {}, []),
  ])
  expect(outcomes.map(({ misses }) => misses)).toEqual([[], [], []])
})
