/**
 * The platform of the acceptance run: twelve days of a few hundred honest accounts, every look-alike among them, and on
 * each of the last five days every kind of abuser, more careful from day to day.
 *
 * F1. Frozen: what it does changes only together with `WORLD_VERSION`, and results name the version. A test holds the
 *     digest of its events.
 * F2. The same seed gives the same events, byte for byte.
 * F3. The versions before it can still be had, event for event, so that figures can be told apart.
 * F4. Abusers are accounts of their own, each on its own day; only the owner of a stolen key is honest too.
 */
import type { AccountState } from '../../domain/account.ts'
import { HOUR_MS, NOBODY, POOLS, type Cast, type PoolPlan } from '../cast.ts'
import type { Truth } from '../customer.ts'
import { slotsPerGpu } from '../model-catalogue.ts'
import { regulars, sized, type Population, type SizedPool } from '../population.ts'
import { LOOK_ALIKES } from '../look-alike/look-alikes.ts'
import { Random } from '../random.ts'
import type { SimulatedEvent } from '../simulated-event.ts'
import { Traffic } from '../traffic.ts'
import { ACCEPTANCE_ABUSERS, TAKERS, TAKERS_OF_VERSION_3 } from './abuse/abusers.ts'
import { DAY_MS, type Abuser, type Act, type Gain } from './act.ts'
import { ACCEPTANCE_LOOK_ALIKES, READERS_OF_PAGES } from './honest/look-alikes.ts'
import { tellsOwnHosts, type HostHasher } from './hosts.ts'

/** Of everything in this folder and all that it is made of. Results of different versions are not to be compared. */
export const WORLD_VERSION = 4 as const
/** 2: without hosts, and without those who name addresses. 3: with takers of pages that knew the detectors. */
export type WorldVersion = 2 | 3 | typeof WORLD_VERSION

export const EVASION_LEVELS = [0, 0.25, 0.5, 0.75, 1] as const

/** Baselines of keys want seven days; the abusers come after them, one level of evasion a day. */
const QUIET_DAYS = 7
export const LEAST_DAYS = QUIET_DAYS + EVASION_LEVELS.length

export interface WorldOptions {
  readonly seed: number
  /** Midnight UTC, epoch milliseconds. */
  readonly startMs: number
  /** At least `LEAST_DAYS`. */
  readonly days: number
  /** Ordinary customers; look-alikes come on top. */
  readonly accounts: number
  /** Of all ordinary customers together, as expected. */
  readonly requestsPerDay: number
  readonly version: WorldVersion
  /** Makes the keyed hashes of hosts that verdicts will carry. */
  readonly hosts: HostHasher
}

export interface AcceptanceTruth extends Truth {
  readonly evasion: number
  readonly abuseEndedAtMs: number
  readonly gain: Gain
  /** The account is somebody else's, and its owner is honest. */
  readonly victim: boolean
}

export interface World {
  readonly accounts: readonly AccountState[]
  readonly truths: readonly AcceptanceTruth[]
  events(): Iterable<SimulatedEvent>
}

const TEXT_SHARE = 0.1
/** One sample a minute: a fortnight has many. */
const TELEMETRY_MS = 60_000
const LEAST_GPUS = 2
/** Look-alikes of the demo that last an hour, and are about behaviour. */
const HOURLY = [
  'hugeCustomer',
  'launchDay',
  'nightlyBatch',
  'evaluationHarness',
  'retryStorm',
  'quotaLowered',
  'rotationByPolicy',
  'teamBehindOneAddress',
] as const

export function createWorld(options: WorldOptions): World {
  if (options.days < LEAST_DAYS) throw new RangeError(`an acceptance run has at least ${LEAST_DAYS} days`)
  const { population, truths } = populate(options)
  const states = new Map(population.customers.map(({ account }) => [account.accountId, account]))
  const { seed, startMs, days } = options
  const traffic = { seed, startMs, durationMs: days * DAY_MS, telemetryMs: TELEMETRY_MS }
  return {
    accounts: [...states.values()],
    truths,
    events: () => new Traffic(traffic, populate(options).population).events(),
  }
}

interface Played {
  readonly cast: Cast
  readonly truth: AcceptanceTruth | null
}

