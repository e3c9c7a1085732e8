/**
 * Scores texts in a thread of its own, so that no event loop waits for a model.
 *
 * W1. Results come in the order of the texts, whatever happens to the thread.
 * W2. The thread is never terminated: it is told to stop, and leaves when it has finished (a run that is cut off
 *     aborts the whole process). Whoever ends the process closes the scorer first.
 * W3. A thread that dies is replaced. What it was working on is asked again, text by text; a text with which
 *     three threads died is `null`, unscored, and the rest moves on (P8).
 * W4. A thread that cannot even start three times in a row fails everything that waits, loudly.
 */
import { Worker } from 'node:worker_threads'
import { BundleRefused } from './model-bundle.ts'
import type { FromWorker, ScoreWorkerData, ToWorker } from './score-protocol.ts'
import type { TextScores } from './score-session.ts'

export interface Scorer {
  /** One result per text, in order; `null` where the text cannot be scored (W3). */
  score(texts: readonly string[]): Promise<readonly (TextScores | null)[]>
  /** Finishes what was asked, then stops. Nothing may be asked afterwards. */
  close(): Promise<void>
}

export interface WorkerScorerOptions {
  readonly bundleFolder: string
  /** The thread's code; another one only in tests. */
  readonly workerFile: URL
}

interface Job {
  readonly text: string
  deaths: number
  readonly resolve: (scores: TextScores | null) => void
  readonly reject: (error: Error) => void
}

/** One batch runs, one is staged, so that the thread never waits for its owner. */
const BATCHES_IN_FLIGHT = 2
const BATCH_TEXTS = 32
const BATCH_UNITS = 64_000
const DEATHS_BEFORE_UNSCORED = 3
const FAILED_STARTS_BEFORE_FAILURE = 3

/** The worker's file beside this one: a source under type stripping, JavaScript when built. */
export const SCORE_WORKER_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './score-worker.ts' : './score-worker.js',
  import.meta.url,
)

export class WorkerScorer implements Scorer {
  readonly #options: WorkerScorerOptions
  #worker: Worker | null = null
  #ready = false
  #failedStarts = 0
  #failure: Error | null = null
  #queue: Job[] = []
  readonly #inFlight = new Map<number, Job[]>()
  #nextBatch = 0
  #closing = false
  readonly #onStarted = Promise.withResolvers<void>()
  readonly #onStopped = Promise.withResolvers<void>()

  private constructor(options: WorkerScorerOptions) {
    this.#options = options
    this.#spawn()
  }

  /** Resolves when the model is loaded and checked; throws BundleRefused. */
  static async start(options: WorkerScorerOptions): Promise<WorkerScorer> {
    const scorer = new WorkerScorer(options)
    await scorer.#onStarted.promise
    return scorer
  }

  async score(texts: readonly string[]): Promise<readonly (TextScores | null)[]> {
    if (this.#closing) throw new Error('the scorer is closed')
    if (this.#failure !== null) throw this.#failure
    const results = texts.map((text) => {
      const { promise, resolve, reject } = Promise.withResolvers<TextScores | null>()
      this.#queue.push({ text, deaths: 0, resolve, reject })
      return promise
    })
    this.#pump()
    return Promise.all(results)
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#stopWhenDrained()
    await this.#onStopped.promise
  }

  #spawn(): void {
    const workerData: ScoreWorkerData = { bundleFolder: this.#options.bundleFolder }
    const worker = new Worker(this.#options.workerFile, { workerData, execArgv: [], env: {} })
    let cause: Error | null = null
    worker.on('message', (message: FromWorker) => this.#hear(message))
    worker.on('error', (error) => (cause = error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', (code) =>
      this.#buried(cause ?? new Error(`the scoring thread ended with code ${code}`)),
    )
    this.#worker = worker
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'refused') this.#fail(new BundleRefused(this.#options.bundleFolder, message.reasons))
    if (message.kind === 'ready') this.#started()
    if (message.kind === 'scored') this.#deliver(message.batch, message.results)
    this.#pump()
  }

  #started(): void {
    this.#ready = true
    this.#failedStarts = 0
    this.#onStarted.resolve()
    this.#stopWhenDrained()
  }

  #deliver(batch: number, results: readonly TextScores[]): void {
    const jobs = this.#inFlight.get(batch) ?? []
    this.#inFlight.delete(batch)
    jobs.forEach((job, i) => job.resolve(results[i] ?? null))
    this.#stopWhenDrained()
  }

  #pump(): void {
    while (this.#ready && this.#queue.length > 0 && this.#mayStage()) {
      const jobs = this.#take()
      const batch = this.#nextBatch++
      this.#inFlight.set(batch, jobs)
      this.#tell({ kind: 'score', batch, texts: jobs.map((job) => job.text) })
    }
  }

  /** A text with which a thread died runs with nothing beside it, so that the next death names the culprit. */
  #mayStage(): boolean {
    const suspect = (job: Job | undefined): boolean => job !== undefined && job.deaths > 0
    if (this.#inFlight.size === 0) return true
    const running = [...this.#inFlight.values()].flat()
    return this.#inFlight.size < BATCHES_IN_FLIGHT && !suspect(this.#queue[0]) && !running.some(suspect)
  }

  #take(): Job[] {
    let units = 0
    let count = 0
    for (const job of this.#queue) {
      units += job.text.length
      const full = count === BATCH_TEXTS || units > BATCH_UNITS || job.deaths > 0
      if (count > 0 && full) break
      count++
      if (job.deaths > 0) break
    }
    return this.#queue.splice(0, count)
  }

  #tell(message: ToWorker): void {
    this.#worker?.postMessage(message)
  }

  #buried(cause: Error): void {
    const started = this.#ready
    this.#worker = null
    this.#ready = false
    if (this.#closing && this.#isDrained()) return this.#onStopped.resolve()
    if (this.#failure !== null) return
    if (!started && ++this.#failedStarts >= FAILED_STARTS_BEFORE_FAILURE) return this.#fail(cause)
    this.#requeue()
    this.#spawn()
  }

  /** W3: back to the front, in order, without those that have killed often enough. */
  #requeue(): void {
    const jobs = [...this.#inFlight.values()].flat()
    this.#inFlight.clear()
    for (const job of jobs) job.deaths++
    for (const job of jobs) if (job.deaths >= DEATHS_BEFORE_UNSCORED) job.resolve(null)
    this.#queue = [...jobs.filter((job) => job.deaths < DEATHS_BEFORE_UNSCORED), ...this.#queue]
  }

  /** W4: the same error for everyone who waits or will ask. */
  #fail(error: Error): void {
    this.#failure = error
    this.#onStarted.reject(error)
    for (const job of [...[...this.#inFlight.values()].flat(), ...this.#queue]) job.reject(error)
    this.#inFlight.clear()
    this.#queue = []
    this.#onStopped.resolve()
  }

  #isDrained(): boolean {
    return this.#queue.length === 0 && this.#inFlight.size === 0
  }

  #stopWhenDrained(): void {
    if (this.#closing && this.#ready && this.#isDrained()) this.#tell({ kind: 'stop' })
  }
}

/** Starts the thread on the bundle in `bundleFolder`; throws BundleRefused. */
export function startScorer(bundleFolder: string): Promise<Scorer> {
  return WorkerScorer.start({ bundleFolder, workerFile: SCORE_WORKER_FILE })
}
