/**
 * Scores texts in processes of their own, so that no event loop waits for a model and none dies with one.
 *
 * W1. Results come in the order of the texts, whatever happens to the processes.
 * W2. A process that is busy is not stopped: it is told to leave, and does when it has answered.
 * W3. A process that dies, or hangs, is replaced. What it was working on is asked again, text by text; a text with which
 *     three processes died is `null`, unscored, and the rest moves on (P8).
 * W4. A process that cannot even start three times in a row fails everything that waits, loudly.
 * W5. All processes score with the models that the first one opened. Where one must be replaced and its folder holds
 *     others by now, everything that waits fails with BundleGone: its callers ask the successor.
 * W6. Texts wait in bounded number (score-queue.ts): a slow model slows its callers down, not memory up.
 */
import { BundleGone, BundleRefused, bundleIdentity } from './model/bundle.ts'
import type { Provider } from './model/open-onnx.ts'
import type { FromScoringProcess, LiveModel } from './score-protocol.ts'
import { ScoreQueue, type PortionLimits, type ScoreJob } from './score-queue.ts'
import { SCORE_PROCESS_FILE, ScoringProcess } from './scoring-process.ts'
import type { TextScores } from './text-scores.ts'

export interface Scorer {
  /** The models that score, cheapest first. */
  readonly models: readonly LiveModel[]
  /** Changes with the models, and names the same ones for ever. */
  readonly identity: string | null
  /** Its models can't be opened again: it has failed with BundleGone, and will (W5). */
  readonly isGone: boolean
  /** One result per text, in order; `null` where the text cannot be scored (W3). */
  score(texts: readonly string[]): Promise<readonly (TextScores | null)[]>
  /** Finishes what was asked, then stops. Nothing may be asked afterwards. */
  close(): Promise<void>
}

/** What is worth telling of the processes; no text among it. */
export interface ScoringObserver {
  /** One has opened its model. */
  opened(models: readonly LiveModel[]): void
  /** One has ended that was not told to. */
  died(how: string): void
  /** A text was given up (W3). */
  unscored(): void
  /** The models can't be opened again, and texts wait for others (W5). */
  gone(reasons: readonly string[]): void
  /** Characters that wait or are being scored. */
  waiting(units: number): void
}

export interface ScoringOptions {
  /** A bundle, or a cascade of several. */
  readonly bundleFolder: string
  /** Tried in this order; where none opens the models, nothing starts. */
  readonly providers: readonly Provider[]
  /** Each has a core of its own to itself. */
  readonly processes: number
  /** A process that is silent for so long while it owes an answer hangs. */
  readonly silenceMs: number
  /** One that has opened no model for so long hangs too. */
  readonly openMs: number
  readonly observer: ScoringObserver
  /** The processes' code; another one only in tests. */
  readonly processFile: URL
}

export const NO_SCORING_OBSERVER: ScoringObserver = {
  opened: () => undefined,
  died: () => undefined,
  unscored: () => undefined,
  gone: () => undefined,
  waiting: () => undefined,
}

export const SCORING_DEFAULTS = {
  providers: ['cpu'],
  processes: 1,
  silenceMs: 60_000,
  openMs: 300_000,
  observer: NO_SCORING_OBSERVER,
  processFile: SCORE_PROCESS_FILE,
} as const satisfies Partial<ScoringOptions>

/** One portion is scored, one is staged, so that a process never waits for its owner. */
const PORTIONS_IN_FLIGHT = 2
const PORTION: PortionLimits = { texts: 64, units: 64_000 }
/** What fills a GPU's batches. */
const GPU_PORTION: PortionLimits = { texts: 256, units: 256_000 }
/** About a million tokens. */
const MOST_WAITING_UNITS = 4_194_304
const DEATHS_BEFORE_UNSCORED = 3
const FAILED_STARTS_BEFORE_FAILURE = 3

type Job = ScoreJob<TextScores>

/** Starts the processes on a bundle; resolves when the first has loaded and checked it; throws BundleRefused. */
export async function startScorer(options: ScoringOptions): Promise<Scorer> {
  const scorer = new ProcessScorer(options, await bundleIdentity(options.bundleFolder))
  await scorer.started
  return scorer
}

class ProcessScorer implements Scorer {
  readonly identity: string | null
  readonly #options: ScoringOptions
  readonly #queue = new ScoreQueue<TextScores>(MOST_WAITING_UNITS)
  readonly #lanes: readonly Lane[]
  readonly #onStarted = Promise.withResolvers<undefined>()
  readonly #onStopped = Promise.withResolvers<undefined>()
  #models: readonly LiveModel[] = []
  #failure: Error | null = null
  #entering = 0
  #closing = false
  #running: number

  constructor(options: ScoringOptions, identity: string | null) {
    this.identity = identity
    this.#options = options
    this.#running = options.processes
    this.#lanes = Array.from({ length: options.processes }, () => new Lane(options, this.#queue, this))
  }

  /** When one process is ready. */
  get started(): Promise<undefined> {
    return this.#onStarted.promise
  }

  get models(): readonly LiveModel[] {
    return this.#models
  }

  get isGone(): boolean {
    return this.#failure instanceof BundleGone
  }

