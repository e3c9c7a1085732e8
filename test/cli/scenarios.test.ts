/** `bailiff test`, and what `bailiff check` says of scenario files that are wrong. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readScenarios } from '../../src/cli/scenarios/scenario-files.ts'
import { renderProblem } from '../../src/topology/problem.ts'
import { bailiff } from '../support/bailiff-process.ts'

const DETECTOR = 'scraping.bulk-harvest'
const FILE = readFileSync(`test/scenarios/${DETECTOR}.yaml`, 'utf8')

const report = z.object({
  passed: z.number(),
  failed: z.number(),
  scenarios: z.array(z.object({ detector: z.string(), passed: z.boolean() })),
})

describe('bailiff test', () => {
  it("runs the named detectors' scenarios, as the repository has them", async () => {
    const { exitCode, stdout } = await bailiff(['test', '--only', 'scraping.bulk', '--json'], {})
    expect(report.parse(JSON.parse(stdout))).toMatchObject({ passed: 15, failed: 0 })
    expect(exitCode).toBe(0)
  })

  it('shows what the condition read over time, and what was missing, where a scenario fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'topologies-'))
    cpSync('topologies', folder, { recursive: true })
    const usage = join(folder, 'usage.yaml')
    writeFileSync(usage, readFileSync(usage, 'utf8').replace('served_1h > 3.0 *', 'served_1h > 30.0 *'))
    const asked = ['test', folder, '--only', DETECTOR, '--scenarios', 'test/scenarios']
    const { exitCode, stdout, stderr } = await bailiff(asked, {})
    expect(exitCode).toBe(1)
    expect(stdout).toContain('harvester must fire between 5m and 30m, and did not')
    expect(stdout).toMatch(/15m 00s +1 > 0\.45 +600 > 6,000 no +yes +yes/)
    expect(stdout).toContain('it wanted served_1h more than 6,000, not 1,200')
    expect(stderr).toContain('9 scenarios passed, 6 failed')
  })

  it('refuses a detector that has none', async () => {
    const { exitCode, stderr } = await bailiff(['test', '--only', 'nobody'], {})
    expect(exitCode).toBe(2)
    expect(stderr).toContain('No scenarios of nobody')
  })

  it('takes what stands alone for a folder, and says how detectors are chosen', async () => {
    const { exitCode, stderr } = await bailiff(['test', 'scraping.bulk'], {})
    expect(exitCode).toBe(2)
    expect(stderr).toContain('There is no folder scraping.bulk; --only scraping.bulk chooses detectors.')
  })
})

const DETECTORS = new Map([[DETECTOR, ['served_1h', 'slotEnumeration_1h']]])

/** The name of the first scenario. */
const FIRST = /name: (.+)/.exec(FILE)?.[1] ?? ''

/** With lists in the first scenario. */
function withLists(lists: string): string {
  return FILE.replace('    kind: fires\n', `    kind: fires\n    lists: { ${lists} }\n`)
}

describe('a scenario file', () => {
  const said = (text: string, name = `${DETECTOR}.yaml`): string =>
    readScenarios(new Map([[name, text]]), { detectors: DETECTORS, lists: ['partners'] })
      .problems.map((problem) => renderProblem(problem))
      .join('\n')

  it('of the repository has no mistake', () => {
    expect(said(FILE)).toBe('')
  })

  it.each([
    [
      'with an account that nobody is',
      FILE.replace('account: harvester, after', 'account: harvestor, after'),
    ],
    ['with a word that is none', FILE.replace('perMinute: 40', 'perMinut: 40')],
    ['with a time that is none', FILE.replace('after: 5m', 'after: soon')],
    ['of a detector that is none', FILE.replace(`detector: ${DETECTOR}`, 'detector: scraping.bulk-harvst')],
    [
      'with one near miss alone',
      FILE.replaceAll('kind: nearMiss', 'kind: fires').replace('kind: fires', 'kind: nearMiss'),
    ],
    ['that is not YAML', FILE.replace('scenarios:', 'scenarios: [')],
    ['that fires and waits for nothing', FILE.replace(/ +must:\n.*\n/, '')],
    ['that fires and waits for another', FILE.replace(`signal: ${DETECTOR}`, 'signal: scraping.systematic')],
    [
      'that misses and fires',
      FILE.replace(
        /account: nightly,[^}]*slots: enumerated,\n +\}\n\n/,
        `$&    must: [{ signal: ${DETECTOR}, account: nightly, before: 30m }]\n\n`,
      ),
    ],
    ['of a name that another has', FILE.replace('name: a nightly job with a grant', `name: ${FIRST}`)],
    ['with a list that nobody declares', withLists('partnrs: [harvester]')],
    ['with a list of nobody', withLists('partners: [harvestr]')],
    ['with a time before its beginning', FILE.replace('before: 30m', 'before: 1m')],
    [
      'with a span that ends before it begins',
      FILE.replace('{ account: harvester, to:', '{ account: harvester, from: 40m, to:'),
    ],
    ['with a quota below nothing', FILE.replace('requestsPerHour: 200', 'requestsPerHour: -5')],
    ['with a figure that its detector does not tell', FILE.replace('served_1h: {', 'served_10m: {')],
    ['with a figure that no figure can be', FILE.replace('least: 600, most: 700', 'least: 700, most: 600')],
    ['with a text for one of two kinds', FILE.replace('slots: enumerated', 'distinct: often')],
    ['with a rate by the second', FILE.replace('perMinute: 40', 'perSecond: 40')],
    ['with a rate of another name', FILE.replace('perMinute: 40', 'rate: 40')],
    ['with a rate and its unit', FILE.replace('perMinute: 40', 'perMinute: 40/min')],
    ['with a number for a time', FILE.replace('to: 30m, perMinute', 'to: 30, perMinute')],
    ['with an act that stands under nothing', FILE.replace('    does:\n      - ', '    does:\n- ')],
    ['with more than can be run', FILE.replace('perMinute: 40', 'perMinute: 1e9')],
    ['with a time beyond all times', FILE.replace('to: 30m, perMinute', 'to: 999999999d, perMinute')],
  ])('%s is told with its place', (_, text) => {
    expect(said(text)).toMatchSnapshot()
  })
})
