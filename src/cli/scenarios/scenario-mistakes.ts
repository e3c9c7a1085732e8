/**
 * What is wrong with a scenario that has the right shape.
 *
 * M1. It asserts what its kind says: where it fires its own detector is waited for, and a near miss does not wait for it.
 * M2. What it waits for, and on which lists it sets whom, exists; each scenario of a file has its own name.
 * M3. Spans of time go forward, and its events are no more than can be run.
 */
import type { Scenario, ScenarioFile } from '../../simulate/scenario.ts'
import type { LocatedYaml, Path } from '../../topology/located-yaml.ts'
import { meantHint, type Problem } from '../../topology/problem.ts'

/** What exists beside the scenarios; null where it is not known, as while the topologies have mistakes. */
export interface Known {
  /** By the id of each what it tells as evidence. */
  readonly detectors: ReadonlyMap<string, readonly string[]> | null
  readonly lists: readonly string[] | null
}

/** Of one scenario: as many as are run in a minute or two. */
const MOST_EVENTS = 200_000
const MINUTE_MS = 60_000
const TELEMETRY_MS = 15_000

export function scenarioMistakes(yaml: LocatedYaml, file: ScenarioFile, known: Known): readonly Problem[] {
  const say = (path: Path, message: string, hint: string | null): Problem =>
    yaml.problemAt(['scenarios', ...path], 'scenario', message, hint)
  return file.scenarios.flatMap((scenario, at) => [
    ...kindMistakes(scenario, at, file.detector, say),
    ...nameMistakes(scenario, at, file.scenarios, say),
    ...signalMistakes(scenario, at, known.detectors, say),
    ...listMistakes(scenario, at, known.lists, say),
    ...spanMistakes(scenario, at, say),
    ...countMistakes(scenario, at, say),
  ])
}

type Say = (path: Path, message: string, hint: string | null) => Problem

/** M1. */
function kindMistakes(scenario: Scenario, at: number, detector: string, say: Say): readonly Problem[] {
  const own = scenario.must.findIndex(({ signal }) => signal === detector)
  if (scenario.kind === 'fires' && own < 0) {
    const hint = `must: [{ signal: ${detector}, account: …, before: … }]`
    return [say([at, 'kind'], `a scenario that fires waits for ${detector}, and this one does not`, hint)]
  }
  if (scenario.kind !== 'nearMiss' || own < 0) return []
  const message = `a near miss of ${detector} does not wait for it`
  return [say([at, 'must', own, 'signal'], message, 'say kind: fires, or kind: evasion')]
}

function nameMistakes(
  { name }: Scenario,
  at: number,
  all: readonly Scenario[],
  say: Say,
): readonly Problem[] {
  if (all.findIndex((other) => other.name === name) === at) return []
  return [say([at, 'name'], `a second scenario ${name}`, 'one of them needs another name')]
}

function signalMistakes(
  { must }: Scenario,
  at: number,
  detectors: Known['detectors'],
  say: Say,
): readonly Problem[] {
  if (detectors === null) return []
  return must.flatMap(({ signal, evidence }, index) => {
    const told = detectors.get(signal)
    const path = [at, 'must', index]
    if (told === undefined)
      return [say([...path, 'signal'], `no detector ${signal}`, near(signal, [...detectors.keys()]))]
    return Object.entries(evidence).flatMap(([figure, { least, most }]) =>
      told.includes(figure)
        ? rangeMistakes([...path, 'evidence', figure, 'most'], least, most, say)
        : [say([...path, 'evidence', figure], `${signal} tells no ${figure}`, near(figure, told))],
    )
  })
}

function rangeMistakes(path: Path, least = -Infinity, most = Infinity, say: Say): readonly Problem[] {
  if (least <= most) return []
  return [say(path, `at least ${least} and at most ${most}: no figure is both`, 'least is the lower one')]
}

function listMistakes(
  { lists, accounts }: Scenario,
  at: number,
  declared: readonly string[] | null,
  say: Say,
): readonly Problem[] {
  const known = Object.keys(accounts)
  return Object.entries(lists).flatMap(([list, who]) => [
    ...(declared?.includes(list) === false
      ? [say([at, 'lists', list], `no topology declares a list ${list}`, near(list, declared))]
      : []),
    ...who.flatMap((account, index) =>
      known.includes(account)
        ? []
        : [say([at, 'lists', list, index], `the scenario has no account ${account}`, near(account, known))],
    ),
  ])
}

function near(name: string, known: readonly string[]): string {
  return meantHint(name, known) ?? `known: ${known.join(', ') || 'none'}`
}

/** M3. */
function spanMistakes({ does, says, pools, must }: Scenario, at: number, say: Say): readonly Problem[] {
  const backwards = (path: Path, from: number, to: number, words: string): readonly Problem[] =>
    from < to ? [] : [say([at, ...path], `${words}: nothing is between them`, null)]
  return [
    ...does.flatMap(({ from, to }, index) =>
      backwards(['does', index, 'to'], from, to, 'to is not after from'),
    ),
    ...says.flatMap(({ from, to }, index) =>
      backwards(['says', index, 'to'], from, to, 'to is not after from'),
    ),
    ...Object.entries(pools).flatMap(([pool, phases]) =>
      phases.flatMap(({ from, to }, index) =>
        backwards(['pools', pool, index, 'to'], from, to, 'to is not after from'),
      ),
    ),
    ...must.flatMap(({ after, before }, index) =>
      backwards(['must', index, 'before'], after, before, 'before is not after after'),
    ),
  ]
}

function countMistakes(scenario: Scenario, at: number, say: Say): readonly Problem[] {
  const events = eventsOf(scenario)
  if (events <= MOST_EVENTS) return []
  const message = `${scenario.name} has ${events.toLocaleString('en')} events, more than ${MOST_EVENTS.toLocaleString('en')}`
  return [say([at, 'name'], message, 'what holds at a rate for hours holds at a tenth of it too')]
}

/** How many there will be (`scenario-events.ts`), before any is made. */
function eventsOf({ does, says, events, pools }: Scenario): number {
  const spans = [...does, ...says].map(({ from, to, perMinute }) => ((to - from) / MINUTE_MS) * perMinute)
  const samples = Object.values(pools).flatMap((phases) =>
    phases.map(({ from, to }) => (to - from) / TELEMETRY_MS),
  )
  const happenings = events.map(({ times }) => times)
  return Math.ceil([...spans, ...samples, ...happenings].reduce((sum, one) => sum + Math.max(0, one), 0))
}
