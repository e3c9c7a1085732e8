/** What a scenario gives an account to stand under comes to conditions as enforcement's own word does. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runScenario } from '../../src/cli/scenarios/run-scenario.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { scenarioSchema } from '../../src/simulate/scenario.ts'
import { checkBundle } from '../../src/topology/bundle.ts'

const DETECTOR = 'exhaustion.cancel-after-work'

/** The repository's bundle with one detector that fires by standing alone. */
function bundleWith(when: string) {
  const files = readdirSync('topologies').filter((name) => name.endsWith('.yaml'))
  const texts = new Map(files.map((name) => [name, readFileSync(join('topologies', name), 'utf8')]))
  const usage = texts.get('usage.yaml') ?? ''
  const [before = '', own = ''] = usage.split(new RegExp(`(?=  - id: ${DETECTOR}\n)`))
  const changed = own.replace(/when: >[^]*?(?=confidence:)/, `when: '${when}'\n    `)
  const sourced = before.replace('accounts.events.v1]', 'accounts.events.v1, abuse.standing.v1]')
  const { bundle, problems } = checkBundle(texts.set('usage.yaml', sourced + changed), null)
  if (bundle === null) throw new Error(problems.map(({ message }) => message).join('\n'))
  return bundle
}

it('is in force between its times, and is counted', async () => {
  const bundle = bundleWith('requests_1h >= 1 && standing.suspended && standing.strikes == 2')
  const scenario = scenarioSchema.parse({
    name: 'three accounts, one of them suspended after two strikes',
    why: 'Standing decides.',
    kind: 'fires',
    accounts: {
      struck: { standing: { act: 'suspension', from: '10m', to: '20m', strikes: 2 } },
      first: { standing: { act: 'suspension', strikes: 1 } },
      clear: {},
    },
    does: ['struck', 'first', 'clear'].map((account) => ({ account, to: '30m', perMinute: 6 })),
    must: [{ signal: DETECTOR, account: 'struck', after: '10m', before: '11m' }],
  })
  expect((await runScenario(loadFlows(), bundle, scenario)).misses).toEqual([])
})

it('is snoozed for one detector until its end', async () => {
  const bundle = bundleWith('requests_1h >= 1 && standing.snoozed')
  const scenario = scenarioSchema.parse({
    name: 'two accounts, for one of which people have snoozed this detector',
    why: 'Snoozes can be read.',
    kind: 'fires',
    accounts: {
      snoozed: { standing: { snoozed: [{ detector: DETECTOR, to: '20m' }] } },
      other: { standing: { snoozed: [{ detector: 'exhaustion.sponge', to: '20m' }] } },
      over: { standing: { snoozed: [{ to: '1s' }] } },
    },
    does: ['snoozed', 'other', 'over'].map((account) => ({ account, from: '1m', to: '30m', perMinute: 6 })),
    must: [{ signal: DETECTOR, account: 'snoozed', before: '2m' }],
  })
  expect((await runScenario(loadFlows(), bundle, scenario)).misses).toEqual([])
})
