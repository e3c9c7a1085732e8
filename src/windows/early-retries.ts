/**
 * Requests that came sooner than the last refusal had asked for. Remembers, beside the count, until when the
 * client was asked to wait.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

export class EarlyRetries implements Accumulator<EarlyRetries> {
  #count = 0
  #waitUntilMs = 0

  static decode(reader: ByteReader): EarlyRetries {
    const retries = new EarlyRetries()
    retries.#count = reader.varint()
    retries.#waitUntilMs = reader.varint()
    return retries
  }

  /** Until when the last refusal asked to wait; 0 before the first. */
  get waitUntilMs(): number {
    return this.#waitUntilMs
  }

  count(): void {
    this.#count++
  }

  askToWait(untilMs: number): void {
    if (untilMs > this.#waitUntilMs) this.#waitUntilMs = untilMs
  }

  value(): number {
    return this.#count
  }

  merge(other: EarlyRetries): void {
    this.#count += other.#count
    this.askToWait(other.#waitUntilMs)
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#count)
    writer.varint(this.#waitUntilMs)
  }

  bytes(): number {
    return 48
  }
}
