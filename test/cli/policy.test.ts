/** `bailiff policy`, as far as it goes without a server: what is refused, with which words, and what would be published. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bailiff, type Finished } from '../support/bailiff-process.ts'
import { FIRST, SECOND, writeBundle, writeScenarios } from '../support/small-bundle.ts'

const folder = mkdtempSync(join(tmpdir(), 'policy-cli-'))
const scenarios = join(folder, 'scenarios')

const publish = (own: string, ...more: readonly string[]): Promise<Finished> =>
  bailiff(['policy', 'publish', join(folder, own), '--scenarios', scenarios, ...more], {})

beforeAll(() => {
  writeScenarios(scenarios)
  writeBundle(join(folder, 'good'), FIRST)
  writeBundle(join(folder, 'misspelt'), { ...SECOND, misspelt: true })
  writeBundle(join(folder, 'untrue'), { ...SECOND, fresh: 50 })
})

describe('bailiff policy publish', () => {
  it('says what it would publish, and publishes nothing, with --dry-run', async () => {
    const json = await publish('good', '--dry-run', '--json')
    expect(json.exitCode, json.stderr).toBe(0)
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: null,
      scenarios: 12,
      files: ['aup.yaml', 'capacity.yaml', 'usage.yaml'],
    })
  })

  it('refuses what does not pass the check, with every problem and its place', async () => {
    const refused = await publish('misspelt', '--dry-run')
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(refused.stderr).toMatch(/usage\.yaml:\d+:\d+.*ketp_1h/)
    expect(refused.stderr).toContain('not published: ')
  })

  it('refuses what fails a scenario, and says which and how', async () => {
    const refused = await publish('untrue', '--dry-run')
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(refused.stderr).toContain('roll.fresh: fires 0: roll.fresh of someone')
  })

  it('refuses what no scenario says anything of', async () => {
    mkdirSync(join(folder, 'empty'))
    for (const [name, reason] of [
      ['nowhere', 'nowhere:1:1: this folder is missing'],
      ['empty', 'has no scenarios'],
    ] as const) {
      const refused = await bailiff(
        ['policy', 'publish', join(folder, 'good'), '--scenarios', join(folder, name), '--dry-run'],
        {},
      )
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
      expect(refused.stderr).toContain(reason)
    }
  })

  it('asks for a reason, and for a key to sign with, before anything is tested', async () => {
    const unreasoned = await publish('good')
    expect(unreasoned).toMatchObject({ exitCode: 2, stderr: '--reason: say why\n' })
    const unsigned = await publish('good', '--reason', 'a test')
    expect(unsigned.exitCode).toBe(2)
    expect(unsigned.stderr).toContain('BAILIFF_SIGNING_KEY_FILE')
  })
})

describe('bailiff policy show', () => {
  it('takes a version, which is a whole number', async () => {
    const wrong = await bailiff(['policy', 'show', 'seven'], {})
    expect(wrong.exitCode).toBe(2)
    expect(wrong.stderr).toContain('a whole number from 1 on')
  })
})
