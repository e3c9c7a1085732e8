/** `bailiff check` tells what detectors are estimated to cost, and warns of a dear one without failing. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
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

it('has all of it in its JSON', async () => {
  const { stdout } = await bailiff(['check', topologies, '--json'], {})
  const costs = z.array(z.object({ detectorId: z.string(), readingsPerEvent: z.number() }))
  const report = z.object({ detectors: z.number(), warnings: z.array(z.object({ code: z.string() })), costs })
  const said = report.parse(JSON.parse(stdout))
  expect(said.warnings).toEqual([{ code: 'dear' }])
  expect(said.costs).toHaveLength(said.detectors)
  expect(said.costs[0]?.detectorId).toBe('exhaustion.sponge')
})
