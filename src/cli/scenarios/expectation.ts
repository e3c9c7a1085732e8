/**
 * What a scenario waits for, held against the signals that came.
 *
 * E1. The first signal of a detector about an account counts; where the actor is named, the first about that actor.
 * E2. A signal that nothing waits for must not be there.
 */
import type { Actor } from '../../domain/actor.ts'
import { formatDuration } from '../../domain/duration.ts'
import type { Signal } from '../../domain/signal.ts'
import type { ScenarioExpectation } from '../../simulate/scenario.ts'
import { meantHint } from '../../topology/problem.ts'
import { formatMinutes } from '../demo-story.ts'

/** One thing that is not as the scenario says. */
export interface Miss {
  readonly detectorId: string
  readonly accountId: string
  readonly message: string
}

/** @param signals in the order of their times */
export function missesOf(
  must: readonly ScenarioExpectation[],
  signals: readonly Signal[],
  startMs: number,
): readonly Miss[] {
  const strays = firstOfEach(signals).filter((signal) => !must.some((one) => isAbout(one, signal)))
  return [
    ...must.flatMap((one) => mustMisses(one, signals, startMs)),
    ...strays.map((signal) => strayMiss(signal, startMs)),
  ]
}

/** Of each detector and actor. */
function firstOfEach(signals: readonly Signal[]): readonly Signal[] {
  const first = new Map<string, Signal>()
  for (const signal of signals) {
    const name = `${signal.detectorId} ${signal.actor.accountId} ${nameOf(signal.actor)}`
    if (!first.has(name)) first.set(name, signal)
  }
  return [...first.values()]
}

function strayMiss({ detectorId, actor, occurredAtMs }: Signal, startMs: number): Miss {
  const message = `must not fire${onPart(actor)}, and fired after ${formatMinutes(occurredAtMs - startMs)}`
  return { detectorId, accountId: actor.accountId, message }
}

function mustMisses(must: ScenarioExpectation, signals: readonly Signal[], startMs: number): readonly Miss[] {
  const miss = (message: string): readonly Miss[] => [
    { detectorId: must.signal, accountId: must.account, message },
  ]
  const wanted = `must fire${wantedPart(must)} between ${formatDuration(must.after)} and ${formatDuration(must.before)}`
  const signal = signals.find((one) => isAbout(must, one))
  if (signal === undefined) return miss(`${wanted}, and did not`)
  const afterMs = signal.occurredAtMs - startMs
  if (afterMs < must.after || afterMs > must.before)
    return miss(`${wanted}, and fired after ${formatMinutes(afterMs)}`)
  return evidenceMisses(must, signal).flatMap(miss)
}

function isAbout({ signal: detectorId, account, actor }: ScenarioExpectation, signal: Signal): boolean {
  if (signal.detectorId !== detectorId || signal.actor.accountId !== account) return false
  if (actor === undefined) return true
  return signal.actor.level === actor.level && (actor.id === undefined || signal.actor.id === actor.id)
}

/** A figure each that is missing or lies elsewhere. */
function evidenceMisses({ evidence }: ScenarioExpectation, signal: Signal): readonly string[] {
  return Object.entries(evidence).flatMap(([name, { least, most }]) => {
    const value = signal.evidence.find((one) => one.name === name)?.value
    if (value === undefined) return [`must tell ${name}, and does not: ${toldInstead(name, signal)}`]
    if (value >= (least ?? -Infinity) && value <= (most ?? Infinity)) return []
    const bounds = [
      least === undefined ? [] : `at least ${least}`,
      most === undefined ? [] : `at most ${most}`,
    ]
    return [`must tell ${name} of ${bounds.flat().join(' and ')}, and tells ${value}`]
  })
}

function toldInstead(name: string, { evidence }: Signal): string {
  const names = evidence.map((one) => one.name)
  return meantHint(name, names) ?? `it tells ${names.join(', ') || 'nothing'}`
}

function wantedPart({ actor }: ScenarioExpectation): string {
  return actor === undefined ? '' : ` on ${[actor.level, actor.id ?? []].flat().join(' ')}`
}

/** Nothing of a signal about the whole account: it is named beside it. */
function onPart(actor: Actor): string {
  return actor.level === 'account' ? '' : ` on ${nameOf(actor)}`
}

function nameOf({ level, id }: Actor): string {
  return `${level} ${id}`
}