  async score(texts: readonly string[]): Promise<readonly (TextScores | null)[]> {
    if (this.#closing) throw new Error('the scorer is closed')
    if (this.#failure !== null) throw this.#failure
    this.#entering++
    try {
      const { results } = await this.#queue.enter(texts)
      this.pump()
      return await results
    } finally {
      this.#entering--
      this.pump()
    }
  }

  async close(): Promise<void> {
    this.#closing = true
    this.pump()
    await this.#onStopped.promise
  }

  /** Called by a lane that is ready. */
  opened(models: readonly LiveModel[]): void {
    this.#models = models
    this.#options.observer.opened(models)
    this.#onStarted.resolve(undefined)
    this.pump()
  }

  /** Hands out what waits; when nothing does and nothing may come any more, says goodbye. */
  pump(): void {
    for (const lane of this.#lanes) lane.pump()
    this.#options.observer.waiting(this.#queue.units)
    if (this.#closing && this.#entering === 0) for (const lane of this.#lanes) lane.leave()
  }

  left(): void {
    if (--this.#running === 0) this.#onStopped.resolve(undefined)
  }

  /** W5: whoever is refused what another has opened came too late. */
  refused(reasons: readonly string[]): void {
    const { bundleFolder, observer } = this.#options
    if (this.#models.length === 0) return this.fail(new BundleRefused(bundleFolder, reasons))
    if (this.#failure === null) observer.gone(reasons)
    this.fail(new BundleGone(bundleFolder, reasons))
  }

  /** W4: the same error for everyone who waits or will ask. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#onStarted.reject(error)
    this.#queue.fail(error)
    for (const lane of this.#lanes) lane.fail(error)
    this.#onStopped.resolve(undefined)
  }
}

/** What a lane needs of the scorer that it works for. */
interface LaneOwner {
  readonly identity: string | null
  refused(reasons: readonly string[]): void
  opened(models: readonly LiveModel[]): void
  pump(): void
  left(): void
  fail(error: Error): void
}

/** One process at a time, the next when it dies, and what the present one is working on. */
class Lane {
  readonly #options: ScoringOptions
  readonly #queue: ScoreQueue<TextScores>
  readonly #owner: LaneOwner
  readonly #inFlight = new Map<number, readonly Job[]>()
  #process: ScoringProcess
  #portion = PORTION
  #ready = false
  #leaving = false
  #failed = false
  #failedStarts = 0
  #nextPortion = 0

  constructor(options: ScoringOptions, queue: ScoreQueue<TextScores>, owner: LaneOwner) {
    this.#options = options
    this.#queue = queue
    this.#owner = owner
    this.#process = this.#spawn()
  }

  pump(): void {
    while (this.#ready && this.#queue.hasWaiting && this.#mayStage()) {
      const jobs = this.#queue.take(this.#portion)
      const portion = this.#nextPortion++
      this.#inFlight.set(portion, jobs)
      this.#process.score(
        portion,
        jobs.map((job) => job.text),
      )
    }
  }

  leave(): void {
    if (this.#leaving || !this.#ready) return
    this.#leaving = true
    this.#process.stop()
  }

  fail(error: Error): void {
    this.#failed = true
    for (const job of this.#takeBack()) job.reject(error)
    this.#process.stop()
  }

  #spawn(): ScoringProcess {
    const { bundleFolder, providers, silenceMs, openMs, processFile: file } = this.#options
    const task = { bundleFolder, identity: this.#owner.identity, providers }
    const events = {
      heard: (message: FromScoringProcess) => this.#hear(message),
      gone: (how: string) => this.#buried(how),
    }
    return new ScoringProcess({ file, task, silenceMs, openMs }, events)
  }

  #hear(message: FromScoringProcess): void {
    if (message.kind === 'refused') this.#owner.refused(message.reasons)
    if (message.kind === 'ready') this.#opened(message.models)
    if (message.kind === 'scored') this.#deliver(message.batch, message.results)
  }

  #opened(models: readonly LiveModel[]): void {
    this.#portion = models.every(({ provider }) => provider === 'cpu') ? PORTION : GPU_PORTION
    this.#ready = true
    this.#failedStarts = 0
    this.#owner.opened(models)
  }

  #deliver(portion: number, results: readonly TextScores[]): void {
    const jobs = this.#inFlight.get(portion) ?? []
    this.#inFlight.delete(portion)
    jobs.forEach((job, i) => job.resolve(results[i] ?? null))
    this.#queue.passed(jobs)
    this.#owner.pump()
  }

  /** A suspect runs with nothing beside it. */
  #mayStage(): boolean {
    if (this.#inFlight.size === 0) return true
    const suspectRuns = [...this.#inFlight.values()].some((jobs) => jobs.some((job) => job.deaths > 0))
    return this.#inFlight.size < PORTIONS_IN_FLIGHT && !this.#queue.nextIsSuspect && !suspectRuns
  }

  #buried(how: string): void {
    const started = this.#ready
    this.#ready = false
    if (this.#failed) return
    if (this.#leaving) return this.#owner.left()
    this.#options.observer.died(how)
    if (!started && ++this.#failedStarts >= FAILED_STARTS_BEFORE_FAILURE) {
      return this.#owner.fail(new Error(`no scoring process can start: ${how}`))
    }
    this.#retry(this.#takeBack())
    this.#process = this.#spawn()
    this.#owner.pump()
  }

  #takeBack(): readonly Job[] {
    const jobs = [...this.#inFlight.values()].flat()
    this.#inFlight.clear()
    return jobs
  }

  /** W3: back to the front, in order, without those that have killed often enough. */
  #retry(jobs: readonly Job[]): void {
    for (const job of jobs) job.deaths++
    const condemned = jobs.filter((job) => job.deaths >= DEATHS_BEFORE_UNSCORED)
    this.#queue.putBack(jobs.filter((job) => job.deaths < DEATHS_BEFORE_UNSCORED))
    for (const job of condemned) {
      this.#options.observer.unscored()
      job.resolve(null)
    }
    this.#queue.passed(condemned)
  }
}
