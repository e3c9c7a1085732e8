/**
 * What comes out of a steady run: how long after its record each signal was appended, and whether each marker's
 * signal came, once, from the record that had to set it off. Both append times are the broker's own.
 */
import { z } from 'zod'
import type { SourceBatch } from '../../src/engine/record.ts'
import { spreadOf, type Spread } from '../statistics.ts'
import { indexOf } from './stream.ts'

const signal = z.object({ id: z.string(), accountId: z.string(), eventId: z.string() })

/** Append times are kept of so many of the newest records; a signal of an older one has no latency figure. */
const KEPT = 4_194_304

export interface MarkerFigures {
  readonly expected: number
  readonly exact: number
  readonly otherRecord: number
  readonly missing: number
  readonly duplicates: number
}

export class SignalWatch {
  readonly #fromMs: () => number
  readonly #appendedMs = new Float64Array(KEPT)
  readonly #latenciesMs: number[] = []
  readonly #ids = new Set<string>()
  /** The record that the first signal of each account names. */
  readonly #first = new Map<string, number>()
  /** Signals that were read before their records' sender heard that these stand in the log. */
  readonly #early: (readonly [index: number, atMs: number])[] = []
  #newest = -1
  #duplicates = 0

  /** Records that were appended before `fromMs` count for no latency. */
  constructor(fromMs: () => number) {
    this.#fromMs = fromMs
  }

  /** A record of the stream stands in the log, with all before it. */
  appended(index: number, atMs: number): void {
    this.#appendedMs[index % KEPT] = atMs
    this.#newest = Math.max(this.#newest, index)
  }

  read(batch: SourceBatch): void {
    for (const { value, appendTimeMs } of batch.records) {
      this.#note(signal.parse(JSON.parse(String(value))), appendTimeMs)
    }
  }

  latencyMs(): Spread {
    for (const [index, atMs] of this.#early.splice(0)) this.#measure(index, atMs)
    return spreadOf(this.#latenciesMs)
  }

  /** Markers without a signal, and the append time of the record that should have set it off. */
  missing(
    expected: ReadonlyMap<string, number>,
  ): readonly { accountId: string; index: number; atMs: number }[] {
    return [...expected]
      .filter(([accountId]) => !this.#first.has(accountId))
      .map(([accountId, index]) => ({ accountId, index, atMs: this.#appendedMs[index % KEPT] ?? 0 }))
  }

  /** Against the records that must have set markers off. */
  markers(expected: ReadonlyMap<string, number>): MarkerFigures {
    let [exact, otherRecord] = [0, 0]
    for (const [accountId, index] of expected) {
      const found = this.#first.get(accountId)
      if (found === index) exact++
      else if (found !== undefined) otherRecord++
    }
    const missing = expected.size - exact - otherRecord
    return { expected: expected.size, exact, otherRecord, missing, duplicates: this.#duplicates }
  }

  #note({ id, accountId, eventId }: z.infer<typeof signal>, atMs: number): void {
    if (this.#ids.has(id)) return void this.#duplicates++
    this.#ids.add(id)
    const index = indexOf(eventId)
    if (index === null) return
    if (!this.#first.has(accountId)) this.#first.set(accountId, index)
    if (index > this.#newest) this.#early.push([index, atMs])
    else this.#measure(index, atMs)
  }

  #measure(index: number, atMs: number): void {
    const appendedMs = this.#appendedMs[index % KEPT] ?? 0
    if (index <= this.#newest - KEPT || appendedMs < this.#fromMs()) return
    this.#latenciesMs.push(atMs - appendedMs)
  }
}
