/** Features: from what was written to what `detect` runs, or to problems with their place. */
import { formatDuration, parseDuration } from '../domain/duration.ts'
import { BROKEN_PROMISE, keepsItsPromise, PROMISE } from './exact-match.ts'
import type { Compiled } from './closures.ts'
import { celEnvironment, compileExpression } from './expression.ts'
import type { LocatedYaml, Path } from './located-yaml.ts'
import { exampleOf, fieldsHint, unknownCollectionHint, unknownFieldHint } from './field-hints.ts'
import { AGGREGATES, type Given } from './aggregates.ts'
import type { Aggregate, Collection, FeatureSpec, Unit, WindowShape } from './model.ts'
import { eventNames } from './names.ts'
import { nameHint, type Problem } from './problem.ts'
import {
  AGGREGATE_KEYWORDS,
  isDerived,
  LASTING_KEYWORDS,
  type AggregateKeyword,
  type RawFeature,
  type RawTopology,
  type WindowKeyword,
} from './topology-schema.ts'
import { partsOf } from '../windows/active-parts.ts'
import { BASELINE_DAYS } from '../windows/baseline-days.ts'
import { HALF_LIFE_MS } from '../windows/evidence.ts'
import { ACCOUNT_SOURCE, sourceOf } from './sources.ts'
import { unitName } from './units.ts'
import { paneMsOf } from './window-panes.ts'
import { CROSSING, isCollection, needsAccount, SUB_KEYS, vocabularyOf, type Field } from './vocabulary.ts'

const DAY_MS = 86_400_000

/** How far back what has no window reaches: its half-life, its baseline. */
const REACH_MS = { evidence: HALF_LIFE_MS, novelty: BASELINE_DAYS * DAY_MS, change: BASELINE_DAYS * DAY_MS }

const SHAPE_NAMES: Readonly<Record<WindowShape, string>> = {
  panes: 'window',
  sliding: 'sliding window',
  session: 'session',
  lasting: 'reach',
}

type FeatureWindow = Pick<FeatureSpec, 'shape' | 'windowMs' | 'paneMs'>

export interface ReadFeatures {
  readonly features: readonly FeatureSpec[]
  readonly problems: readonly Problem[]
}

export function readFeatures(yaml: LocatedYaml, raw: RawTopology): ReadFeatures {
  const reader = new FeatureReader(yaml, raw.sources)
  const features = keptFeatures(raw).map(([name, feature], index) => reader.read(name, feature, index))
  return { features: features.filter((feature) => feature !== null), problems: reader.problems }
}

/** All but those that are worked out from others (`read-derived.ts`). */
function keptFeatures(raw: RawTopology): readonly [string, RawFeature][] {
  return Object.entries(raw.features).filter(([, feature]) => !isDerived(feature))
}

/** Each kept feature as people wrote it, in words: for `describe` and for reviewers. */
export function featureTexts(raw: RawTopology): readonly string[] {
  return keptFeatures(raw).map(([, feature]) => {
    const keyword = AGGREGATE_KEYWORDS.find((one) => feature[one] !== undefined) ?? 'count'
    const parts = [
      `${keyword} ${feature[keyword] ?? ''}`,
      feature.share === undefined ? null : `of ${feature.share * 100} %`,
      feature.group === undefined ? null : `within ${feature.group}`,
      feature.by === undefined ? null : `by ${feature.by}`,
      feature.where === undefined ? null : `where ${feature.where}`,
      windowText(feature),
    ]
    return parts.filter((part) => part !== null).join(' ')
  })
}

function windowText(feature: RawFeature): string {
  const { shape, windowMs } = windowOf(feature)
  if (shape === 'lasting') return `reaching back ${formatDuration(windowMs)}`
  if (shape === 'session') return `in sessions with gaps of at most ${formatDuration(windowMs)}`
  return `over ${formatDuration(windowMs)}${shape === 'sliding' ? ' to the millisecond' : ''}`
}

/** The shape has seen to it that there is exactly one. */
function windowOf({
  window,
  sliding,
  session,
  ...lasts
}: RawFeature): Pick<FeatureSpec, 'shape' | 'windowMs'> {
  if (sliding !== undefined) return { shape: 'sliding', windowMs: sliding }
  const lasting = LASTING_KEYWORDS.find((word) => lasts[word] !== undefined)
  if (lasting !== undefined) return { shape: 'lasting', windowMs: REACH_MS[lasting] }
  return session === undefined
    ? { shape: 'panes', windowMs: window ?? 0 }
    : { shape: 'session', windowMs: session }
}

