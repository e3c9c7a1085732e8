/**
 * Inference events to verdicts: segment, look up, score what is new, assemble.
 *
 * N1. One list of verdicts per event, in the order of the events: its texts, then its media. An event without either
 *     has an empty one.
 * N2. A turn that was told before is not told again for the same account, unless by the event that told it first.
 * N3. The event loop only segments, hashes, looks at texts and assembles, in slices of so many characters (in-slices.ts) that end
 *     between any two segments, also of one event, and between the steps of a long one; scoring happens in the scorer's processes.
 * N4. Memory is bounded by `cacheEntries` and by what the caller asks for at once.
 * N5. Models are exchanged between calls: a call is judged by the models that were there when it began, the old ones
 *     leave when their last call has ended, and ones that are refused change nothing.
 * N6. Where the old ones cannot be started again, their calls wait for whatever the folder holds next, and are judged by
 *     that from the beginning.
 */
import { setTimeout } from 'node:timers/promises'
import type { ContentPart, MediaFact } from '../domain/content.ts'
import type { InferenceEventBase } from '../domain/inference.ts'
import type { KnownMedia } from '../domain/known-media.ts'
import type { Verdict } from '../domain/verdict.ts'
import {
  factsOf,
  lookAt,
  mediaVerdictOf,
  verdictSteps,
  type EventFacts,
  type Judge,
  type LookedAt,
} from './classify.ts'
import { characterKinds } from './characters.ts'
import type { HashKey } from '../domain/hash-key.ts'
import { Fingerprinter } from './fingerprint.ts'
import { inSlices, inStepSlices, type Steps } from './in-slices.ts'
import { faceUploaded, mediaFindings } from './media/media-findings.ts'
import { BundleGone, bundleIdentity, BundleRefused } from './model/bundle.ts'
import type { LiveModel } from './score-protocol.ts'
import { SCORING_DEFAULTS, startScorer, type Scorer, type ScoringOptions } from './scorer.ts'
import { isResponse, occurredAtMs, segmentsOf, type InferenceEvent, type Segment } from './segment.ts'
import { higherOf, type TextScores } from './text-scores.ts'
import { VerdictCache } from './verdict-cache.ts'

export interface ClassifierOptions {
  readonly bundleFolder: string
  readonly hashKey: HashKey
  /** None where nothing is known. */
  readonly lists?: KnownMediaLists
  /** Texts whose scores are kept, and turns that are remembered as told. */
  readonly cacheEntries?: number
  readonly scoring?: Partial<Omit<ScoringOptions, 'bundleFolder'>>
  /** How long after a look in vain the folder is looked into again, where texts wait for it (N6). */
  readonly lookAgainMs?: number
}

/** What lists of known media say of an item of an account, at that time. */
export interface KnownMediaLists {
  matches(fact: MediaFact, accountId: string, timeMs: number): readonly KnownMedia[]
}

const NO_LISTS: KnownMediaLists = { matches: () => [] }

export interface Classifier {
  /** Verdicts per event, in order (N1). */
  classify(events: readonly InferenceEvent[]): Promise<readonly (readonly Verdict[])[]>
  /** Looks whether the bundle has changed and exchanges the models for it (N5). */
  refresh(): Promise<Refreshed>
  /** Finishes what was asked, then stops the scoring processes. To be awaited before the process ends. */
  close(): Promise<void>
}

export type Refreshed =
  | { readonly kind: 'same' }
  | { readonly kind: 'exchanged'; readonly models: readonly LiveModel[] }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] }

const CACHE_ENTRIES = 50_000
const LOOK_AGAIN_MS = 1_000
/** What a look into the lists counts for, in characters of text. */
const MEDIUM_UNITS = 1_000
/** What a segment counts for besides its text, and a part of an event: thousands of short ones take their time too. */
const SEGMENT_UNITS = 200
const PART_UNITS = 10
/** What a look into the cache counts for, or an entry. */
const ENTRY_UNITS = 20

/** Loads and checks the bundle, starts the scoring processes; throws BundleRefused. */
export async function createClassifier(options: ClassifierOptions): Promise<Classifier> {
  characterKinds().makeTables()
  const cache = new VerdictCache(options.cacheEntries ?? CACHE_ENTRIES)
  return new ScoringClassifier(options, await startServing(options, cache))
}

/** The models of one time, and what rests on them. */
interface Serving {
  readonly scorer: Scorer
  readonly judge: Judge
  readonly cache: VerdictCache
  /** Those that were begun with it and have not ended. */
  readonly calls: Set<Promise<unknown>>
}

async function startServing(options: ClassifierOptions, cache: VerdictCache): Promise<Serving> {
  const { bundleFolder, scoring, hashKey } = options
  const scorer = await startScorer({ ...SCORING_DEFAULTS, ...scoring, bundleFolder })
  const [model] = scorer.models
  if (model === undefined) throw new Error('a scorer without a model')
  const judge: Judge = { model, fingerprinter: new Fingerprinter(hashKey) }
  return { scorer, judge, cache, calls: new Set() }
}

