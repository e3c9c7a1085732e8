/** The bundle that ships: whole, known by its meaning, and never a stack trace whatever is written into it. */
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkBundle, type Bundle } from '../../src/topology/bundle.ts'
import { renderProblem } from '../../src/topology/problem.ts'

const OWN = readFolder('topologies')
const SCENARIOS = readdirSync('test/scenarios')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''))

const TWELVE = [
  'prohibited.csam',
  'prohibited.violent-extremism',
  'prohibited.ncii',
  'prohibited.wmd',
  'prohibited.malware',
  'prohibited.cyberattack',
  'prohibited.harassment',
  'fair-use.exhaustion',
  'fair-use.scraping',
  'fair-use.circumvention',
  'responsibility.outputs',
  'eligibility.age',
]

function readFolder(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'))
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
}

function bundleOf(files: ReadonlyMap<string, string>): Bundle {
  const { problems, bundle } = checkBundle(files, SCENARIOS)
  if (bundle === null) throw new Error(problems.map(renderProblem).join('\n'))
  return bundle
}

function changed(file: string, from: string, to: string): ReadonlyMap<string, string> {
  const text = OWN.get(file) ?? ''
  expect(text).toContain(from)
  return new Map([...OWN, [file, text.replace(from, to)]])
}

describe('the bundle that ships', () => {
  it('has no problems', () => {
    expect(checkBundle(OWN, SCENARIOS).problems).toEqual([])
  })

  it('has the twelve clauses, each told in English and German', () => {
    const { policy } = bundleOf(OWN)
    expect(policy.clauses.map((clause) => clause.id)).toEqual(TWELVE)
    for (const language of ['en', 'de'])
      expect(Object.keys(policy.statements[language] ?? {}).sort()).toEqual([...TWELVE].sort())
  })

  it('lets no ladder go further than a review by people', () => {
    for (const { ladder } of bundleOf(OWN).policy.clauses) expect(ladder.steps.at(-1)?.act).toBe('review')
  })

  it('first lowers the rate of those who exhaust, and asks those who harvest to register', () => {
    const ladderOf = (id: string) => bundleOf(OWN).policy.clauses.find((clause) => clause.id === id)?.ladder
    expect(ladderOf('fair-use.exhaustion')?.steps.map((step) => `${step.act} ${step.scope}`)).toEqual([
      'warning narrowest',
      'restriction rate',
      'suspension api',
      'review account',
    ])
    expect(ladderOf('fair-use.scraping')?.steps[0]?.act).toBe('warning')
    expect(ladderOf('prohibited.malware')?.corroboration).toBe(2)
    expect(ladderOf('fair-use.circumvention')?.corroboration).toBe(2)
  })

  it('tells customers no figure and no percentage', () => {
    for (const texts of Object.values(bundleOf(OWN).policy.statements))
      for (const { summary, remediate } of Object.values(texts)) {
        const told = `${summary} ${remediate}`.replace(/\b(18)\b/g, '')
        expect(told).not.toMatch(/\d|%/)
      }
  })

  it('judges the key where all evidence is kept by key, and the account elsewhere', () => {
    const levels = bundleOf(OWN)
      .topologies.flatMap((topology) => topology.detectors)
      .map((detector) => [detector.id, detector.level])
    expect(Object.fromEntries(levels)).toMatchObject({
      'exhaustion.limit-hammering': 'key',
      'exhaustion.gpu-hog': 'account',
      'circumvention.key-rotation': 'account',
    })
  })
})

describe('the digest', () => {
  const { sha256 } = bundleOf(OWN)

  it('does not change with comments, white space and the order of words', () => {
    const files = changed(
      'capacity.yaml',
      'topology: capacity\nkey: poolId',
      '# here\nkey:   poolId\ntopology: capacity',
    )
    expect(bundleOf(files).sha256).toBe(sha256)
  })

  it('changes with every threshold', () => {
    expect(bundleOf(changed('capacity.yaml', '0.95', '0.96')).sha256).not.toBe(sha256)
  })
})

describe('checking', () => {
  it('says that the policy is missing where it is', () => {
    const { problems, bundle } = checkBundle(new Map([...OWN].filter(([file]) => file !== 'aup.yaml')), null)
    expect(bundle).toBeNull()
    expect(problems.map(renderProblem)).toEqual([
      'aup.yaml:1:1: this file is missing: it is the policy that the topologies enforce',
    ])
  })

  it('tells the mistakes of all files at once, in their order', () => {
    const files = new Map([
      ...changed('usage.yaml', 'once: 1h', 'onec: 1h'),
      [
        'capacity.yaml',
        (OWN.get('capacity.yaml') ?? '').replace('telemetry.gpuActiveRatio', 'telemetry.gpu'),
      ],
    ])
    expect(checkBundle(files, null).problems.map((problem) => problem.file)).toEqual([
      'capacity.yaml',
      'usage.yaml',
    ])
  })

  it('never throws, and places every problem, whatever is cut out or written in', () => {
    const file = fc.constantFrom(...OWN.keys())
    const scrap = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('"', "'", '{', '}', ': ', '\n', '&&', '(', '*a', '[]', '- ', '~', '!'),
    )
    fc.assert(
      fc.property(file, fc.nat(), fc.nat({ max: 30 }), scrap, (name, place, length, text) => {
        const before = OWN.get(name) ?? ''
        const at = place % before.length
        const after = before.slice(0, at) + text + before.slice(at + length)
        for (const problem of checkBundle(new Map([...OWN, [name, after]]), SCENARIOS).problems) {
          expect(problem.line).toBeGreaterThan(0)
          expect(problem.column).toBeGreaterThan(0)
          expect(renderProblem(problem)).not.toMatch(/undefined|\[object|at .*\.ts:/)
        }
      }),
      { numRuns: 150 },
    )
  })
})
