/** A bundle of three detectors with its scenarios: small enough to be tested and published within a second or two. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Features and thresholds of `changed` and `fresh` differ between the two, `kept` is the same. */
export interface Rules {
  readonly where: string
  readonly changed: number
  readonly fresh: number
  /** Names a feature that is not there. */
  readonly misspelt: boolean
}
export const FIRST: Rules = { where: '', changed: 25, fresh: 3, misspelt: false }
export const SECOND: Rules = { where: ' && status == "ok"', changed: 5, fresh: 2, misspelt: false }

function usageYaml({ where, changed, fresh, misspelt }: Rules): string {
  const detector = (name: string, feature: string, least: number): string => `
  - { id: roll.${name}, clause: roll.${name}, version: 1, mode: live, owner: tests, description: Some requests.,
      lookAlikes: [fewer requests], when: ${feature} >= ${least}, confidence: 'logistic(${feature}, 0.0, 0.1)',
      once: 1h, evidence: [${feature}] }`
  return `topology: usage
key: accountId
sources: [inference.usage.v1, inference.verdicts.v1, accounts.state.v1]
lateness: 30s
features:
  kept_1h: { count: usage, where: 'model == "kept"', window: 1h }
  changed_30m: { count: usage, where: 'model == "changed"${where}', window: 30m, pane: 5m }
  fresh_5s: { count: usage, where: 'model == "fresh"${where}', window: 5s }
detectors:${detector('kept', misspelt ? 'ketp_1h' : 'kept_1h', 30)}${detector('changed', 'changed_30m', changed)}${detector('fresh', 'fresh_5s', fresh)}
`
}

function scenariosYaml(name: string, often: number, seldom: number): string {
  const scenario = (at: number, kind: string, perMinute: number): string => `
  - name: ${kind} ${at}
    why: It is so.
    kind: ${kind}
    accounts: { someone: {} }
    does: [{ account: someone, to: 10m, perMinute: ${perMinute}, model: ${name} }]
    must: ${perMinute === often ? `[{ signal: roll.${name}, account: someone, before: 10m }]` : '[]'}`
  const kinds = [
    ['fires', often],
    ['nearMiss', seldom],
    ['nearMiss', seldom],
    ['evasion', often],
  ] as const
  return `detector: roll.${name}\nscenarios:${kinds.map(([kind, rate], at) => scenario(at, kind, rate)).join('')}\n`
}

function aupYaml(): string {
  const [head = ''] = readFileSync('test/chaos/bundle/aup.yaml', 'utf8').split('\nclauses:')
  const clauses = ['kept', 'changed', 'fresh'].map(
    (
      name,
    ) => `  - { id: roll.${name}, title: Not many, version: 1, severity: S2, reasonCode: roll, detectors: [roll.${name}],
      verbs: { ask: { observable: requests, detector: roll.${name}, act: limit, scenario: roll.${name} } } }`,
  )
  const texts = ['kept', 'changed', 'fresh'].map(
    (name) => `    roll.${name}: { summary: 'Many in {window}.', remediate: Slow down. }`,
  )
  return `${head}\nclauses:\n${clauses.join('\n')}\nstatements:\n  en:\n${texts.join('\n')}\n`
}

/** Writes the bundle into a folder; gives the folder. */
export function writeBundle(folder: string, rules: Rules): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'aup.yaml'), aupYaml())
  writeFileSync(join(folder, 'usage.yaml'), usageYaml(rules))
  copyFileSync('topologies/capacity.yaml', join(folder, 'capacity.yaml'))
  return folder
}

export function writeScenarios(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'roll.kept.yaml'), scenariosYaml('kept', 6, 1))
  writeFileSync(join(folder, 'roll.changed.yaml'), scenariosYaml('changed', 4, 0.3))
  writeFileSync(join(folder, 'roll.fresh.yaml'), scenariosYaml('fresh', 90, 6))
}
