/** What all seeds came to together: the bars, every wrong finding, and recall, delay and price by level of evasion. */
import { EVASION_LEVELS, WORLD_VERSION } from '../../src/simulate/acceptance/world.ts'
import { quantile } from '../statistics.ts'
import type { Found, SeedOutcome, Wrong } from './outcome.ts'
import { poissonUpper95 } from './poisson.ts'

const LEAST_ACCOUNT_DAYS = 50_000
const LEAST_REQUESTS = 10_000_000
const MOST_WARNINGS_PER_10_000 = 1
const MINUTE_MS = 60_000

export interface Bar {
  readonly name: string
  readonly wanted: string
  readonly seen: string
  readonly reached: boolean
}

/** One detector at one level of evasion. */
export interface Level {
  readonly detectorId: string
  readonly evasion: number
  readonly abusers: number
  readonly found: number
  /** By any detector. */
  readonly foundByAny: number
  readonly followed: number
  readonly medianDelayMinutes: number | null
  readonly gain: string
  /** Of what the crude one of the same seeds gained by the hour. */
  readonly gainShare: number
}

export interface Report {
  readonly worldVersion: number
  readonly seeds: readonly number[]
  readonly days: number
  readonly honestAccountDays: number
  readonly honestRequests: number
  readonly requests: number
  readonly warnings: number
  readonly warningsPer10000: number
  readonly warningsPer10000Upper95: number
  readonly bars: readonly Bar[]
  readonly wrongs: readonly (Wrong & { readonly seed: number })[]
  readonly levels: readonly Level[]
  readonly cpuSeconds: number
}

export function reportOf(outcomes: readonly SeedOutcome[], days: number): Report {
  const sum = (of: (outcome: SeedOutcome) => number) => outcomes.reduce((total, one) => total + of(one), 0)
  const wrongs = outcomes.flatMap(({ seed, wrongs }) => wrongs.map((wrong) => ({ seed, ...wrong })))
  const honestAccountDays = sum((one) => one.honestAccountDays)
  const honestRequests = sum((one) => one.honestRequests)
  const warnings = wrongs.filter(({ kind }) => kind === 'warning').length
  const per10000 = (count: number) => (count * 10_000) / honestAccountDays
  const upper = per10000(poissonUpper95(warnings))
  return {
    worldVersion: WORLD_VERSION,
    seeds: outcomes.map(({ seed }) => seed),
    days,
    honestAccountDays,
    honestRequests,
    requests: sum((one) => one.requests),
    warnings,
    warningsPer10000: per10000(warnings),
    warningsPer10000Upper95: upper,
    bars: [
      bar(
        'honest account-days',
        `>= ${LEAST_ACCOUNT_DAYS}`,
        honestAccountDays,
        honestAccountDays >= LEAST_ACCOUNT_DAYS,
      ),
      bar(
        'requests of honest accounts',
        `>= ${LEAST_REQUESTS}`,
        honestRequests,
        honestRequests >= LEAST_REQUESTS,
      ),
      ...closedBar(wrongs),
      bar(
        'wrong warnings per 10,000 account-days, upper 95 % bound',
        `<= ${MOST_WARNINGS_PER_10_000}`,
        Number(upper.toFixed(2)),
        upper <= MOST_WARNINGS_PER_10_000,
      ),
    ],
    wrongs,
    levels: levelsOf(outcomes.flatMap(({ found }) => found)),
    cpuSeconds: sum((one) => one.cpuSeconds),
  }
}

function bar(name: string, wanted: string, seen: number, reached: boolean): Bar {
  return { name, wanted, seen: String(seen), reached }
}

/** Accounts, not acts: a second restriction of one account makes it no better. */
function closedBar(wrongs: Report['wrongs']): readonly Bar[] {
  const closed = wrongs.filter(({ kind }) => kind === 'restriction' || kind === 'suspension')
  const accounts = new Set(closed.map(({ seed, accountId }) => `${seed}/${accountId}`)).size
  return [bar('honest accounts restricted or suspended', '0', accounts, accounts === 0)]
}

function levelsOf(found: readonly Found[]): readonly Level[] {
  const detectors = [...new Set(found.map(({ detectorId }) => detectorId))]
  return detectors.flatMap((detectorId) => {
    const own = found.filter((one) => one.detectorId === detectorId)
    const crude = meanGain(own.filter(({ evasion }) => evasion === 0))
    return EVASION_LEVELS.map((evasion) =>
      levelOf(
        detectorId,
        evasion,
        own.filter((one) => one.evasion === evasion),
        crude,
      ),
    )
  })
}

function levelOf(detectorId: string, evasion: number, own: readonly Found[], crude: number): Level {
  const delays = own.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs])).sort((a, b) => a - b)
  const median = quantile(delays, 0.5) / MINUTE_MS
  return {
    detectorId,
    evasion,
    abusers: own.length,
    found: delays.length,
    foundByAny: own.filter(({ anyDelayMs }) => anyDelayMs !== null).length,
    followed: own.filter(({ followed }) => followed !== null).length,
    medianDelayMinutes: Number.isNaN(median) ? null : Math.round(median * 10) / 10,
    gain: own[0]?.gain ?? '',
    gainShare: meanGain(own) / crude,
  }
}

function meanGain(found: readonly Found[]): number {
  return found.reduce((sum, { gainPerHour }) => sum + gainPerHour, 0) / Math.max(1, found.length)
}

/** For people, as Markdown: what stands in docs/acceptance.md. */
export function linesOf(report: Report): readonly string[] {
  return [
    `World version ${report.worldVersion}, seeds ${report.seeds[0]} to ${report.seeds.at(-1)} (${report.seeds.length}), ${report.days} days each; ` +
      `${report.requests} requests in all, ${Math.round(report.cpuSeconds)} CPU seconds.`,
    '',
    '| bar | wanted | seen | |',
    '| --- | --- | --- | --- |',
    ...report.bars.map(
      (one) =>
        `| ${one.name} | ${one.wanted} | ${one.seen} | ${one.reached ? 'reached' : '**NOT reached**'} |`,
    ),
    '',
    ...wrongLines(report),
    '',
    '| detector | evasion | found | by any | followed | median delay, min | attacker keeps |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...report.levels.map(levelLine),
  ]
}

function wrongLines({ wrongs, warnings }: Report): readonly string[] {
  if (wrongs.length === 0) return ['No finding about an honest account.']
  return [
    `${warnings} wrong warnings, ${wrongs.length} findings about honest accounts in all:`,
    '',
    '| seed, day | account | what followed | detector | what the condition read |',
    '| --- | --- | --- | --- | --- |',
    ...wrongs.map(
      ({ seed, day, accountId, kind, detectorId, reason }) =>
        `| ${seed}, ${day} | ${accountId} | ${kind} | ${detectorId} | ${reason} |`,
    ),
  ]
}

function levelLine(level: Level): string {
  const { detectorId, evasion, abusers, found, foundByAny, followed, medianDelayMinutes, gain } = level
  const keeps = `${Math.round(level.gainShare * 100)} % of ${gain}`
  return `| ${detectorId} | ${evasion} | ${found}/${abusers} | ${foundByAny}/${abusers} | ${followed}/${abusers} | ${medianDelayMinutes ?? '-'} | ${keeps} |`
}
