/** What `--seed` promises: the same hour again, to the byte. */
import { expect, it } from 'vitest'
import { bailiff } from '../support/bailiff-process.ts'

it('a demo repeats exactly under its seed, as JSON lines', { timeout: 480_000 }, async ({ signal }) => {
  const first = await bailiff(['demo', '--json', '--seed', '3'], {}, '', signal)
  expect(first.exitCode, first.stderr).toBe(0)
  const lines = first.stdout.trim().split('\n')
  expect(lines.length).toBeGreaterThan(2)
  for (const line of lines) expect(JSON.parse(line)).toHaveProperty('clause')
  const second = await bailiff(['demo', '--json', '--seed', '3'], {}, '', signal)
  expect(second.stdout).toBe(first.stdout)
})
