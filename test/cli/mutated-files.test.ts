/**
 * Whatever becomes of a file that people write, `bailiff check` tells it with its place: nothing is thrown, nothing hangs, and
 * no message speaks of what only we can know.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evidenceByDetector } from '../../src/cli/compose/bundle.ts'
import { readScenarios } from '../../src/cli/scenarios/scenario-files.ts'
import { checkBundle } from '../../src/topology/bundle.ts'
import { renderProblem, type Problem } from '../../src/topology/problem.ts'
import { mutated, mutations } from '../support/mutations.ts'
import { propertyParameters, propertyTimeoutMs } from '../support/property-parameters.ts'

/** Of this thread, whatever else wants the cores. */
const MOST_CPU_MS = 2_000
const topologies = textsOf('topologies')
const scenarios = textsOf('test/scenarios')
const named = [...scenarios.keys()].map((file) => file.replace(/\.yaml$/, ''))
const { bundle } = checkBundle(topologies, named)
const known = {
  detectors: bundle === null ? null : evidenceByDetector(bundle),
  lists: bundle?.topologies.flatMap(({ lists }) => Object.keys(lists)) ?? null,
}
/** What no message may hold: traces, values that were not thought of, words of a library. */
const OURS =
  /^\s+at .*:\d+|\bundefined\b|\[object |TypeError|RangeError|ReferenceError|Invalid input|Invalid key|\bzod\b/im

function textsOf(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

/** Of a mutated file everything that is said, as the command says it. */
function said(texts: ReadonlyMap<string, string>): readonly Problem[] {
  if (!texts.has('aup.yaml')) return readScenarios(texts, known).problems
  const { problems, warnings, bundle: read } = checkBundle(texts, named)
  expect(read === null).toBe(problems.length > 0)
  return [...problems, ...warnings]
}

function isWellPlaced(problem: Problem, texts: ReadonlyMap<string, string>): void {
  const lines = (texts.get(problem.file) ?? '').split('\n')
  expect(texts.has(problem.file), problem.file).toBe(true)
  expect(problem.line).toBeLessThanOrEqual(lines.length)
  expect(problem.line).toBeGreaterThanOrEqual(1)
  expect(problem.column).toBeGreaterThanOrEqual(1)
  expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1] ?? '').length + 1)
  expect(problem.message.trim()).not.toBe('')
  const own = `${problem.message}\n${problem.hint ?? ''}`
  expect(own).not.toMatch(OURS)
  expect(renderProblem(problem)).toMatch(/^[\w.-]+\.yaml:\d+:\d+: \S/)
}

/** A topology as often as a scenario, of which there are many. */
const files = fc.oneof(fc.constantFrom(...topologies.keys()), fc.constantFrom(...scenarios.keys()))
const parameters = propertyParameters(120)

describe('a file that was mutated', () => {
  it(
    'is read in time, and each mistake has its place and words of ours',
    { timeout: propertyTimeoutMs(parameters) },
    () => {
      fc.assert(
        fc.property(files, mutations, (file, slips) => {
          const all = topologies.has(file) ? topologies : new Map([[file, scenarios.get(file) ?? '']])
          const texts = new Map([...all, [file, mutated(all.get(file) ?? '', slips)]])
          const before = process.threadCpuUsage()
          const problems = said(texts)
          const { user, system } = process.threadCpuUsage(before)
          expect((user + system) / 1_000, file).toBeLessThan(MOST_CPU_MS)
          for (const problem of problems) isWellPlaced(problem, texts)
        }),
        parameters,
      )
    },
  )
})
