/**
 * Scenario files from their folder: read and checked, each mistake with its place.
 *
 * F1. A file bears its detector's name, and its detector exists.
 * F2. It has at least one scenario that fires, two near misses and one evasion.
 * F3. Who acts in a scenario, and who is waited for, is one of its accounts; what else can be wrong with one stands in
 *     `scenario-mistakes.ts`.
 */
import { scenarioFileSchema, type Scenario, type ScenarioFile } from '../../simulate/scenario.ts'
import { LocatedYaml } from '../../topology/located-yaml.ts'
import { meantHint, type Problem } from '../../topology/problem.ts'
import { scenarioMistakes, type Known } from './scenario-mistakes.ts'

/** How many of each kind a detector needs at least. */
const LEAST: Readonly<Record<Scenario['kind'], number>> = { fires: 1, nearMiss: 2, evasion: 1 }
const KINDS: Readonly<Record<Scenario['kind'], string>> = {
  fires: 'scenario that fires',
  nearMiss: 'near misses',
  evasion: 'evasion',
}

export interface ReadScenarios {
  /** Those without a mistake, in the order of their names. */
  readonly files: readonly ScenarioFile[]
  readonly problems: readonly Problem[]
}

export function readScenarios(texts: ReadonlyMap<string, string>, known: Known): ReadScenarios {
  const read = [...texts].map(([name, text]) => readFile(name, text, known))
  return {
    files: read.flatMap(({ file }) => (file === null ? [] : [file])),
    problems: read.flatMap(({ problems }) => problems),
  }
}

interface ReadFile {
  readonly file: ScenarioFile | null
  readonly problems: readonly Problem[]
}

function readFile(name: string, text: string, known: Known): ReadFile {
  const yaml = new LocatedYaml(name, text)
  const syntax = yaml.syntaxProblems()
  if (syntax.length > 0) return { file: null, problems: syntax }
  const shape = yaml.parse(scenarioFileSchema)
  if ('problems' in shape) return { file: null, problems: shape.problems }
  const ofDetector = detectorProblems(yaml, shape.value, known.detectors)
  const problems = [
    ...ofDetector,
    ...shape.value.scenarios.flatMap((scenario, at) => peopleProblems(yaml, scenario, at)),
    // A wrong detector, or too few of a kind, would be told again by each scenario.
    ...(ofDetector.length > 0 ? [] : scenarioMistakes(yaml, shape.value, known)),
  ]
  return { file: problems.length === 0 ? shape.value : null, problems }
}

function detectorProblems(
  yaml: LocatedYaml,
  { detector, scenarios }: ScenarioFile,
  detectors: Known['detectors'],
): readonly Problem[] {
  const problems: Problem[] = []
  const say = (message: string, hint: string | null): void =>
    void problems.push(yaml.problemAt(['detector'], 'scenario', message, hint))
  if (detectors?.has(detector) === false) {
    const hint = meantHint(detector, detectors.keys()) ?? 'no topology of the folder has it'
    say(`no detector ${detector}`, hint)
  }
  if (yaml.file !== `${detector}.yaml`) say(`the file is named ${yaml.file}`, `name it ${detector}.yaml`)
  for (const kind of ['fires', 'nearMiss', 'evasion'] as const) {
    const found = scenarios.filter((scenario) => scenario.kind === kind).length
    if (found >= LEAST[kind]) continue
    say(`${detector} needs at least ${LEAST[kind]} ${KINDS[kind]}, and has ${found}`, `kind: ${kind}`)
  }
  return problems
}

function peopleProblems(yaml: LocatedYaml, scenario: Scenario, at: number): readonly Problem[] {
  const accounts = Object.keys(scenario.accounts)
  const pools = Object.keys(scenario.pools)
  const known = (list: string, index: number, word: string, name: string, names: readonly string[]) => {
    if (names.includes(name)) return []
    const hint = meantHint(name, names) ?? `it knows ${names.join(', ') || 'none'}`
    const path = ['scenarios', at, list, index, word]
    return [yaml.problemAt(path, 'scenario', `the scenario has no ${word} ${name}`, hint)]
  }
  return [
    ...scenario.does.flatMap(({ account }, index) => known('does', index, 'account', account, accounts)),
    ...scenario.does.flatMap(({ pool }, index) =>
      pool === null ? [] : known('does', index, 'pool', pool, pools),
    ),
    ...scenario.says.flatMap(({ account }, index) => known('says', index, 'account', account, accounts)),
    ...scenario.events.flatMap(({ account }, index) => known('events', index, 'account', account, accounts)),
    ...scenario.must.flatMap(({ account }, index) => known('must', index, 'account', account, accounts)),
  ]
}