/** One event, its segments, and the verdicts that become of them. */
interface Plan {
  readonly event: InferenceEvent
  readonly facts: EventFacts
  /** Also those that were told before: media are numbered on from their count. */
  readonly segments: readonly Segment[]
  readonly verdicts: Verdict[]
}

/** A segment that is to be told, with the digests of all texts that are to be scored for it. */
interface PlannedSegment {
  readonly plan: Plan
  readonly segment: Segment
  readonly digest: string
  /** Of the text, and for an exchange of what was asked. */
  readonly scored: readonly string[]
}

type LookedAtInPlan = PlannedSegment & LookedAt

class ScoringClassifier implements Classifier {
  readonly #options: ClassifierOptions
  readonly #retiring = new Set<Promise<void>>()
  #serving: Serving
  #refreshing: Promise<Refreshed> | null = null
  #succeeding: Promise<void> | null = null
  readonly #closing = new AbortController()

  constructor(options: ClassifierOptions, serving: Serving) {
    this.#options = options
    this.#serving = serving
  }

  async classify(events: readonly InferenceEvent[]): Promise<readonly (readonly Verdict[])[]> {
    for (;;) {
      const serving = this.#serving
      try {
        return await this.#classifyBy(serving, events)
      } catch (error) {
        if (!(error instanceof BundleGone)) throw error
        await this.#succeed(serving)
      }
    }
  }

  async #classifyBy(
    { calls, ...serving }: Serving,
    events: readonly InferenceEvent[],
  ): Promise<readonly (readonly Verdict[])[]> {
    const call = new ClassifyCall(serving, this.#options.lists ?? NO_LISTS).classify(events)
    calls.add(call)
    try {
      return await call
    } finally {
      calls.delete(call)
    }
  }

  refresh(): Promise<Refreshed> {
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null))
    return this.#refreshing
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('closed while its models were gone'))
    await this.#refreshing?.catch(() => undefined)
    await Promise.all([this.#serving.scorer.close(), ...this.#retiring])
  }

  async #refresh(): Promise<Refreshed> {
    const { scorer, cache } = this.#serving
    const found = await bundleIdentity(this.#options.bundleFolder)
    if (found === null || (found === scorer.identity && !scorer.isGone)) return { kind: 'same' }
    try {
      const old = this.#serving
      this.#serving = await startServing(this.#options, cache.forNextModel())
      this.#retire(old)
      return { kind: 'exchanged', models: this.#serving.scorer.models }
    } catch (error) {
      if (error instanceof BundleRefused) return { kind: 'refused', reasons: error.reasons }
      throw error
    }
  }

  /** N6; all calls of `gone` wait for the same successor. */
  #succeed(gone: Serving): Promise<void> {
    this.#succeeding ??= this.#untilSucceeded(gone).finally(() => (this.#succeeding = null))
    return this.#succeeding
  }

  async #untilSucceeded(gone: Serving): Promise<void> {
    while (this.#serving === gone) {
      this.#closing.signal.throwIfAborted()
      if ((await this.refresh()).kind !== 'exchanged') await this.#pause()
    }
  }

  async #pause(): Promise<void> {
    const { signal } = this.#closing
    await setTimeout(this.#options.lookAgainMs ?? LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined)
  }

  #retire({ calls, scorer }: Serving): void {
    const retired = Promise.allSettled(calls)
      .then(() => scorer.close())
      .finally(() => this.#retiring.delete(retired))
    this.#retiring.add(retired)
  }
}

/** One call: events to verdicts with the same models throughout. */
class ClassifyCall {
  readonly #judge: Judge
  readonly #scorer: Scorer
  readonly #cache: VerdictCache
  readonly #lists: KnownMediaLists

  constructor({ judge, scorer, cache }: Omit<Serving, 'calls'>, lists: KnownMediaLists) {
    this.#judge = judge
    this.#scorer = scorer
    this.#cache = cache
    this.#lists = lists
  }

