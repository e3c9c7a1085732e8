/**
 * Looks at every worker and at Redis every two seconds, from `start` to `stop`; keeps each look as one JSON line, says
 * now and then how it goes, and tells at the end how all moved.
 */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { openFiles, residentMiB } from '../proc.ts'
import { rounded, trendOf, type Trend } from '../statistics.ts'
import type { Fleet } from './fleet.ts'

const SAMPLE_MS = 2_000
/** One look in so many is told. */
const TOLD = 5

interface OfWorker {
  readonly rssMiB: number
  readonly openFiles: number
  readonly lagMs: number
}

interface Sample {
  readonly atMs: number
  readonly redisRssMiB: number
  /** By name; a dead one is in none. */
  readonly workers: Readonly<Record<string, OfWorker>>
}

export interface Trends {
  readonly samples: number
  readonly redisRssMiB: Trend
  readonly workers: Readonly<Record<string, Readonly<Record<keyof OfWorker, Trend>>>>
}

export class Sampler {
  readonly #fleet: Fleet
  readonly #redisPid: number
  readonly #file: WriteStream
  readonly #samples: Sample[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(fleet: Fleet, redisPid: number, path: string) {
    this.#fleet = fleet
    this.#redisPid = redisPid
    mkdirSync(dirname(path), { recursive: true })
    this.#file = createWriteStream(path)
  }

  start(): void {
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#file.end()
  }

  /** Of the workers that were there from the first look to the last. */
  trends(): Trends {
    const first = Object.keys(this.#samples[0]?.workers ?? {})
    const last = this.#samples.at(-1)?.workers ?? {}
    return {
      samples: this.#samples.length,
      redisRssMiB: this.#trend((sample) => sample.redisRssMiB),
      workers: Object.fromEntries(
        first.filter((name) => name in last).map((name) => [name, this.#trendsOf(name)]),
      ),
    }
  }

  #trendsOf(name: string): Readonly<Record<keyof OfWorker, Trend>> {
    const of = (what: keyof OfWorker): Trend => this.#trend(({ workers }) => workers[name]?.[what] ?? 0)
    return { rssMiB: of('rssMiB'), openFiles: of('openFiles'), lagMs: of('lagMs') }
  }

  #trend(of: (sample: Sample) => number): Trend {
    return trendOf(this.#samples.map((sample) => ({ atMs: sample.atMs, value: of(sample) })))
  }

  #sample(): void {
    const alive = this.#fleet.workers.filter(({ child }) => child.alive)
    const sample: Sample = {
      atMs: Date.now(),
      redisRssMiB: rounded(residentMiB(this.#redisPid)),
      workers: Object.fromEntries(
        alive.map(({ child: { name }, pid, held }) => [
          name,
          { rssMiB: rounded(residentMiB(pid)), openFiles: openFiles(pid), lagMs: this.#fleet.lagMs(held) },
        ]),
      ),
    }
    this.#samples.push(sample)
    this.#file.write(`${JSON.stringify(sample)}\n`)
    if (this.#samples.length % TOLD > 0) return
    const lags = Object.entries(sample.workers).map(([name, { lagMs }]) => `${name} ${lagMs} ms`)
    console.error(`${this.#fleet.records} records processed; lag ${lags.join(', ')}`)
  }
}
