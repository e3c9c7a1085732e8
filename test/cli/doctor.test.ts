/** `bailiff doctor` on lines of a platform that sends the least it must. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { bailiff } from '../support/bailiff-process.ts'
import { accountLine, responseLines } from '../support/inference-lines.ts'

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

  it('tells a line that is no event, with its number', async () => {
    const { exitCode, stderr } = await bailiff(['doctor', '--events', '-'], {}, `${events}\nnonsense`)
    expect(exitCode).toBe(1)
    expect(stderr).toContain('line 22: not JSON')
  })
})
