/**
 * The sessions of one key: events of which each has another within the gap, the gap itself included.
 *
 * E1. An event that lies within the gap of several sessions makes one of them. The order in which events come
 *     changes nothing, as long as no session had to be given up, and as far as it changes nothing in a tally.
 * E2. Bounded: the newest `MAX_SESSIONS` at once, of tallies that are not small the newest `MAX_LARGE_SESSIONS`; a straggler of
 *     one that was given up begins another.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Tallying } from './tally.ts'

/** More than one is open at once only for stragglers. */
export const MAX_SESSIONS = 32
export const MAX_LARGE_SESSIONS = 8

/** A rough size of a session in memory, beside its tally. */
const SESSION_BYTES = 52

interface Session<T> {
  startMs: number
  endMs: number
  readonly tally: T
}

export class Sessions<I, T> {
  readonly #tallying: Tallying<I, T>
  readonly #gapMs: number
  /** Ascending, each further than the gap from the next. */
  #sessions: Session<T>[] = []

  constructor(tallying: Tallying<I, T>, gapMs: number) {
    this.#tallying = tallying
    this.#gapMs = gapMs
  }

  static decode<I, T>(tallying: Tallying<I, T>, gapMs: number, reader: ByteReader): Sessions<I, T> {
    const sessions = new Sessions(tallying, gapMs)
    for (let left = reader.varint(); left > 0; left--) {
      const startMs = reader.varint()
      const endMs = startMs + reader.varint()
      sessions.#sessions.push({ startMs, endMs, tally: tallying.decode(reader) })
    }
    return sessions
  }

  get size(): number {
    return this.#sessions.length
  }

  /** A rough size in memory. */
  get bytes(): number {
    let bytes = 0
    for (const { tally } of this.#sessions) bytes += SESSION_BYTES + this.#tallying.bytes(tally)
    return bytes
  }

  /** The end of the oldest session. */
  get oldestMs(): number {
    return this.#sessions[0]?.endMs ?? Infinity
  }

  /** The end of the newest session. */
  get newestMs(): number {
    return this.#sessions.at(-1)?.endMs ?? -Infinity
  }

  add(timeMs: number, item: I): void {
    const first = this.#sessions.findIndex(({ endMs }) => endMs + this.#gapMs >= timeMs)
    const at = first < 0 ? this.#sessions.length : first
    this.#tallying.add(this.#joined(at, timeMs).tally, item)
    const most = this.#tallying.isSmall ? MAX_SESSIONS : MAX_LARGE_SESSIONS
    if (this.#sessions.length > most) this.#sessions.shift()
  }

  /** The figure of the session that an event of that time belongs to; of nothing where it would begin one. */
  value(timeMs: number): number {
    const { startMs, endMs, tally } = this.#at(timeMs)
    return this.#tallying.value(tally, endMs - startMs)
  }

  /** How far that value may be from the exact one, in its own unit; 0 where it is exact. */
  error(timeMs: number): number {
    return this.#tallying.error(this.#at(timeMs).tally, null)
  }

  /** When the session began that an event of that time belongs to; with the event where it would begin one. */
  startOf(timeMs: number): number {
    return Math.min(timeMs, this.#at(timeMs).startMs)
  }

  /** Lets go of the sessions that ended before; true where there were some. */
  dropBefore(timeMs: number): boolean {
    const before = this.#sessions.length
    while ((this.#sessions[0]?.endMs ?? Infinity) < timeMs) this.#sessions.shift()
    return this.#sessions.length < before
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#sessions.length)
    for (const { startMs, endMs, tally } of this.#sessions) {
      writer.varint(startMs)
      writer.varint(endMs - startMs)
      this.#tallying.encode(tally, writer)
    }
  }

  #holds({ startMs, endMs }: Session<T>, timeMs: number): boolean {
    return startMs - this.#gapMs <= timeMs && timeMs <= endMs + this.#gapMs
  }

  /** All that an event of that time would make one session of: to be read, not to be changed. */
  #at(timeMs: number): Readonly<Session<T>> {
    const [first, ...others] = this.#sessions.filter((session) => this.#holds(session, timeMs))
    if (first === undefined) return { startMs: timeMs, endMs: timeMs, tally: this.#tallying.open() }
    if (others.length === 0) return first
    const tally = this.#tallying.open()
    for (const session of [first, ...others]) this.#tallying.merge(tally, session.tally)
    return { startMs: first.startMs, endMs: others.at(-1)?.endMs ?? first.endMs, tally }
  }

  /** The session at that place and all that the event joins to it, as one; a new one where there is none. */
  #joined(at: number, timeMs: number): Session<T> {
    const session = this.#sessions[at]
    if (session === undefined || !this.#holds(session, timeMs)) {
      const begun: Session<T> = { startMs: timeMs, endMs: timeMs, tally: this.#tallying.open() }
      this.#sessions.splice(at, 0, begun)
      return begun
    }
    session.startMs = Math.min(session.startMs, timeMs)
    session.endMs = Math.max(session.endMs, timeMs)
    for (let next = this.#sessions[at + 1]; next !== undefined; next = this.#sessions[at + 1]) {
      if (!this.#holds(next, timeMs)) break
      session.endMs = Math.max(session.endMs, next.endMs)
      this.#tallying.merge(session.tally, next.tally)
      this.#sessions.splice(at + 1, 1)
    }
    return session
  }
}
