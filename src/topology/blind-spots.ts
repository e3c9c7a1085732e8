/**
 * Which detectors can see anything in a platform's data: what each reads, and how much of that is there.
 *
 * B1. `blind`: something that the detector reads is never known, so that it cannot fire. `degraded`: known less often
 *     than in nine of ten places where it can be, or what is missing only guards (nothing of it is as good as none of
 *     it). `live`: all else; a field whose occasion has not come is no gap.
 * B2. Counts are kept, values are not (P9).
 */
import type { AccountState } from '../domain/account.ts'
import type { Collection, CompiledDetector, CompiledTopology, DetectorScope, FeatureSpec } from './model.ts'
import { detectorNames, RECORDED_JITTER } from './names.ts'
import { isOccasion } from './occasions.ts'
import { ACCOUNT_SOURCE, PRESSURE_SOURCE, sourceOf, STANDING_SOURCE } from './sources.ts'
import { HOST_OWNERS, vocabularyOf } from './vocabulary.ts'

/** The topic on which people publish lists. */
const LIST_SOURCE = 'bailiff.control.v1'
const ENOUGH = 0.9
const OWN_HOSTS = 'account.ownHosts'

export type Sight = 'live' | 'degraded' | 'blind'

/** Something that keeps a detector from seeing. */
export interface Gap {
  readonly source: string
  /** The field or name; null where the whole source is missing. */
  readonly name: string | null
  /** Share of the places where it could be known in which it is, 0 to 1. */
  readonly known: number
  /** Whether the detector cannot fire because of it. */
  readonly blinding: boolean
}

export interface Diagnosis {
  readonly detectorId: string
  readonly sight: Sight
  /** Worst first. */
  readonly gaps: readonly Gap[]
}

interface Count {
  seen: number
  known: number
}

type AccountReader = (account: AccountState) => boolean

/** What has been seen of a platform's data, as far as the topology reads it. */
export class DataSample {
  readonly #topology: CompiledTopology
  readonly #counts = new Map<string, Count>()
  readonly #records = new Map<string, number>()
  readonly #fields: ReadonlyMap<Collection, readonly string[]>
  readonly #accountNames: ReadonlyMap<string, AccountReader>
  readonly #seen = new Set<string>()
  readonly #told = new Set<string>()

  constructor(topology: CompiledTopology) {
    this.#topology = topology
    this.#fields = fieldsByCollection(topology)
    this.#accountNames = accountReaders(topology)
  }

  /** One event of a collection's source, of that account. */
  takeEvent(collection: Collection, accountId: string, body: unknown): void {
    this.#record(sourceOf(collection))
    this.#seen.add(accountId)
    for (const field of this.#fields.get(collection) ?? []) {
      if (!isOccasion(collection, field, body)) continue
      this.#count(sourceOf(collection), field, vocabularyOf(collection)[field]?.read(body) != null)
    }
  }

