/**
 * Variables that nobody reads and that look like a setting: what was meant by them holds nowhere, and a default does. Those of
 * others are none of ours (an orchestrator's own begin with BAILIFF_ where it runs a service of that name).
 */
import { SETTING_NAMES, type Environment } from '../service/settings.ts'
import { didYouMean } from '../topology/problem.ts'

export interface Misspelled {
  readonly given: string
  readonly meant: string
}

const FILE = '_FILE'

/** Each with the setting that is closest to it, where that one is not given as well. */
export function misspelledSettings(environment: Environment): readonly Misspelled[] {
  const known = new Set(SETTING_NAMES.flatMap((name) => [name, `${name}${FILE}`]))
  const grouped = new Map(SETTING_NAMES.map((name) => [inGroup(name), name]))
  return Object.keys(environment).flatMap((given) => {
    if (known.has(given)) return []
    const suffix = given.endsWith(FILE) ? FILE : ''
    const near = didYouMean(inGroup(given.slice(0, given.length - suffix.length)), grouped.keys())
    const name = near === null ? undefined : grouped.get(near)
    if (name === undefined || isGiven(name, environment)) return []
    return sharesGroup(given, name) ? [{ given, meant: `${name}${suffix}` }] : []
  })
}

function isGiven(name: string, environment: Environment): boolean {
  return environment[name] !== undefined || environment[`${name}${FILE}`] !== undefined
}

/** What all of a group begin with makes no name closer to another. */
function inGroup(name: string): string {
  return name.replace('_', '.')
}

function sharesGroup(given: string, name: string): boolean {
  return inGroup(given).split('.')[0] === inGroup(name).split('.')[0]
}
