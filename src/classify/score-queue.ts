/**
 * Texts that wait to be scored, oldest first.
 *
 * Q1. The oldest text is in the next portion, whatever waits behind it.
 * Q2. A portion is bounded in texts and in characters; one text that is longer than that is a portion of its own.
 * Q3. A text with which a process died is a portion of its own, so that the next death names the culprit.
 * Q4. Texts beyond `mostUnits` characters are not let in until others are through: whoever brings them waits, and their
 *     partition with them. A call that is larger than that enters when nothing else is here.
 */
export interface ScoreJob<R> {
  readonly text: string
  deaths: number
  readonly resolve: (result: R | null) => void
  readonly reject: (error: Error) => void
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
  #waiting: ScoreJob<R>[] = []
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
    return (this.#waiting[0]?.deaths ?? 0) > 0
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Resolves when the texts are in (Q4), with what will be the result of each. */
  async enter(texts: readonly string[]): Promise<readonly Promise<R | null>[]> {
    const units = texts.reduce((sum, text) => sum + text.length, 0)
    if (this.#outside.length > 0 || !this.#hasRoom(units)) await this.#waitOutside(units)
    else this.#units += units
    return texts.map((text) => {
      const { promise, resolve, reject } = Promise.withResolvers<R | null>()
      this.#waiting.push({ text, deaths: 0, resolve, reject })
      return promise
    })
  }

  /** The next portion (Q1 to Q3); empty when nothing waits. */
  take(limits: PortionLimits): readonly ScoreJob<R>[] {
    let units = 0
    let count = 0
    for (const job of this.#waiting) {
      units += job.text.length
      const full = count === limits.texts || units > limits.units || job.deaths > 0
      if (count > 0 && full) break
      count++
      if (job.deaths > 0) break
    }
    return this.#waiting.splice(0, count)
  }

  /** Back to the front, in order. */
  putBack(jobs: readonly ScoreJob<R>[]): void {
    this.#waiting = [...jobs, ...this.#waiting]
  }

  /** These are through, one way or the other. */
  passed(jobs: readonly ScoreJob<R>[]): void {
    this.#units -= jobs.reduce((sum, { text }) => sum + text.length, 0)
    this.#letIn()
  }

  /** The same error for everyone who waits, in here and outside. */
  fail(error: Error): void {
    for (const waiting of [...this.#waiting, ...this.#outside]) waiting.reject(error)
    this.#waiting = []
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