  takeAccount(account: AccountState): void {
    this.#record(ACCOUNT_SOURCE)
    this.#told.add(account.accountId)
    for (const [name, isKnown] of this.#accountNames) this.#count(ACCOUNT_SOURCE, name, isKnown(account))
  }

  /** One record of the pressure on a pool. */
  takePressure(): void {
    this.#record(PRESSURE_SOURCE)
  }

  /** A list that the topology declares, and whether it is known now: published, and not run out. */
  takeList(name: string, isKnown: boolean): void {
    this.#count(LIST_SOURCE, `lists.${name}`, isKnown)
  }

  /** Records by source, those without any too; standing is our own word, and no platform's. */
  records(): ReadonlyMap<string, number> {
    const told = this.#topology.sources.filter((source) => source !== STANDING_SOURCE)
    const sources = [...told, ...(this.#topology.poolWindowMs > 0 ? [PRESSURE_SOURCE] : [])]
    return new Map(sources.map((source) => [source, this.#records.get(source) ?? 0]))
  }

  diagnose(detector: CompiledDetector): Diagnosis {
    const gaps = this.#gapsOf(detector).sort(
      (a, b) => Number(b.blinding) - Number(a.blinding) || a.known - b.known,
    )
    const sight = gaps.some(({ blinding }) => blinding) ? 'blind' : gaps.length > 0 ? 'degraded' : 'live'
    return { detectorId: detector.id, sight, gaps }
  }

  #gapsOf(detector: CompiledDetector): Gap[] {
    const features = detector.readsFeatures.flatMap((index) => this.#topology.features[index] ?? [])
    const sources = new Set(features.map((feature) => sourceOf(feature.collection)))
    if (detector.readsAccount || features.some(readsOwners)) sources.add(ACCOUNT_SOURCE)
    if (detector.readsPool) sources.add(PRESSURE_SOURCE)
    const missing = [...sources].filter((source) => (this.#records.get(source) ?? 0) === 0)
    const fields = features.flatMap(({ collection, fields: names }) =>
      names.map((name) => ({ source: sourceOf(collection), name: toldAs(name) })),
    )
    const owners = features.some(readsOwners) ? [{ source: ACCOUNT_SOURCE, name: OWN_HOSTS }] : []
    const accountNames = detector.readings
      .filter(({ name }) => name.startsWith('account.'))
      .map(({ name }) => ({ source: ACCOUNT_SOURCE, name }))
    const lists = detector.readings
      .filter(({ name }) => name.startsWith('lists.'))
      .map(({ name }) => ({ source: LIST_SOURCE, name }))
    const pool = detector.readsPool ? [{ source: sourceOf('usage'), name: 'poolId' }] : []
    const there = unique([...fields, ...owners, ...accountNames, ...lists, ...pool]).filter(
      ({ source }) => !missing.includes(source),
    )
    return [
      ...missing.map((source): Gap => {
        const own = features.filter(({ collection }) => sourceOf(collection) === source)
        return { source, name: null, known: 0, blinding: !onlyGuard(own, detector) }
      }),
      ...there.flatMap(({ source, name }) => this.#fieldGap(source, name, detector, features)),
      ...(detector.readsAccount && !missing.includes(ACCOUNT_SOURCE) ? this.#untold() : []),
    ]
  }

  #fieldGap(
    source: string,
    name: string,
    detector: CompiledDetector,
    features: readonly FeatureSpec[],
  ): readonly Gap[] {
    const count = this.#counts.get(`${source} ${name}`)
    if (count === undefined || count.known >= ENOUGH * count.seen) return []
    const own = features.filter(
      ({ collection, fields }) => sourceOf(collection) === source && fields.map(toldAs).includes(name),
    )
    const blinding = count.known === 0 && !onlyGuard(own, detector)
    return [{ source, name, known: count.known / count.seen, blinding }]
  }

  /** Accounts that act, and of which the platform has told nothing. */
  #untold(): readonly Gap[] {
    const told = [...this.#seen].filter((accountId) => this.#told.has(accountId)).length
    if (this.#seen.size === 0 || told >= ENOUGH * this.#seen.size) return []
    return [{ source: ACCOUNT_SOURCE, name: null, known: told / this.#seen.size, blinding: told === 0 }]
  }

  #record(source: string): void {
    this.#records.set(source, (this.#records.get(source) ?? 0) + 1)
  }

  #count(source: string, name: string, known: boolean): void {
    const place = `${source} ${name}`
    const count = this.#counts.get(place) ?? { seen: 0, known: 0 }
    count.seen++
    if (known) count.known++
    this.#counts.set(place, count)
  }
}

/** Aggregates that tell nothing as zero; of nothing the others are unknown. */
const COUNTING: readonly string[] = ['count', 'sum', 'distinct', 'nearDistinct', 'earlyRetries']

/** Whether the condition could hold though these never count anything: all of them may be zero. */
function onlyGuard(own: readonly FeatureSpec[], detector: CompiledDetector): boolean {
  if (own.length === 0 || own.some(({ aggregate }) => !COUNTING.includes(aggregate.kind))) return false
  const scope: DetectorScope = {
    feature: (index) => (own.some((one) => one.index === index) ? 0 : NaN),
    stepsTo: () => 0,
    jitter: () => 0,
    account: null,
    granted: () => NaN,
    grantCap: () => NaN,
    standing: null,
    listed: () => NaN,
    pool: null,
    nowMs: 0,
  }
  return detector.condition(scope) !== 0
}

/** `poolId` of usage joins the pool's pressure, whether or not a feature reads it. */
function fieldsByCollection({ features, poolWindowMs }: CompiledTopology): ReadonlyMap<Collection, string[]> {
  const fields = new Map<Collection, string[]>(poolWindowMs > 0 ? [['usage', ['poolId']]] : [])
  for (const { collection, fields: names } of features) {
    fields.set(collection, [...new Set([...(fields.get(collection) ?? []), ...names.map(toldAs)])])
  }
  return fields
}

/** Whose hosts a text names is known where its hosts are and the account's own. */
function toldAs(field: string): string {
  return HOST_OWNERS.includes(field) ? 'hostCount' : field
}

function readsOwners({ collection, fields }: FeatureSpec): boolean {
  return collection === 'verdicts' && fields.some((field) => HOST_OWNERS.includes(field))
}

/** For each name of an account that a detector reads, whether a snapshot tells it. */
function accountReaders({
  features,
  derived,
  detectors,
}: CompiledTopology): ReadonlyMap<string, AccountReader> {
  const read = new Set(detectors.flatMap((detector) => detector.readings.map(({ name }) => name)))
  const readers = [...detectorNames(features, derived, [], RECORDED_JITTER)].flatMap(
    ([name, reader]): [string, AccountReader][] => {
      if (!name.startsWith('account.') || !read.has(name)) return []
      if (reader.type === 'text') return [[name, (account) => reader.read(scopeOf(account)) !== null]]
      return [[name, (account) => !Number.isNaN(reader.read(scopeOf(account)))]]
    },
  )
  const owners: [string, AccountReader] = [OWN_HOSTS, (account) => account.ownHosts !== null]
  return new Map(features.some(readsOwners) ? [...readers, owners] : readers)
}

function scopeOf(account: AccountState): DetectorScope {
  return {
    feature: () => NaN,
    stepsTo: () => 0,
    jitter: () => 0,
    account,
    granted: () => 0,
    grantCap: () => 0,
    standing: null,
    listed: () => NaN,
    pool: null,
    nowMs: account.updatedAtMs,
  }
}

function unique<T extends { readonly source: string; readonly name: string }>(
  all: readonly T[],
): readonly T[] {
  return [...new Map(all.map((one) => [`${one.source} ${one.name}`, one])).values()]
}