function populate(options: WorldOptions) {
  const { seed, startMs, days, accounts, requestsPerDay } = options
  const span = { fromMs: startMs, toMs: startMs + days * DAY_MS }
  const ordinary = regulars({
    seed,
    textShare: TEXT_SHARE,
    count: accounts,
    requests: requestsPerDay * days,
    span,
  })
  const pools = Object.values(POOLS).map((pool) => sized({ ...pool, leastGpus: LEAST_GPUS }, ordinary))
  const played = [...abuse(options, pools), ...lookAlikes(options, pools), ...hourly(options)]
  const untold = together([
    ...played.map((one) => one.cast),
    { ...NOBODY, customers: ordinary.map((one) => one.customer) },
  ])
  const cast = options.version === 2 ? untold : tellsOwnHosts(untold, options.hosts)
  const population: Population = { ...cast, pools, truths: [], lookAlikes: [] }
  return { population, truths: played.flatMap(({ truth }) => (truth === null ? [] : [truth])) }
}

function together(casts: readonly Cast[]): Cast {
  return {
    ...NOBODY,
    customers: casts.flatMap((cast) => cast.customers),
    happenings: casts.flatMap((cast) => cast.happenings),
    incidents: casts.flatMap((cast) => cast.incidents),
  }
}

export function abusersOf(version: WorldVersion): Readonly<Record<string, Abuser>> {
  if (version === 2) return ACCEPTANCE_ABUSERS
  return { ...ACCEPTANCE_ABUSERS, ...(version === 3 ? TAKERS_OF_VERSION_3 : TAKERS) }
}

/** Every kind of abuser on each of the last days. */
function abuse(options: WorldOptions, pools: readonly SizedPool[]): readonly Played[] {
  return Object.keys(abusersOf(options.version)).flatMap((detectorId) =>
    EVASION_LEVELS.map((evasion, level) => abuserOf(options, pools, detectorId, evasion, level)),
  )
}

function abuserOf(
  options: WorldOptions,
  pools: readonly SizedPool[],
  detectorId: string,
  evasion: number,
  level: number,
): Played {
  const abuser = abusersOf(options.version)[detectorId]
  if (abuser === undefined) throw new RangeError(`there is no abuser for ${detectorId}`)
  const { seed, startMs, days } = options
  const accountId = `acct-${detectorId.replaceAll('.', '-')}-${level}`
  const firstDay = days - EVASION_LEVELS.length + level
  const fromMs = startMs + firstDay * DAY_MS + abuser.fromHour * HOUR_MS
  const toMs = fromMs + abuser.hours * HOUR_MS
  const random = new Random(seed, accountId)
  const cast = abuser.play({ accountId, fromMs, toMs, random, evasion, slotsOf: slotsIn(pools) })
  const { clause, gain, victim = false } = abuser
  const span = { abuseBeganAtMs: fromMs, abuseEndedAtMs: toMs }
  return { cast, truth: { accountId, detectorId, clause, ...span, evasion, gain, victim } }
}

/** Those that are there all the time. */
function lookAlikes(options: WorldOptions, pools: readonly SizedPool[]): readonly Played[] {
  const { seed, startMs, days, version } = options
  const span = { fromMs: startMs, toMs: startMs + days * DAY_MS }
  const all = version === 2 ? ACCEPTANCE_LOOK_ALIKES : { ...ACCEPTANCE_LOOK_ALIKES, ...READERS_OF_PAGES }
  return Object.entries(all).map(([name, play]) => {
    const accountId = `acct-${name}`
    const random = new Random(seed, accountId)
    return { cast: play({ ...span, accountId, random, evasion: 0, slotsOf: slotsIn(pools) }), truth: null }
  })
}

/** Those of the demo, each in an hour of a day of its own. */
function hourly({ seed, startMs }: WorldOptions): readonly Played[] {
  return HOURLY.map((name, at) => {
    const random = new Random(seed, name)
    const fromMs = startMs + (at % QUIET_DAYS) * DAY_MS + random.integer(8, 20) * HOUR_MS
    return { cast: LOOK_ALIKES[name]({ fromMs, toMs: fromMs + HOUR_MS, random, evasion: 0 }), truth: null }
  })
}

function slotsIn(pools: readonly SizedPool[]): Act['slotsOf'] {
  return (plan: PoolPlan) => {
    const pool = pools.find((one) => one.plan.poolId === plan.poolId)
    if (pool === undefined) throw new RangeError(`there is no pool ${plan.poolId}`)
    return pool.gpuCount * slotsPerGpu(plan.model)
  }
}