/** A feature's operand taken apart: `usage.gpuSeconds` is the collection `usage` and the field `gpuSeconds`. */
interface Operand {
  readonly keyword: AggregateKeyword
  readonly collection: Collection
  readonly field: string | null
  readonly path: Path
}

/** What conditions on a collection's events may name. */
interface EventWords {
  readonly names: ReturnType<typeof eventNames>
  readonly environment: ReturnType<typeof celEnvironment>
}

class FeatureReader {
  readonly problems: Problem[] = []
  readonly #yaml: LocatedYaml
  readonly #sources: readonly string[]
  readonly #known = new Map<Collection, EventWords>()

  constructor(yaml: LocatedYaml, sources: readonly string[]) {
    this.#yaml = yaml
    this.#sources = sources
  }

  read(name: string, raw: RawFeature, index: number): FeatureSpec | null {
    const path = ['features', name]
    const operand = this.#operand(raw, path)
    if (operand === null) return null
    const window = this.#window(name, raw, operand, path)
    const aggregate = window === null ? null : this.#aggregate(operand, raw, window, path)
    const by = this.#subKey(operand.collection, raw.by, path)
    const where = this.#where(operand.collection, raw.where, path)
    if (!keepsItsPromise(name, raw)) this.#say(path, 'exact-match', BROKEN_PROMISE, PROMISE)
    if (aggregate === null || by === undefined || where === undefined || window === null) return null
    const { collection } = operand
    const told = AGGREGATES[operand.keyword].told?.(window) ?? null
    const fields = fieldsOf(operand, raw, where?.names ?? [])
    if (!this.#knowsAccount(fields, path)) return null
    const unit = unitOf(operand)
    return {
      name,
      index,
      collection,
      aggregate,
      by,
      where: where?.evaluate ?? null,
      fields,
      ...window,
      unit,
      told,
    }
  }

  #operand(raw: RawFeature, path: Path): Operand | null {
    const keyword = AGGREGATE_KEYWORDS.find((one) => raw[one] !== undefined)
    if (keyword === undefined) return null
    const [collection = '', field = null, ...more] = (raw[keyword] ?? '').split('.')
    const at = [...path, keyword]
    if (!isCollection(collection)) {
      this.#say(at, 'unknown-name', `unknown collection ${collection}`, unknownCollectionHint(collection))
      return null
    }
    if (more.length > 0 || (field === null) !== (AGGREGATES[keyword].takes === 'collection')) {
      const { takes } = AGGREGATES[keyword]
      const wanted =
        takes === 'collection'
          ? `a collection alone, as in ${collection}`
          : `a field, as in ${collection}.${exampleOf(collection, takes)}`
      this.#say(at, 'operand', `${keyword} takes ${wanted}`, null)
      return null
    }
    if (!this.#offered(collection, keyword, at)) return null
    return { keyword, collection, field, path: at }
  }

  #offered(collection: Collection, keyword: AggregateKeyword, at: Path): boolean {
    const source = sourceOf(collection)
    if (!this.#sources.includes(source))
      return this.#say(
        at,
        'no-source',
        `${collection} comes from ${source}, which is no source here`,
        'add it to `sources`',
      )
    if (keyword !== 'earlyRetries' || collection === 'usage') return true
    return this.#say(at, 'operand', 'earlyRetries takes usage: refusals and what follows them', null)
  }

  /** Whose hosts a text names, and what was granted, is known beside the account. */
  #knowsAccount(fields: readonly string[], path: Path): boolean {
    const field = fields.find(needsAccount)
    if (field === undefined || this.#sources.includes(ACCOUNT_SOURCE)) return true
    const message = `${field} needs ${ACCOUNT_SOURCE}, which is no source here`
    return this.#say(path, 'no-source', message, 'add it to `sources`')
  }

