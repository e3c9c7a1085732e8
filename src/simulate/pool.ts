/**
 * One GPU pool as a queue: GPUs with slots for requests that run side by side, and one line in front of them.
 *
 * Q1. A slot gives a request its share of one GPU: GPU seconds last `slotsPerGpu` times as long in wall time. Work
 *     is conserved: what telemetry shows as active is what the requests are billed.
 * Q2. First come, first served. A GPU that fails takes its free slots at once and the busy ones as they end.
 */
export interface Job {
  readonly accountId: string
  readonly arrivedAtMs: number
  readonly gpuSeconds: number
}

/** What a pool tells of the time since it was asked last. */
export interface PoolSample {
  readonly gpuCount: number
  readonly gpuActiveRatio: number
  readonly requestsRunning: number
  readonly requestsWaiting: number
  readonly accountsWaiting: number
  readonly queueTimeSeconds: number
}

export interface Started<J> {
  readonly job: J
  readonly endsAtMs: number
}

export class Pool<J extends Job> {
  readonly #slotsPerGpu: number
  #gpuCount: number
  #running = 0
  #line: J[] = []
  #head = 0
  #busySlotMs = 0
  #slotMs = 0
  #countedToMs: number
  #waitedMs = 0
  #started = 0

  constructor(gpuCount: number, slotsPerGpu: number, nowMs: number) {
    this.#gpuCount = gpuCount
    this.#slotsPerGpu = slotsPerGpu
    this.#countedToMs = nowMs
  }

  get waiting(): number {
    return this.#line.length - this.#head
  }

  /** Puts a request in line; returns what may start now, with its end. */
  submit(job: J, nowMs: number): readonly Started<J>[] {
    this.#count(nowMs)
    this.#line.push(job)
    return this.#startNext(nowMs)
  }

  /** A request has ended; returns what may start in its place. */
  release(nowMs: number): readonly Started<J>[] {
    this.#count(nowMs)
    this.#running--
    return this.#startNext(nowMs)
  }

  /** GPUs fail or come back. */
  resize(gpuCount: number, nowMs: number): readonly Started<J>[] {
    this.#count(nowMs)
    this.#gpuCount = gpuCount
    return this.#startNext(nowMs)
  }

  sample(nowMs: number): PoolSample {
    this.#count(nowMs)
    const taken: PoolSample = {
      gpuCount: this.#gpuCount,
      gpuActiveRatio: this.#slotMs === 0 ? 0 : Math.min(1, this.#busySlotMs / this.#slotMs),
      requestsRunning: this.#running,
      requestsWaiting: this.waiting,
      accountsWaiting: new Set(this.#line.slice(this.#head).map((job) => job.accountId)).size,
      queueTimeSeconds: this.#started === 0 ? 0 : this.#waitedMs / this.#started / 1_000,
    }
    this.#busySlotMs = this.#slotMs = this.#waitedMs = this.#started = 0
    return taken
  }

  #startNext(nowMs: number): readonly Started<J>[] {
    const started: Started<J>[] = []
    while (this.#running < this.#slots() && this.waiting > 0) started.push(this.#start(nowMs))
    this.#compact()
    return started
  }

  #start(nowMs: number): Started<J> {
    const job = this.#line[this.#head++]
    if (job === undefined) throw new RangeError('the line is empty')
    this.#running++
    this.#started++
    this.#waitedMs += nowMs - job.arrivedAtMs
    return { job, endsAtMs: nowMs + Math.max(20, job.gpuSeconds * this.#slotsPerGpu * 1_000) }
  }

  #compact(): void {
    if (this.#head < 1_000 && this.waiting > 0) return
    this.#line = this.#line.slice(this.#head)
    this.#head = 0
  }

  #slots(): number {
    return this.#gpuCount * this.#slotsPerGpu
  }

  #count(nowMs: number): void {
    const passedMs = nowMs - this.#countedToMs
    this.#busySlotMs += passedMs * this.#running
    this.#slotMs += passedMs * this.#slots()
    this.#countedToMs = nowMs
  }
}
