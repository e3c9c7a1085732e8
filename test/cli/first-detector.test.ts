/** The detector that README.md and the page of the language build from nothing is whole: check has nothing to say, its scenarios pass. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { bailiff } from '../support/bailiff-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-first-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The first block of YAML in which these words stand. */
function block(file: string, words: string): string {
  const all = [...readFileSync(file, 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text)
  return all.find((text) => text.includes(words)) ?? ''
}

/** What stands in the text between two lines. */
function between(text: string, first: string, last: string): string {
  return text.split(`${first}\n`)[1]?.split(`${last}\n`)[0] ?? ''
}

function grow(file: string, ...pieces: readonly (readonly [after: string, added: string])[]): void {
  const path = join(folder, 'topologies', file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    pieces.reduce((grown, [after, added]) => grown.replace(`${after}\n`, `${after}\n${added}`), text),
  )
}

it('is whole', async () => {
  cpSync('topologies', join(folder, 'topologies'), { recursive: true })
  cpSync('test/scenarios', join(folder, 'test/scenarios'), { recursive: true })
  const example = block('README.md', 'sharing.many-addresses')
  const [features = '', detectors = ''] = example.split(/^\n?detectors:\n/m)
  const usage = readFileSync('topologies/usage.yaml', 'utf8')
  const added = features.split('\n').filter((line) => line.startsWith('  ') && !usage.includes(`${line}\n`))
  grow('usage.yaml', ['features:', `${added.join('\n')}\n`], ['detectors:', `${detectors.trimEnd()}\n`])
  const clause = block('docs/language.md', 'id: fair-use.circumvention')
  const verbs = clause.split('    verbs:\n')[1] ?? ''
  grow(
    'aup.yaml',
    ['      - circumvention.jailbreak', between(clause, '    detectors:', '    verbs:')],
    ['        scenario: circumvention.key-rotation', verbs],
  )
  writeFileSync(
    join(folder, 'test/scenarios/sharing.many-addresses.yaml'),
    block('docs/language.md', 'detector: sharing.many-addresses\nscenarios:'),
  )
  const checked = await bailiff(['check', join(folder, 'topologies')], {})
  expect(checked.stdout).toBe('')
  expect(checked.exitCode).toBe(0)
  const { stdout, stderr } = await bailiff(['test', join(folder, 'topologies'), '--only', 'sharing'], {})
  expect(stderr, stdout).toContain('4 scenarios passed, 0 failed')
})