  #aggregate(operand: Operand, raw: RawFeature, window: FeatureWindow, path: Path): Aggregate | null {
    const kind = AGGREGATES[operand.keyword]
    const { exactLimit } = raw
    const common = { ...NOTHING_GIVEN, exactLimit, ...window }
    if (kind.takes === 'collection') return kind.build(common)
    const field = this.#field(operand.collection, operand.field ?? '', operand.path)
    if (field === null) return null
    if (field.type !== kind.takes)
      return this.#wrongType(operand, operand.path, operand.keyword, kind.takes, field.type)
    if (field.type === 'text') return kind.build({ ...common, text: field.read, isSimHash: field.isSimHash })
    if (kind.ofUnit !== undefined && field.unit !== kind.ofUnit) return this.#wrongUnit(operand, kind.ofUnit)
    const number = field.read
    if (operand.keyword === 'evidence') return this.#evidence({ ...common, number }, raw.wrongPerYear, path)
    if (operand.keyword === 'quantile') return this.#quantile({ ...common, number }, raw.share, path)
    if (operand.keyword !== 'enumeration') return kind.build({ ...common, number })
    const group = this.#group(operand, raw, path)
    return group === null ? null : kind.build({ ...common, number, group })
  }

  #wrongUnit({ keyword, path }: Operand, unit: Unit): null {
    const hint = unit === 'ms' ? 'as in usage.durationMs' : 'as in verdicts.malwareRatio'
    this.#say(path, 'field-type', `${keyword} needs a field in ${unitName(unit)}`, hint)
    return null
  }

  #evidence(given: Given, wrongPerYear: number | undefined, path: Path): Aggregate | null {
    if (wrongPerYear !== undefined) return AGGREGATES.evidence.build({ ...given, wrongPerYear })
    const hint = 'as in wrongPerYear: 0.001: one account in a thousand and year'
    this.#say(path, 'wrong-per-year', 'evidence needs `wrongPerYear`', hint)
    return null
  }

  #quantile(given: Given, share: number | undefined, path: Path): Aggregate | null {
    if (share !== undefined) return AGGREGATES.quantile.build({ ...given, share })
    this.#say(path, 'share', 'quantile needs a `share`', 'as in share: 0.95')
    return null
  }

  #group(operand: Operand, raw: RawFeature, path: Path): Given['group'] | null {
    const [collection, name = ''] = (raw.group ?? '').split('.')
    if (collection !== operand.collection) {
      const hint = `as in group: ${operand.collection}.templateHash`
      this.#say(path, 'group', 'enumeration needs a group of the same collection', hint)
      return null
    }
    const group = this.#field(operand.collection, name, [...path, 'group'])
    if (group === null || group.type === 'text') return group?.read ?? null
    return this.#wrongType(operand, [...path, 'group'], 'group', 'text', group.type)
  }

  #field(collection: Collection, name: string, path: Path): Field | null {
    const vocabulary = vocabularyOf(collection)
    const field = Object.hasOwn(vocabulary, name) ? vocabulary[name] : undefined
    if (field !== undefined) return field
    const hint = unknownFieldHint(collection, name)
    this.#say(path, 'unknown-name', `${collection} has no field ${name}`, hint)
    return null
  }

  /** Undefined is a mistake, null is the whole account. */
  #subKey(collection: Collection, by: string | undefined, path: Path): FeatureSpec['by'] | undefined {
    if (by === undefined) return null
    const name = by.startsWith(`${collection}.`) ? by.slice(collection.length + 1) : by
    const vocabulary = vocabularyOf(collection)
    const field = vocabulary[name]
    const subKeys = SUB_KEYS.filter((one) => Object.hasOwn(vocabulary, one))
    if (field?.type === 'text' && subKeys.some((one) => one === name)) return { name, field: field.read }
    const at = [...path, 'by']
    if (!CROSSING.includes(name))
      this.#say(at, 'unknown-name', `${collection} has no sub-key ${name}`, nameHint(name, subKeys))
    else {
      const hint = `inside an account: ${subKeys.join(', ')}`
      this.#say(at, 'crosses-accounts', `${name} crosses accounts; such keys belong to linkage alone`, hint)
    }
    return undefined
  }

  #words(collection: Collection): EventWords {
    const known = this.#known.get(collection)
    if (known !== undefined) return known
    const names = eventNames(vocabularyOf(collection))
    const words = { names, environment: celEnvironment(names) }
    this.#known.set(collection, words)
    return words
  }

  #where(collection: Collection, text: string | undefined, path: Path): Compiled<unknown> | null | undefined {
    if (text === undefined) return null
    const { names, environment } = this.#words(collection)
    const result = compileExpression(text, names, 'bool', environment)
    if ('compiled' in result) return result.compiled
    const { code, message, hint, at } = result.mistake
    this.problems.push(this.#yaml.problemAt([...path, 'where'], code, message, hint, at))
    return undefined
  }

  #window(name: string, raw: RawFeature, operand: Operand, path: Path): FeatureWindow | null {
    const { shape, windowMs } = windowOf(raw)
    if (shape === 'lasting') return { shape, windowMs, paneMs: windowMs }
    const keyword = shape === 'panes' ? 'window' : shape
    const at = [...path, keyword]
    const named = parseDuration(name.split('_')[1] ?? '')
    if (named !== null && named !== windowMs) {
      const length = formatDuration(windowMs)
      const message = `${name} has a ${shape === 'session' ? 'session gap' : SHAPE_NAMES[shape]} of ${length}`
      this.#say(at, 'window-name', message, `name and ${keyword} must say the same`)
      return null
    }
    if (shape !== 'panes' && !this.#fits(operand, keyword, at)) return null
    const paneMs = this.#paneMs(shape, raw, windowMs, path)
    if (paneMs === null || !this.#fitsPanes(operand.keyword, { shape, windowMs, paneMs }, at)) return null
    return { shape, windowMs, paneMs }
  }

  /** Whether the operand can be told over a window that does not move in panes. */
  #fits({ keyword, collection }: Operand, shape: WindowKeyword, at: Path): boolean {
    if (collection === 'telemetry')
      return this.#say(at, 'window-shape', 'telemetry is told by the minute', 'write window: 1m')
    if (AGGREGATES[keyword].shapes.some((one) => one === shape)) return true
    if (AGGREGATES[keyword].shapes.includes('sliding')) {
      const hint = 'a session has no parts: write sliding: 1h, or window: 1h'
      return this.#say(at, 'window-shape', `${keyword} needs a window of one length`, hint)
    }
    const hint = 'how long a refusal asks to wait is kept pane by pane: write window: 10m'
    return this.#say(at, 'window-shape', `${keyword} needs a window in panes`, hint)
  }

  /** What is told by whole panes, or by parts of a sliding window, needs several, and not more than it can hold. */
  #fitsPanes(keyword: AggregateKeyword, { shape, windowMs, paneMs }: FeatureWindow, at: Path): boolean {
    const { maxPanes } = AGGREGATES[keyword]
    const panes = shape === 'sliding' ? partsOf(windowMs, paneMs) : windowMs / paneMs
    if (maxPanes === undefined || (panes > 1 && panes <= maxPanes)) return true
    if (shape === 'sliding') {
      const message = `${keyword} needs a sliding window of at most ${maxPanes} parts, this one has ${panes}`
      return this.#say(at, 'pane', message, `over 7d a part is a day: at most ${maxPanes}d`)
    }
    const message = `${keyword} needs a window of 2 to ${maxPanes} panes, this one has ${panes}`
    return this.#say(at, 'pane', message, 'give `pane`, as in pane: 1h for window: 24h')
  }

  #paneMs(
    shape: Exclude<WindowShape, 'lasting'>,
    raw: RawFeature,
    windowMs: number,
    path: Path,
  ): number | null {
    const panes = paneMsOf(shape, windowMs, raw.pane)
    if (typeof panes === 'number') return panes
    this.#say([...path, panes.word], 'pane', panes.message, panes.hint)
    return null
  }

  #say(path: Path, code: string, message: string, hint: string | null): false {
    this.problems.push(this.#yaml.problemAt(path, code, message, hint))
    return false
  }

  #wrongType({ collection }: Operand, path: Path, keyword: string, wanted: Field['type'], got: string): null {
    const message = `${keyword} needs a field that is a ${wanted}, this one is a ${got}`
    this.#say(path, 'field-type', message, fieldsHint(collection, wanted))
    return null
  }
}

function unitOf({ keyword, collection, field }: Operand): Unit {
  const { unit } = AGGREGATES[keyword]
  return unit === 'field' ? (vocabularyOf(collection)[field ?? '']?.unit ?? 'none') : unit
}

/** What an aggregate does not take. */
const NOTHING_GIVEN = {
  number: () => null,
  text: () => null,
  isSimHash: false,
  group: () => null,
  share: NaN,
  wrongPerYear: NaN,
}

/** The names of the event's fields that the feature reads, each once. */
function fieldsOf(
  { collection, field }: Operand,
  raw: RawFeature,
  asked: readonly string[],
): readonly string[] {
  const named = [field, raw.group, raw.by].flatMap((one) => (one == null ? [] : [one]))
  const bare = named.map((one) => (one.startsWith(`${collection}.`) ? one.slice(collection.length + 1) : one))
  return [...new Set([...bare, ...asked])]
}
