/**
 * Texts that wait to be scored, oldest first.
 *
 * Q1. The oldest text is in the next portion, whatever waits behind it.
 * Q2. A portion is bounded in texts and in characters; one text that is longer than that is a portion of its own.
 * Q3. A text with which a process died is a portion of its own, so that the next death names the culprit.
 * Q4. Texts beyond `mostUnits` characters are not let in until others are through: whoever brings them waits, and their
 *     partition with them. A call that is larger than that enters when nothing else is here.
 * Q5. To let a call in costs hardly more than to count its characters, and to take a text the same however many wait: a call
 *     of tens of thousands of short ones does not hold the event loop.
 */
export interface ScoreJob<R> {
  readonly text: string
  deaths: number
  readonly resolve: (result: R | null) => void
  readonly reject: (error: Error) => void
}

/** Texts that are in, and what will be their results, in their order. */
export interface Entered<R> {
  readonly results: Promise<readonly (R | null)[]>
}

export interface PortionLimits {
  readonly texts: number
  readonly units: number
}

interface Entrant {
  readonly units: number
  readonly enter: () => void
  readonly reject: (error: Error) => void
}

export class ScoreQueue<R> {
  readonly #mostUnits: number
  /** Before all others. */
  #putBack: readonly ScoreJob<R>[] = []
  #calls: readonly Call<R>[] = []
  readonly #outside: Entrant[] = []
  /** Characters let in and not yet through, those being scored included. */
  #units = 0

  constructor(mostUnits: number) {
    this.#mostUnits = mostUnits
  }

  get units(): number {
    return this.#units
  }

  /** The text that is next has killed before. */
  get nextIsSuspect(): boolean {
    return (this.#nextJob?.deaths ?? 0) > 0
  }

  get hasWaiting(): boolean {
    return this.#nextJob !== undefined
  }

  /** Resolves when the texts are in (Q4). */
  async enter(texts: readonly string[]): Promise<Entered<R>> {
    const units = texts.reduce((sum, text) => sum + text.length, 0)
    if (this.#outside.length > 0 || !this.#hasRoom(units)) await this.#waitOutside(units)
    else this.#units += units
    const call = new Call<R>(texts)
    if (texts.length > 0) this.#calls = [...this.#calls, call]
    return call
  }

  /** The next portion (Q1 to Q3); empty when nothing waits. */
  take(limits: PortionLimits): readonly ScoreJob<R>[] {
    const taken: ScoreJob<R>[] = []
    let units = 0
    for (let job = this.#nextJob; job !== undefined; job = this.#nextJob) {
      units += job.text.length
      const isFull = taken.length === limits.texts || units > limits.units || job.deaths > 0
      if (taken.length > 0 && isFull) break
      taken.push(job)
      this.#passNext()
      if (job.deaths > 0) break
    }
    return taken
  }

  /** Back to the front, in order. */
  putBack(jobs: readonly ScoreJob<R>[]): void {
    this.#putBack = [...jobs, ...this.#putBack]
  }

  get #nextJob(): ScoreJob<R> | undefined {
    return this.#putBack[0] ?? this.#calls[0]?.next
  }

  #passNext(): void {
    if (this.#putBack.length > 0) this.#putBack = this.#putBack.slice(1)
    else if (this.#calls[0]?.pass() === false) this.#calls = this.#calls.slice(1)
  }

  /** These are through, one way or the other. */
  passed(jobs: readonly ScoreJob<R>[]): void {
    this.#units -= jobs.reduce((sum, { text }) => sum + text.length, 0)
    this.#letIn()
  }

  /** The same error for everyone who waits, in here and outside. */
  fail(error: Error): void {
    for (const waiting of [...this.#putBack, ...this.#calls, ...this.#outside]) waiting.reject(error)
    this.#putBack = []
    this.#calls = []
    this.#outside.length = 0
  }

  #hasRoom(units: number): boolean {
    return this.#units === 0 || this.#units + units <= this.#mostUnits
  }

  #waitOutside(units: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.#outside.push({ units, enter: () => resolve(undefined), reject })
    return promise
  }

  #letIn(): void {
    for (let next = this.#outside[0]; next !== undefined && this.#hasRoom(next.units);) {
      this.#units += next.units
      this.#outside.shift()
      next.enter()
      next = this.#outside[0]
    }
  }
}

/**
 * One promise for all texts of a call, and a job for each not before it is next: to make tens of thousands at once would hold the
 * event loop.
 */
class Call<R> implements Entered<R> {
  readonly results: Promise<readonly (R | null)[]>
  readonly #texts: readonly string[]
  readonly #results: (R | null)[]
  readonly #whole = Promise.withResolvers<readonly (R | null)[]>()
  #missing: number
  #at = 0
  #next: ScoreJob<R> | undefined

  constructor(texts: readonly string[]) {
    this.results = this.#whole.promise
    this.#texts = texts
    this.#results = new Array<R | null>(texts.length).fill(null)
    this.#missing = texts.length
    if (texts.length === 0) this.#whole.resolve([])
  }

  /** The first that was not passed; the same one until it is. */
  get next(): ScoreJob<R> | undefined {
    return (this.#next ??= this.#jobAt(this.#at))
  }

  /** On to the next one; false where there is none. */
  pass(): boolean {
    this.#next = undefined
    return ++this.#at < this.#texts.length
  }

  reject(error: Error): void {
    this.#whole.reject(error)
  }

  #jobAt(at: number): ScoreJob<R> | undefined {
    const text = this.#texts[at]
    if (text === undefined) return undefined
    const resolve = (result: R | null): void => this.#tell(at, result)
    return { text, deaths: 0, resolve, reject: (error) => this.reject(error) }
  }

  #tell(at: number, result: R | null): void {
    this.#results[at] = result
    if (--this.#missing === 0) this.#whole.resolve(this.#results)
  }
}
