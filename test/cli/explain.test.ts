/** `bailiff explain` on the signals that a replay printed. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bailiff } from '../support/bailiff-process.ts'
import { accountLine, harvestRequestLines, responseLines } from '../support/inference-lines.ts'

const END_MS = Date.UTC(2026, 5, 1, 9)

const said = z.object({
  signal: z.object({ id: z.string(), detectorVersion: z.number() }),
  condition: z.object({ truth: z.string() }).nullable(),
  smallestChange: z.object({ words: z.array(z.string()) }).nullable(),
})

function events(): string {
  const of = (topic: string, lines: string): string[] =>
    lines
      .trim()
      .split('\n')
      .map((line) => `{"topic":"${topic}","value":${line}}`)
  return [
    ...of('accounts.state.v1', accountLine('harvester', END_MS)),
    ...of('inference.requests.v1', harvestRequestLines('harvester', 200, END_MS)),
    ...of('inference.responses.v1', responseLines('harvester', 200, END_MS)),
  ].join('\n')
}

describe('bailiff explain', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'told.jsonl')
  let told = ''

  beforeAll(async () => {
    told = (await bailiff(['replay', '-'], {}, events())).stdout
    writeFileSync(file, told)
  })

  it('shows the condition with its values, and what would not have fired, for an account', async () => {
    const { exitCode, stdout } = await bailiff(['explain', 'harvester', '--signals', file], {})
    expect(exitCode).toBe(0)
    expect(stdout).toContain('scraping.bulk-harvest version 3, live: harvester')
    expect(stdout).toMatch(/yes +served_1h > 3\.0 \* account\.quota\.requestsPerHour +151 > 150/)
    expect(stdout).toMatch(/it would not have fired, had it been served_1h at most 150, not 151/)
    expect(stdout).toMatch(/evidence: request \S+, inference\./)
    expect(stdout).toMatch(/judged by policy 1, bundle [0-9a-f]{12}\n/)
  })

  it('says so where another bundle judged', async () => {
    const other = told.replaceAll(/"bundleSha256":"[0-9a-f]{64}"/g, `"bundleSha256":"${'0'.repeat(64)}"`)
    const { stdout } = await bailiff(['explain', 'harvester', '--signals', '-'], {}, other)
    expect(stdout).toMatch(/bundle 0{12}; the bundle in this folder is another/)
  })

  it('tells why it names a key and not the account: how much of what was counted is its own', async () => {
    const denials = Array.from({ length: 40 }, (_, n) => ({
      topic: 'accounts.events.v1',
      value: {
        eventId: `denied-${n}`,
        accountId: 'harvester',
        kind: 'restrictedAccessDenied',
        occurredAtMs: END_MS - 60_000 + n,
        keyId: n % 20 === 0 ? 'web' : 'ci',
        resource: `resource-${n % 20}`,
      },
    }))
    const [account] = events().split('\n')
    const lines = [account, ...denials.map((one) => JSON.stringify(one))].join('\n')
    const signals = (await bailiff(['replay', '-'], {}, lines)).stdout
    const { stdout } = await bailiff(['explain', 'harvester', '--signals', '-'], {}, signals)
    expect(stdout).toContain('circumvention.restricted-access version 2, live: harvester, key ci')
    expect(stdout).toContain(
      'it names the key: 28 of 30 denied_24h, 19 of 20 deniedResources_24h are its own; named is one with 80 %',
    )
  })

  it('says which figures are estimates, and how far off they may be', async () => {
    const counted = JSON.stringify({ name: 'served_1h', value: 151, text: null, error: 0 })
    expect(told).toContain(counted)
    const estimated = told.replaceAll(counted, counted.replace('"error":0', '"error":2.5'))
    const { stdout } = await bailiff(['explain', 'harvester', '--signals', '-'], {}, estimated)
    expect(stdout).toContain('  an estimate: served_1h is 151, give or take 2.5\n')
    const exact = await bailiff(['explain', 'harvester', '--signals', file], {})
    expect(exact.stdout).not.toContain('an estimate')
  })

  it('names the references of the detector, which are for who reviews what it finds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'referring-'))
    cpSync('topologies', folder, { recursive: true })
    const usage = readFileSync(join(folder, 'usage.yaml'), 'utf8')
    const referring = usage.replace(
      /( +)- id: scraping.bulk-harvest\n/,
      '$&$1  references: [minutes of May]\n',
    )
    writeFileSync(join(folder, 'usage.yaml'), referring)
    const asked = ['explain', 'harvester', '--signals', file]
    const { stdout } = await bailiff(asked, { BAILIFF_TOPOLOGIES: folder })
    expect(stdout).toContain('  see minutes of May\n')
    expect((await bailiff([...asked, '--json'], { BAILIFF_TOPOLOGIES: folder })).stdout).toContain(
      '"references":["minutes of May"]',
    )
  })

  it('gives the same as JSON, for a signal by its id, from standard input', async () => {
    const all = await bailiff(['explain', 'harvester', '--json', '--signals', file], {})
    const first = said.parse(JSON.parse(all.stdout.split('\n')[0] ?? ''))
    const one = await bailiff(['explain', first.signal.id, '--json', '--signals', '-'], {}, told)
    expect(said.parse(JSON.parse(one.stdout))).toEqual(first)
    expect(first.condition?.truth).toBe('yes')
  })

  it('says so where the bundle has another version of the detector, and shows what was read', async () => {
    const other = told.replaceAll('"detectorVersion":3', '"detectorVersion":9')
    const { exitCode, stdout } = await bailiff(['explain', 'harvester', '--signals', '-'], {}, other)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('this bundle has no version 9 of it')
    expect(stdout).toMatch(/served_1h 151\b/)
  })

  it('fails with what was asked where there is no such signal', async () => {
    const { exitCode, stderr } = await bailiff(['explain', 'nobody', '--signals', file], {})
    expect(exitCode).toBe(1)
    expect(stderr).toContain('No signal has the id nobody')
  })
})
