/**
 * One key's sessions of one feature, by sub-key. Those of a sub-key are one cell, which lies in the slot of the hour in
 * which the newest ends, and moves on with it.
 *
 * S1. What is read is the session to which an event of that time belongs.
 * S2. One that may have begun before the feature was kept is unknown to its end.
 * S3. At most `maxSubKeys` sub-keys have sessions at once; while there are as many, any other is unknown.
 * S4. A commit writes the cells of those sub-keys alone that have had an event.
 */
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import { hash47 } from '../windows/hash.ts'
import { Sessions } from '../windows/sessions.ts'
import type { Tallying } from '../windows/tally.ts'
import {
  WHOLE_KEY,
  type CellPlace,
  type ItemOf,
  type MovingForm,
  type MovingWindow,
} from './moving-window.ts'

interface Held<I, T> {
  readonly sessions: Sessions<I, T>
  dirty: boolean
  /** Where the store has them; null where it does not. */
  storedIn: CellPlace | null
}

export class SessionWindow<I, T> implements MovingWindow {
  readonly #form: MovingForm
  readonly #tallying: Tallying<I, T>
  readonly #itemOf: ItemOf<I>
  readonly #bySubKey = new Map<string, Held<I, T>>()
  /** Where the store has what is over, by sub-key: it goes with the next commit. */
  readonly #over = new Map<string, CellPlace>()
  /** When the first session may be let go: looked at for every event. */
  #oldestMs = Infinity

  constructor(form: MovingForm, tallying: Tallying<I, T>, itemOf: ItemOf<I>) {
    this.#form = form
    this.#tallying = tallying
    this.#itemOf = itemOf
  }

  get bytes(): number {
    let bytes = 64 + this.#over.size * 120
    for (const { sessions } of this.#bySubKey.values()) bytes += 200 + sessions.bytes
    return bytes
  }

  add(subKey: string, timeMs: number, body: unknown): void {
    const item = this.#itemOf(body, timeMs)
    const held = item === null ? undefined : (this.#bySubKey.get(subKey) ?? this.#open(subKey))
    if (item === null || held === undefined) return
    held.sessions.add(timeMs, item)
    held.dirty = true
    this.#oldestMs = Math.min(this.#oldestMs, timeMs)
  }

  value(subKey: string, timeMs: number): number {
    const sessions = this.#bySubKey.get(subKey)?.sessions
    const startMs = sessions?.startOf(timeMs) ?? timeMs
    if (startMs - this.#form.spec.windowMs < this.#form.sinceMs) return NaN
    if (sessions !== undefined) return sessions.value(timeMs)
    return this.#full ? NaN : this.#nothing().value(timeMs)
  }

  error(subKey: string, timeMs: number): number {
    return this.#bySubKey.get(subKey)?.sessions.error(timeMs) ?? 0
  }

  /** Lets go of the sessions that no event in time can belong to any more. */
  dropExpired(streamTimeMs: number): void {
    const beforeMs = streamTimeMs - this.#form.reachMs
    if (this.#oldestMs >= beforeMs) return
    this.#oldestMs = Infinity
    for (const [subKey, { sessions, storedIn }] of this.#bySubKey) {
      sessions.dropBefore(beforeMs)
      this.#oldestMs = Math.min(this.#oldestMs, sessions.oldestMs)
      if (sessions.size > 0) continue
      this.#bySubKey.delete(subKey)
      if (storedIn !== null) this.#over.set(subKey, storedIn)
    }
  }

  changes(
    writer: ByteWriter,
    write: (place: CellPlace, expiresAtMs: number, cell: Buffer | null) => void,
  ): void {
    for (const place of this.#over.values()) write(place, this.#expiresAtMs(place.number), null)
    this.#over.clear()
    for (const [subKey, held] of this.#bySubKey) {
      if (!held.dirty) continue
      held.dirty = false
      const place = this.#placeOf(subKey, held.sessions)
      const { storedIn } = held
      if (storedIn !== null && storedIn.number !== place.number)
        write(storedIn, this.#expiresAtMs(storedIn.number), null)
      held.storedIn = place
      writer.text(subKey)
      held.sessions.encode(writer)
      write(place, this.#expiresAtMs(place.number), writer.take())
    }
  }

  restore(place: CellPlace, cell: Buffer): void {
    const reader = new ByteReader(cell)
    const subKey = reader.text()
    const sessions = Sessions.decode(this.#tallying, this.#form.spec.windowMs, reader)
    this.#bySubKey.set(subKey, { sessions, dirty: false, storedIn: place })
    this.#oldestMs = Math.min(this.#oldestMs, sessions.oldestMs)
  }

  get #full(): boolean {
    return this.#bySubKey.size >= this.#form.maxSubKeys
  }

  #open(subKey: string): Held<I, T> | undefined {
    if (this.#full) return undefined
    const storedIn = this.#over.get(subKey) ?? null
    const held: Held<I, T> = { sessions: this.#nothing(), dirty: true, storedIn }
    this.#over.delete(subKey)
    this.#bySubKey.set(subKey, held)
    return held
  }

  #nothing(): Sessions<I, T> {
    return new Sessions(this.#tallying, this.#form.spec.windowMs)
  }

  #placeOf(subKey: string, { newestMs }: Sessions<I, T>): CellPlace {
    const of = subKey === WHOLE_KEY ? '' : hash47(subKey).toString(36)
    return { of, number: Math.floor(newestMs / this.#form.cellMs) }
  }

  #expiresAtMs(number: number): number {
    return (number + 1) * this.#form.cellMs + this.#form.reachMs
  }
}
