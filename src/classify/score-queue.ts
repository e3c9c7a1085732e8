/**
 * Texts that wait to be scored, oldest first.
 *
 * Q1. The oldest text is in the next portion, whatever waits behind it.
 * Q2. A portion is bounded in texts and in characters; one text that is longer than that is a portion of its own.
 * Q3. A text with which a process died is a portion of its own, so that the next death names the culprit.
 * Q4. Texts beyond `mostUnits` characters are not let in until others are through: whoever brings them waits, and their
 *     partition with them. A call that is larger than that enters when nothing else is here.
 * Q5. Letting in and taking out cost the same for each text, however many wait: tens of thousands of short ones, a call of which is
 *     let in at once, would hold the event loop.
 */
export interface ScoreJob<R> {
  readonly text: string
  deaths: number
  resolve(result: R | null): void
  reject(error: Error): void
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
  #waiting: ScoreJob<R>[] = []
  /** Before it, all were taken. */
  #next = 0
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
    return (this.#waiting[this.#next]?.deaths ?? 0) > 0
  }

  get hasWaiting(): boolean {
    return this.#next < this.#waiting.length
  }

  /** Resolves when the texts are in (Q4). */
  async enter(texts: readonly string[]): Promise<Entered<R>> {
    const units = texts.reduce((sum, text) => sum + text.length, 0)
    if (this.#outside.length > 0 || !this.#hasRoom(units)) await this.#waitOutside(units)
    else this.#units += units
    const call = new Call<R>(texts.length)
    texts.forEach((text, at) => this.#waiting.push(new CallJob(text, call, at)))
    return call
  }

  /** The next portion (Q1 to Q3); empty when nothing waits. */
  take(limits: PortionLimits): readonly ScoreJob<R>[] {
    const start = this.#next
    let units = 0
    for (; this.#next < this.#waiting.length; this.#next++) {
      const { text = '', deaths = 0 } = this.#waiting[this.#next] ?? {}
      units += text.length
      const count = this.#next - start
      if (count > 0 && (count === limits.texts || units > limits.units || deaths > 0)) break
      if (deaths === 0) continue
      this.#next++
      break
    }
    const taken = this.#waiting.slice(start, this.#next)
    if (this.#next > this.#waiting.length / 2) this.#forgetTaken()
    return taken
  }

  /** Back to the front, in order. */
  putBack(jobs: readonly ScoreJob<R>[]): void {
    this.#forgetTaken()
    this.#waiting = [...jobs, ...this.#waiting]
  }

  #forgetTaken(): void {
    this.#waiting = this.#waiting.slice(this.#next)
    this.#next = 0
  }

  /** These are through, one way or the other. */
  passed(jobs: readonly ScoreJob<R>[]): void {
    this.#units -= jobs.reduce((sum, { text }) => sum + text.length, 0)
    this.#letIn()
  }

  /** The same error for everyone who waits, in here and outside. */
  fail(error: Error): void {
    this.#forgetTaken()
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

/** One promise for all texts of a call: one for each would take longer than all else that is done for them here. */
class Call<R> implements Entered<R> {
  readonly results: Promise<readonly (R | null)[]>
  readonly #results: (R | null)[]
  readonly #whole = Promise.withResolvers<readonly (R | null)[]>()
  #missing: number

  constructor(texts: number) {
    this.results = this.#whole.promise
    this.#results = new Array<R | null>(texts).fill(null)
    this.#missing = texts
    if (texts === 0) this.#whole.resolve([])
  }

  tell(at: number, result: R | null): void {
    this.#results[at] = result
    if (--this.#missing === 0) this.#whole.resolve(this.#results)
  }

  fail(error: Error): void {
    this.#whole.reject(error)
  }
}

class CallJob<R> implements ScoreJob<R> {
  readonly text: string
  deaths = 0
  readonly #call: Call<R>
  readonly #at: number

  constructor(text: string, call: Call<R>, at: number) {
    this.text = text
    this.#call = call
    this.#at = at
  }

  resolve(result: R | null): void {
    this.#call.tell(this.#at, result)
  }

  reject(error: Error): void {
    this.#call.fail(error)
  }
}
