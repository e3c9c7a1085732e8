/**
 * How even the gaps between the latest arrivals of a session are, as `regularity.ts` tells it.
 *
 * L1. The newest `most` times are kept, and all gaps between them: a function of the times alone, in whatever order and grouping
 *     they came.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import { evenness } from './regularity.ts'

export class LatestTimes {
  readonly #most: number
  /** Ascending. */
  #times: number[] = []

  constructor(most: number) {
    this.#most = most
  }

  static decode(most: number, reader: ByteReader): LatestTimes {
    const latest = new LatestTimes(most)
    let timeMs = 0
    for (let left = reader.varint(); left > 0; left--) latest.#times.push((timeMs += reader.varint()))
    return latest
  }

  /** A rough size in memory. */
  get bytes(): number {
    return 64 + this.#times.length * 8
  }

  add(timeMs: number): void {
    let at = this.#times.length
    while (at > 0 && (this.#times[at - 1] ?? 0) > timeMs) at--
    this.#times.splice(at, 0, timeMs)
    if (this.#times.length > this.#most) this.#times.shift()
  }

  merge(other: LatestTimes): void {
    for (const timeMs of other.#times) this.add(timeMs)
  }

  /** Unknown below 20 gaps, and where all of them are nothing. */
  value(): number {
    const times = this.#times
    let squares = 0
    for (let at = 1; at < times.length; at++) squares += ((times[at] ?? 0) - (times[at - 1] ?? 0)) ** 2
    return evenness(times.length - 1, (times.at(-1) ?? 0) - (times[0] ?? 0), squares)
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#times.length)
    let beforeMs = 0
    for (const timeMs of this.#times) {
      writer.varint(timeMs - beforeMs)
      beforeMs = timeMs
    }
  }
}
