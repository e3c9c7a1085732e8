/**
 * Every message that `bailiff check` can give, pinned: each folder under `fixtures` is the base bundle with one
 * mistake, or something to warn of, and `expected.txt` what is said of it. RECORD=1 writes what is said now; read the difference.
 */
import { readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { env } from 'node:process'
import { describe, expect, it } from 'vitest'
import { checkBundle } from '../../src/topology/bundle.ts'
import { renderProblem } from '../../src/topology/problem.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const DAY_MS = 86_400_000
const SCENARIOS = ['scraping.bulk-harvest']
/** Of the sources, as long as they keep what they carry. */
const RETENTIONS = new Map([
  ['inference.usage.v1', 30 * DAY_MS],
  ['inference.verdicts.v1', 100 * DAY_MS],
  ['gpu.telemetry.v1', 7 * DAY_MS],
  ['abuse.pool-pressure.v1', 30 * DAY_MS],
])
const mistakes = readdirSync(FIXTURES).filter((name) => name !== 'base')

function yamlFiles(name: string): ReadonlyMap<string, string> {
  const folder = join(FIXTURES, name)
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

/** What is said of the base bundle with the mistake's files in place; an empty one stands for a file that is missing. */
function said(mistake: string): string {
  const files = [...new Map([...yamlFiles('base'), ...yamlFiles(mistake)])]
  const { problems, warnings, bundle } = checkBundle(
    new Map(files.filter(([, text]) => text !== '')),
    SCENARIOS,
    RETENTIONS,
  )
  expect(bundle === null).toBe(problems.length > 0)
  const lines = [...problems.map(renderProblem), ...warnings.map((one) => `warning: ${renderProblem(one)}`)]
  expect(lines).not.toEqual([])
  return lines.map((line) => `${line}\n`).join('\n')
}

describe('a mistake', () => {
  it('is not in the base', () => {
    expect(checkBundle(yamlFiles('base'), SCENARIOS, RETENTIONS).problems).toEqual([])
  })

  it.each(mistakes)('%s is told as expected', (mistake) => {
    const path = join(FIXTURES, mistake, 'expected.txt')
    const text = said(mistake)
    if (env.RECORD === '1') writeFileSync(path, text)
    expect(existsSync(path) ? readFileSync(path, 'utf8') : 'nothing recorded').toBe(text)
  })
})
