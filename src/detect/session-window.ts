/**
 * One key's sessions of one feature, by sub-key. All of them are one cell, which lies in the slot of the hour in
 * which the newest ends, and moves on with it.
 *
 * S1. What is read is the session to which an event of that time belongs.
 * S2. One that may have begun before the feature was kept is unknown to its end.
 * S3. At most `maxSubKeys` sub-keys have sessions at once; while there are as many, any other is unknown.
 */
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import { Sessions } from '../windows/sessions.ts'
import type { MovingFeature } from './moving-plan.ts'

export class SessionWindow {
  readonly #feature: MovingFeature
  readonly #bySubKey = new Map<string, Sessions>()
  #dirty = false
  /** Where the store has the cell; null where it has none. */
  #storedIn: number | null = null
  /** When the first session may be let go: looked at for every event. */
  #oldestMs = Infinity

  constructor(feature: MovingFeature) {
    this.#feature = feature
  }

  get bytes(): number {
    let bytes = 64
    for (const sessions of this.#bySubKey.values()) bytes += 160 + sessions.size * 100
    return bytes
  }

  add(subKey: string, timeMs: number, value: number): void {
    const sessions = this.#bySubKey.get(subKey) ?? this.#open(subKey)
    if (sessions === undefined) return
    sessions.add(timeMs, value)
    this.#oldestMs = Math.min(this.#oldestMs, timeMs)
    this.#dirty = true
  }

  value(subKey: string, timeMs: number): number {
    const sessions = this.#bySubKey.get(subKey)
    const startMs = sessions?.startOf(timeMs) ?? timeMs
    if (startMs - this.#feature.spec.windowMs < this.#feature.sinceMs) return NaN
    if (sessions !== undefined) return sessions.value(timeMs)
    return this.#full ? NaN : this.#nothing().value(timeMs)
  }

  /** Lets go of the sessions that no event in time can belong to any more. */
  dropExpired(streamTimeMs: number): void {
    const beforeMs = streamTimeMs - this.#feature.reachMs
    if (this.#oldestMs >= beforeMs) return
    this.#oldestMs = Infinity
    for (const [subKey, sessions] of this.#bySubKey) {
      sessions.dropBefore(beforeMs)
      if (sessions.size === 0) this.#bySubKey.delete(subKey)
      else this.#oldestMs = Math.min(this.#oldestMs, sessions.oldestMs)
    }
  }

  /** Encodes what has changed and takes it as saved; null where the cell has moved on to another slot. */
  changes(
    writer: ByteWriter,
    write: (number: number, expiresAtMs: number, cell: Buffer | null) => void,
  ): void {
    if (!this.#dirty) return
    this.#dirty = false
    const number = Math.floor(this.#newestMs() / this.#feature.cellMs)
    if (this.#storedIn !== null && this.#storedIn !== number) {
      write(this.#storedIn, this.#expiresAtMs(this.#storedIn), null)
    }
    this.#storedIn = number
    writer.varint(this.#bySubKey.size)
    for (const [subKey, sessions] of this.#bySubKey) {
      writer.text(subKey)
      sessions.encode(writer)
    }
    write(number, this.#expiresAtMs(number), writer.take())
  }

  restore(number: number, cell: Buffer): void {
    const reader = new ByteReader(cell)
    this.#storedIn = number
    for (let left = reader.varint(); left > 0; left--) {
      const subKey = reader.text()
      const sessions = Sessions.decode(this.#feature.kind, this.#feature.spec.windowMs, reader)
      this.#bySubKey.set(subKey, sessions)
      this.#oldestMs = Math.min(this.#oldestMs, sessions.oldestMs)
    }
  }

  get #full(): boolean {
    return this.#bySubKey.size >= this.#feature.maxSubKeys
  }

  #open(subKey: string): Sessions | undefined {
    if (this.#full) return undefined
    const sessions = this.#nothing()
    this.#bySubKey.set(subKey, sessions)
    return sessions
  }

  #nothing(): Sessions {
    return new Sessions(this.#feature.kind, this.#feature.spec.windowMs)
  }

  #newestMs(): number {
    let newestMs = -Infinity
    for (const sessions of this.#bySubKey.values()) newestMs = Math.max(newestMs, sessions.newestMs)
    return newestMs
  }

  #expiresAtMs(number: number): number {
    return (number + 1) * this.#feature.cellMs + this.#feature.reachMs
  }
}
