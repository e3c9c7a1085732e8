/** `bailiff doctor` on lines of a platform that sends the least it must. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bailiff } from '../support/bailiff-process.ts'
import { accountLine, harvestRequestLines, responseLines } from '../support/inference-lines.ts'

const END_MS = Date.UTC(2026, 5, 1, 9)
const lines = (topic: string, text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => `{"topic":"${topic}","value":${line}}`)
const events = [
  ...lines('accounts.state.v1', accountLine('somebody', END_MS)),
  ...lines('inference.responses.v1', responseLines('somebody', 20, END_MS)),
].join('\n')

function telemetry(sampledAtMs: number): object {
  return {
    eventId: `sample-${sampledAtMs}`,
    poolId: 'gold',
    sampledAtMs,
    sampleSeconds: 15,
    gpuCount: 8,
    gpuActiveRatio: 0.5,
  }
}

const report = z.array(
  z.object({
    records: z.record(z.string(), z.number()),
    detectors: z.array(
      z.object({
        detectorId: z.string(),
        sight: z.string(),
        gaps: z.array(z.object({ source: z.string() })),
      }),
    ),
  }),
)

describe('bailiff doctor', () => {
  it('says of every detector what it can see, as JSON', async () => {
    const { exitCode, stdout } = await bailiff(['doctor', '--events', '-', '--json'], {}, events)
    expect(exitCode).toBe(0)
    const [usage] = report.parse(JSON.parse(stdout))
    expect(usage?.records).toMatchObject({ 'inference.usage.v1': 20, 'inference.verdicts.v1': 0 })
    const malware = usage?.detectors.find(({ detectorId }) => detectorId === 'malware.generation')
    expect(malware).toMatchObject({ sight: 'blind', gaps: [{ source: 'inference.verdicts.v1' }] })
  })

  it('and in words, which field or topic would help', async () => {
    const { stdout } = await bailiff(['doctor', '--events', '-'], {}, events)
    expect(stdout).toMatch(/malware\.generation +blind +inference\.verdicts\.v1 has no records/)
  })

  it('counts texts as the verdicts, and telemetry as the pressure, that our own stages make of them', async () => {
    const told = [
      events,
      ...lines('inference.requests.v1', harvestRequestLines('somebody', 20, END_MS)),
      ...[0, 15_000, 60_000].map((ms) =>
        JSON.stringify({ topic: 'gpu.telemetry.v1', value: telemetry(END_MS + ms) }),
      ),
    ].join('\n')
    const { stdout } = await bailiff(['doctor', '--events', '-', '--json'], {}, told)
    const [usage] = report.parse(JSON.parse(stdout))
    expect(usage?.records).toMatchObject({ 'inference.verdicts.v1': 20, 'abuse.pool-pressure.v1': 2 })
    const harvest = usage?.detectors.find(({ detectorId }) => detectorId === 'scraping.bulk-harvest')
    expect(harvest).toMatchObject({ sight: 'live', gaps: [] })
    const untold = await bailiff(['doctor', '--events', '-', '--json', '--no-classify'], {}, told)
    expect(report.parse(JSON.parse(untold.stdout))[0]?.records).toMatchObject({ 'inference.verdicts.v1': 0 })
  })

  it('tells a line that is no event, with its number', async () => {
    const { exitCode, stderr } = await bailiff(['doctor', '--events', '-'], {}, `${events}\nnonsense`)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('line 22: not JSON')
  })
})