  async classify(events: readonly InferenceEvent[]): Promise<Verdict[][]> {
    const plans = await this.#plansOf(events)
    const texts = new Map<string, string>()
    const planned = await inStepSlices(await segmentsOfAll(plans), (one) => this.#plan(one, texts))
    const told = planned.filter((one) => one !== null)
    const [scores, looked] = await Promise.all([this.#scoresOf(texts), lookedAt(told)])
    await inStepSlices(looked, (one) => this.#tell(one, scores))
    await this.#tellMedia(plans)
    return plans.map(({ verdicts }) => verdicts)
  }

  /** An event's segments and its facts in a slice each: of tens of thousands of parts either takes its time. */
  async #plansOf(events: readonly InferenceEvent[]): Promise<readonly Plan[]> {
    const cut = await inSlices(events, eventUnits, (event) => ({ event, segments: segmentsOf(event) }))
    return inSlices(
      cut,
      ({ event }) => eventUnits(event),
      (one): Plan => ({ ...one, facts: factsOf(one.event), verdicts: [] }),
    )
  }

  /** Null where the segment was told before. */
  *#plan({ plan, segment }: OfPlan, texts: Map<string, string>): Steps<PlannedSegment | null> {
    yield SEGMENT_UNITS
    const digest = yield* this.#digestOf(segment)
    if (this.#isTold(plan.event, segment, digest)) return null
    return { plan, segment, digest, scored: yield* this.#note(segment, digest, texts) }
  }

  *#digestOf({ text, references }: Segment): Steps<string> {
    const { fingerprinter } = this.#judge
    if (text !== null) return yield* fingerprinter.digestSteps(text)
    return fingerprinter.referenceDigest(references.map(({ sha256 }) => sha256).join(' '))
  }

  /** N2. What an event adds is always told; what it repeats is told once. */
  #isTold({ accountId, eventId }: InferenceEventBase, segment: Segment, digest: string): boolean {
    const turnKey = this.#judge.fingerprinter.turnKey(accountId, digest)
    if (!segment.fresh && this.#cache.toldByAnother(turnKey, eventId)) return true
    this.#cache.keepTold(turnKey, eventId)
    return false
  }

  /** Adds the segment's texts to those that are to be scored; their digests. */
  *#note({ text, exchange }: Segment, digest: string, texts: Map<string, string>): Steps<string[]> {
    if (text === null) return []
    texts.set(digest, text)
    if (exchange === null) return [digest]
    const askedDigest = yield* this.#judge.fingerprinter.digestSteps(exchange.asked)
    texts.set(askedDigest, exchange.asked)
    return [digest, askedDigest]
  }

  /** Each text once, from the cache or the model; null where the model could not. */
  async #scoresOf(texts: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, TextScores | null>> {
    const found = new Map<string, TextScores | null>()
    const missing: string[] = []
    const unscored: string[] = []
    const entryUnits = (): number => ENTRY_UNITS
    await inSlices([...texts.keys()], entryUnits, (digest) => {
      const known = this.#cache.scoresOf(digest)
      if (known !== undefined) return void found.set(digest, known)
      missing.push(digest)
      unscored.push(texts.get(digest) ?? '')
    })
    const scores = (unscored.length === 0 ? [] : await this.#scorer.score(unscored)).values()
    await inSlices(missing, entryUnits, (digest) => this.#keep(digest, scores.next().value ?? null, found))
    return found
  }

  #keep(digest: string, scores: TextScores | null, found: Map<string, TextScores | null>): void {
    found.set(digest, scores)
    this.#cache.keepScores(digest, scores)
  }

  /** Verdicts on each event's media, one by one: a look into the lists may take a tenth of a millisecond. */
  async #tellMedia(plans: readonly Plan[]): Promise<void> {
    const items = plans.flatMap((plan) => {
      const media = plan.event.media ?? []
      const withFace = faceUploaded(media)
      // Texts come first, those too that were told before.
      const from = plan.segments.length - plan.verdicts.length
      return media.map((fact) => ({ plan, withFace, fact, from }))
    })
    await inSlices(
      items,
      () => MEDIUM_UNITS,
      ({ plan: { event, facts, verdicts }, withFace, fact, from }) => {
        const known = this.#lists.matches(fact, event.accountId, occurredAtMs(event))
        for (const found of mediaFindings(fact, withFace, known))
          verdicts.push(mediaVerdictOf(this.#judge, event, facts, from + verdicts.length, found))
      },
    )
  }

  *#tell(looked: LookedAtInPlan, scores: ReadonlyMap<string, TextScores | null>): Steps<void> {
    yield SEGMENT_UNITS
    const { plan, digest, scored } = looked
    // What was asked may make an answer worse, and never stands for one that could not be scored itself.
    const own = scores.get(digest) ?? null
    const all = own === null ? [] : scored.map((text) => scores.get(text) ?? null)
    const highest = all.reduce(higherOf, null)
    // Code that was asked about stands in an exchange too, and is no answer.
    const [, asked] = all
    const containsCode = looked.containsCode || (own?.hidesCode === true && asked?.hidesCode !== true)
    const told = { ...looked, containsCode }
    plan.verdicts.push(yield* verdictSteps(this.#judge, plan.event, plan.facts, told, highest))
  }
}

function lookedAt(planned: readonly PlannedSegment[]): Promise<readonly LookedAtInPlan[]> {
  return inStepSlices(planned, function* (one): Steps<LookedAtInPlan> {
    yield SEGMENT_UNITS
    return { ...one, ...(yield* lookAt(one.segment)) }
  })
}

/** One segment, and of which event it is. */
type OfPlan = Pick<PlannedSegment, 'plan' | 'segment'>

async function segmentsOfAll(plans: readonly Plan[]): Promise<readonly OfPlan[]> {
  const ofEach = await inSlices(
    plans,
    ({ segments }) => ENTRY_UNITS * segments.length,
    (plan) => plan.segments.map((segment): OfPlan => ({ plan, segment })),
  )
  return ofEach.flat()
}

function eventUnits(event: InferenceEvent): number {
  const answers = isResponse(event) ? partUnits(event.outputMessages) : 0
  return partUnits(event.inputMessages) + answers
}

function partUnits(parts: readonly ContentPart[] | null): number {
  return (parts ?? []).reduce((units, part) => units + PART_UNITS + (part.text?.length ?? 0), 0)
}
