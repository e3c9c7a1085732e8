/** `bailiff check`: estimated costs, warnings that do not fail, and folders in which something is missing or no file. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bailiff } from '../support/bailiff-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-check-'))
const topologies = join(folder, 'topologies')
cpSync('topologies', topologies, { recursive: true })
cpSync('test/scenarios', join(folder, 'test/scenarios'), { recursive: true })
const usage = join(topologies, 'usage.yaml')
const dear = 'keys_1h > 99 || networks_1h > 99 || clients_1h > 99 || enumerated_1h > 99 || '
const windows = `features:
  networks_1h: { entropy: usage.clientNetworkHash, window: 1h }
  clients_1h: { distinct: usage.userAgentHash, window: 1h }
  enumerated_1h: { distinct: verdicts.slotHash, window: 1h }
`
const text = readFileSync(usage, 'utf8').replace('features:\n', windows)
writeFileSync(usage, text.replace(/(id: exhaustion\.sponge[^]*?when: >\n +)/, `$1${dear}`))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('tells the dear detector with its place, and exits well', async () => {
  const { exitCode, stdout, stderr } = await bailiff(['check', topologies, '--costs'], {})
  expect(exitCode, stdout).toBe(0)
  expect(stderr).toContain('no problems')
  expect(stdout).toMatch(
    /warning: usage\.yaml:\d+:\d+: exhaustion\.sponge is dear: an estimated \d+ readings/,
  )
  expect(stdout).toMatch(/^exhaustion\.sponge +\d+\.\d +first \d+, all \d+ +3 \+ 1 \+ 4 windows/m)
})

it('tells the bundle in words, for whoever reviews a change', async () => {
  const { exitCode, stdout } = await bailiff(['check', topologies, '--words'], {})
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^policy version 1, in force from 2026-03-31/m)
  expect(stdout).toMatch(
    /detector circumvention\.restricted-access .*\n(.*\n){3} +names the account, or the key that has 80 %/,
  )
})

it('has all of it in its JSON', async () => {
  const { stdout } = await bailiff(['check', topologies, '--json'], {})
  const costs = z.array(z.object({ detectorId: z.string(), readingsPerEvent: z.number() }))
  const report = z.object({ detectors: z.number(), warnings: z.array(z.object({ code: z.string() })), costs })
  const said = report.parse(JSON.parse(stdout))
  expect(said.warnings).toEqual([{ code: 'dear' }])
  expect(said.costs).toHaveLength(said.detectors)
  expect(said.costs[0]?.detectorId).toBe('exhaustion.sponge')
})

describe('a folder', () => {
  const lone = (): string => {
    const at = mkdtempSync(join(folder, 'lone-'))
    cpSync('topologies', join(at, 'topologies'), { recursive: true })
    return join(at, 'topologies')
  }

  it('without scenarios beside it is a mistake, unless it is said that none are wanted', async () => {
    const at = lone()
    const refused = await bailiff(['check', at], {})
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toContain('test/scenarios:1:1: this folder is missing')
    expect((await bailiff(['check', at, '--no-scenarios'], {})).exitCode).toBe(0)
    const { exitCode, stderr } = await bailiff(['check', at, '--scenarios', 'test/scenarios'], {})
    expect(exitCode).toBe(0)
    expect(stderr).toMatch(/ [1-9]\d* scenarios: no problems/)
  })

  it('of scenarios that is not there, or no folder, is told by test; it does not pass', async () => {
    for (const scenarios of ['no-such-folder', 'README.md']) {
      const { exitCode, stderr } = await bailiff(['test', '--scenarios', scenarios], {})
      expect(exitCode).toBe(2)
      expect(stderr).toContain(`${scenarios}:1:1: this folder is missing`)
      expect(stderr).toMatch(/^These mistakes come first \(topologies: \S+\):/)
      expect(stderr).not.toMatch(/^ +at /m)
    }
  })

  it("may hold an editor's lock files; what cannot be read is told by its name", async () => {
    const at = lone()
    symlinkSync('somebody@somewhere.1234', join(at, '.#usage.yaml'))
    expect((await bailiff(['check', at, '--no-scenarios'], {})).exitCode).toBe(0)
    mkdirSync(join(at, 'more.yaml'))
    symlinkSync('nowhere', join(at, 'link.yaml'))
    const { exitCode, stdout, stderr } = await bailiff(['check', at, '--no-scenarios'], {})
    expect(exitCode).toBe(1)
    expect(stdout).toContain('more.yaml:1:1: cannot be read: it is a folder')
    expect(stdout).toContain('link.yaml:1:1: cannot be read: ENOENT')
    expect(`${stdout}${stderr}`).not.toMatch(/^ +at /m)
  })
})
