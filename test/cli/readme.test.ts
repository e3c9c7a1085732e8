/**
 * What README.md shows works: each command has a test that runs it, and the example of a detector is one that the
 * reader of topologies takes. A command that is new in the README fails here until somebody says how it is tested.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { readTopology } from '../../src/topology/read-topology.ts'
import { bailiff } from '../support/bailiff-process.ts'
import { responseLines } from '../support/inference-lines.ts'

const README = readFileSync('README.md', 'utf8')

/** Command to the file that runs it, or that says why it cannot be run by a test. */
const TESTED: Readonly<Record<string, string>> = {
  'npm run demo': 'test/demo',
  // The test run itself.
  'npm test': 'package.json',
  'docker compose up -d': 'test/services/compose.test.ts',
  'npx bailiff topics': 'test/integration/pipeline.test.ts',
  'npx bailiff run': 'test/integration/pipeline.test.ts',
  'npx bailiff simulate --rate 200 --duration 30m': 'test/integration/readme.test.ts',
  'npx bailiff tail abuse.sanctions.v1': 'test/integration/pipeline.test.ts',
  'npx bailiff send inference.responses.v1 < responses.jsonl': 'test/integration/pipeline.test.ts',
  'npx bailiff replay events.jsonl.gz': 'test/cli/readme.test.ts',
  'npx bailiff check': 'test/cli/readme.test.ts',
  'npx bailiff doctor': 'test/integration/pipeline.test.ts',
  'npx bailiff test': 'test/cli/scenarios.test.ts',
  'npx bailiff explain harvester --signals told.jsonl': 'test/cli/explain.test.ts',
  'npx bailiff keys new ann --private ann.jwk --signers signers.json': 'test/integration/people.test.ts',
  'export BAILIFF_SIGNING_KEY_FILE=ann.jwk BAILIFF_SIGNERS=signers.json': 'test/integration/people.test.ts',
  'npx bailiff review list': 'test/integration/people.test.ts',
  'npx bailiff review decide CASE --kind uphold --reason "..." --saw-content':
    'test/integration/people.test.ts',
  'npx bailiff review release --reason "..."': 'test/integration/people.test.ts',
  'npx bailiff snooze ACCOUNT --detector ID --for 7d --reason "..."': 'test/integration/people.test.ts',
  'npx bailiff switch off --detector scraping.bulk-harvest --reason "..." --for 4h':
    'test/integration/people.test.ts',
  'npx bailiff list set partnerCrawlers ACCOUNT --reason "..." --for 90d': 'test/integration/lists.test.ts',
  'npx bailiff account show ACCOUNT': 'test/integration/people.test.ts',
  'npx bailiff reverse --detector scraping.bulk-harvest --version 3 --from 2026-11-24T00:00:00Z --dry-run':
    'test/integration/people.test.ts',
  'npx bailiff export --as dsa': 'test/integration/people.test.ts',
  'npx bailiff policy publish topologies --reason "..."': 'test/integration/policy.test.ts',
  'npx bailiff policy list': 'test/integration/policy.test.ts',
}

function blocks(language: string): readonly string[] {
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms')
  return [...README.matchAll(fence)].map(([, text = '']) => text)
}

/** Lines of the shell blocks without their comments. */
function commands(): readonly string[] {
  const lines = blocks('sh').flatMap((block) => block.split('\n'))
  return lines.map((line) => line.replace(/\s+#.*$/, '').trim()).filter((line) => line !== '')
}

describe('each command that README.md shows', () => {
  it.each(commands())('%s has a test', (command) => {
    expect(Object.keys(TESTED)).toContain(command)
    expect(existsSync(TESTED[command] ?? 'nowhere')).toBe(true)
  })

  it('is still there', () => {
    expect(commands()).toEqual(expect.arrayContaining(Object.keys(TESTED)))
  })
})

describe('as README.md says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bailiff-readme-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('check reads topologies/ and finds no problem', async () => {
    const { exitCode, stdout, stderr } = await bailiff(['check'], {})
    expect(exitCode, stdout).toBe(0)
    expect(stdout + stderr).toContain('no problems')
  })

  it('replay takes gzip, needs no services, and says the same twice', async () => {
    const lines = responseLines('reader', 20, Date.UTC(2026, 0, 1))
    const events = lines.replace(/^(\{.*\})$/gm, '{"topic":"inference.responses.v1","value":$1}')
    const file = join(folder, 'events.jsonl.gz')
    writeFileSync(file, gzipSync(events))
    const [first, second] = [await bailiff(['replay', file], {}), await bailiff(['replay', file], {})]
    expect(first.exitCode, first.stderr).toBe(0)
    expect(first.stderr).toContain('20 events, 0 lines refused')
    expect(second.stdout).toBe(first.stdout)
  })

  it('the detector that it shows can be added to topologies/usage.yaml', () => {
    const [example = ''] = blocks('yaml')
    const [features = '', detectors = ''] = example.split(/^detectors:\n/m)
    const usage = readFileSync('topologies/usage.yaml', 'utf8')
    // What usage.yaml has already, in the same words, needs no adding.
    const added = features.split('\n').filter((line) => line.startsWith('  ') && !usage.includes(`${line}\n`))
    const grown = usage
      .replace(/^features:\n/m, `features:\n${added.join('\n')}\n`)
      .replace(/^detectors:\n/m, `detectors:\n${detectors.trimEnd()}\n`)
    expect(grown).toContain('sharing.many-addresses')
    expect(readTopology('usage.yaml', grown).problems).toEqual([])
  })
})
