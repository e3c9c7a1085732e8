/** A topology and a policy in words, for people who review a change: what is computed, when it fires, what follows. */
import { formatDuration } from '../domain/duration.ts'
import type { CompiledDetector, CompiledTopology, FeatureSpec } from './model.ts'
import type { Clause, LadderStep, Policy, Weighing } from './policy.ts'

/** Lines of text; ends with a newline. */
export function describeTopology(topology: CompiledTopology): string {
  const { name, key, sources, features, derived, featureTexts, detectors, interval } = topology
  const width = Math.max(0, ...[...features, ...derived].map((feature) => feature.name.length))
  return lines([
    `topology ${name}, keyed by ${key}, up to ${formatDuration(topology.latenessMs)} late`,
    ...sources.map((source) => `  reads ${source}`),
    ...(topology.poolWindowMs > 0
      ? [`  joins the pool's pressure of ${formatDuration(topology.poolWindowMs)}`]
      : []),
    ...Object.entries(topology.lists).map(([name, who]) => `  asks for the list ${name}: ${who}`),
    '',
    ...features.map(
      (feature) =>
        `  ${feature.name.padEnd(width)}  ${featureTexts[feature.index] ?? ''}${paneText(feature)}`,
    ),
    ...derived.map((feature) => `  ${feature.name.padEnd(width)}  ${feature.text}`),
    ...detectors.flatMap((detector) => ['', ...detectorLines(detector)]),
    ...(interval === null
      ? []
      : ['', `  saturated when ${interval.text.saturated}`, `  degraded when ${interval.text.degraded}`]),
  ])
}

/** What is kept in panes. */
function paneText({ shape, paneMs }: FeatureSpec): string {
  return shape === 'session' || shape === 'lasting' ? '' : `, in panes of ${formatDuration(paneMs)}`
}

function detectorLines(detector: CompiledDetector): readonly string[] {
  const { id, version, clause, mode, level, onceMs, text, evidence, collections, lookAlikes } = detector
  const share = mode === 'canary' ? ` for ${detector.canaryShare * 100} % of accounts` : ''
  return [
    `  detector ${id} version ${version}, ${mode}${share}, clause ${clause}`,
    `    ${detector.description}`,
    `    when ${text.when}`,
    `    confidence ${text.confidence}`,
    `    names the ${level}${narrowingText(detector)}, once in ${formatDuration(onceMs)}, on ${collections.join(' and ')}`,
    `    shows ${evidence.map((one) => one.name).join(', ')}`,
    `    not to be confused with ${lookAlikes.join('; ')}`,
    `    owned by ${detector.owner}`,
  ]
}

function narrowingText({ narrowings, narrowShare }: CompiledDetector): string {
  const parts = narrowings.map(({ level, figures }) => {
    return `the ${level} that has ${narrowShare * 100} % of ${figures.map(({ whole }) => whole.name).join(' and ')}`
  })
  return parts.map((part) => `, or ${part}`).join('')
}

/** Lines of text; ends with a newline. */
export function describePolicy(policy: Policy): string {
  return lines([
    `policy version ${policy.version}, in force from ${new Date(policy.effectiveFromMs).toISOString()}`,
    `  ${policy.terminationApprovals} people before a termination, ${policy.referralApprovals} before a referral`,
    `  an automated suspension ends after ${formatDuration(policy.automatedSuspensionCapMs)} without a person`,
    `  appeals for ${formatDuration(policy.appealWindowMs)}`,
    ...policy.clauses.flatMap((clause) => ['', ...clauseLines(clause)]),
  ])
}

function clauseLines(clause: Clause): readonly string[] {
  const { ladder } = clause
  const seen = clause.verbs.map((verb) => {
    if ('notObservable' in verb) return `    ${verb.verb}: not seen, ${verb.notObservable}`
    return 'detector' in verb
      ? `    ${verb.verb}: ${verb.detector}, ${verb.observable}`
      : `    ${verb.verb}: ${verb.planned} (planned), ${verb.observable}`
  })
  const { reviewOnly, weighs, remediedBy } = clause
  const steps = ladder.reviewOnly ? ['people decide'] : ladder.steps.map(stepText)
  return [
    `  ${clause.severity} ${clause.id} version ${clause.version}`,
    ...seen,
    ...(reviewOnly.length === 0 ? [] : [`    people decide what ${reviewOnly.join(' and ')} finds`]),
    ...weighs.map(weighingText),
    ...(remediedBy.length === 0
      ? []
      : [`    a warning is remedied by a grant of ${remediedBy.join(' or ')}`]),
    `    ${findingsText(ladder)}, then ${steps.join(', then ')}`,
    `    at most one act in ${formatDuration(ladder.coolDownMs)}; ${strikeText(ladder)}`,
  ]
}

function strikeText({ strikeExpiryMs, strikeWeight }: Clause['ladder']): string {
  const steps = strikeWeight === 1 ? '' : `a strike moves ${count(strikeWeight, 'step')}, `
  return `${steps}forgotten after ${formatDuration(strikeExpiryMs)}`
}

function findingsText({ corroboration, corroborationWindowMs, minConfidence }: Clause['ladder']): string {
  const within = corroboration === 1 ? '' : ` within ${formatDuration(corroborationWindowMs)}`
  return `${count(corroboration, 'signal')} of ${minConfidence} or more${within}`
}

function weighingText({ detector, on, standsMs }: Weighing): string {
  return `    ${detector} leads to nothing, and weighs on ${on.join(' and ')} for ${formatDuration(standsMs)}`
}

function stepText({ act, scope, durationMs, rateCeilingPerMinute, reviewWithinMs }: LadderStep): string {
  if (act === 'review') return `review within ${formatDuration(reviewWithinMs ?? 0)}`
  const ceiling = rateCeilingPerMinute === null ? '' : ` to ${rateCeilingPerMinute} a minute`
  return `${act} of ${scope}${ceiling} for ${formatDuration(durationMs)}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
