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
import type { Tallying } from '../windows/tally.ts'
import type { CellPlace, ItemOf, MovingForm, MovingWindow } from './moving-window.ts'

export class SessionWindow<I, T> implements MovingWindow {
  readonly #form: MovingForm
  readonly #tallying: Tallying<I, T>
  readonly #itemOf: ItemOf<I>
  readonly #bySubKey = new Map<string, Sessions<I, T>>()
  #dirty = false
  /** Where the store has the cell; null where it has none. */
  #storedIn: number | null = null
  /** When the first session may be let go: looked at for every event. */
  #oldestMs = Infinity

  constructor(form: MovingForm, tallying: Tallying<I, T>, itemOf: ItemOf<I>) {
    this.#form = form
    this.#tallying = tallying
    this.#itemOf = itemOf
  }

  get bytes(): number {
    let bytes = 64
    for (const sessions of this.#bySubKey.values()) bytes += 160 + sessions.bytes
    return bytes
  }

  add(subKey: string, timeMs: number, body: unknown): void {
    const item = this.#itemOf(body, timeMs)
    const sessions = item === null ? undefined : (this.#bySubKey.get(subKey) ?? this.#open(subKey))
    if (item === null || sessions === undefined) return
    sessions.add(timeMs, item)
    this.#oldestMs = Math.min(this.#oldestMs, timeMs)
    this.#dirty = true
  }

  value(subKey: string, timeMs: number): number {
    const sessions = this.#bySubKey.get(subKey)
    const startMs = sessions?.startOf(timeMs) ?? timeMs
    if (startMs - this.#form.spec.windowMs < this.#form.sinceMs) return NaN
    if (sessions !== undefined) return sessions.value(timeMs)
    return this.#full ? NaN : this.#nothing().value(timeMs)
  }

  error(subKey: string, timeMs: number): number {
    return this.#bySubKey.get(subKey)?.error(timeMs) ?? 0
  }

  /** Lets go of the sessions that no event in time can belong to any more. */
  dropExpired(streamTimeMs: number): void {
    const beforeMs = streamTimeMs - this.#form.reachMs
    if (this.#oldestMs >= beforeMs) return
    this.#oldestMs = Infinity
    for (const [subKey, sessions] of this.#bySubKey) {
      sessions.dropBefore(beforeMs)
      if (sessions.size === 0) this.#bySubKey.delete(subKey)
      else this.#oldestMs = Math.min(this.#oldestMs, sessions.oldestMs)
    }
  }

  changes(
    writer: ByteWriter,
    write: (place: CellPlace, expiresAtMs: number, cell: Buffer | null) => void,
  ): void {
    if (!this.#dirty) return
    this.#dirty = false
    const number = Math.floor(this.#newestMs() / this.#form.cellMs)
    if (this.#storedIn !== null && this.#storedIn !== number) {
      write({ of: '', number: this.#storedIn }, this.#expiresAtMs(this.#storedIn), null)
    }
    this.#storedIn = number
    writer.varint(this.#bySubKey.size)
    for (const [subKey, sessions] of this.#bySubKey) {
      writer.text(subKey)
      sessions.encode(writer)
    }
    write({ of: '', number }, this.#expiresAtMs(number), writer.take())
  }

  restore({ number }: CellPlace, cell: Buffer): void {
    const reader = new ByteReader(cell)
    this.#storedIn = number
    for (let left = reader.varint(); left > 0; left--) {
      const subKey = reader.text()
      const sessions = Sessions.decode(this.#tallying, this.#form.spec.windowMs, reader)
      this.#bySubKey.set(subKey, sessions)
      this.#oldestMs = Math.min(this.#oldestMs, sessions.oldestMs)
    }
  }

  get #full(): boolean {
    return this.#bySubKey.size >= this.#form.maxSubKeys
  }

  #open(subKey: string): Sessions<I, T> | undefined {
    if (this.#full) return undefined
    const sessions = this.#nothing()
    this.#bySubKey.set(subKey, sessions)
    return sessions
  }

  #nothing(): Sessions<I, T> {
    return new Sessions(this.#tallying, this.#form.spec.windowMs)
  }

  #newestMs(): number {
    let newestMs = -Infinity
    for (const sessions of this.#bySubKey.values()) newestMs = Math.max(newestMs, sessions.newestMs)
    return newestMs
  }

  #expiresAtMs(number: number): number {
    return (number + 1) * this.#form.cellMs + this.#form.reachMs
  }
}
