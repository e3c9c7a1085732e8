/**
 * The sessions of one key: events of which each has another within the gap, the gap itself included.
 *
 * E1. An event that lies within the gap of several sessions makes one of them. The order in which events come
 *     changes nothing, as long as no session had to be given up.
 * E2. Bounded: the newest `MAX_SESSIONS` at once; a straggler of one that was given up begins another.
 */
import type { ByteReader, ByteWriter } from './bytes.ts'
import {
  addValue,
  decodeTotals,
  encodeTotals,
  figureOf,
  mergeTotals,
  noTotals,
  type Totals,
  type TotalsKind,
} from './totals.ts'

/** More than one is open at once only for stragglers. */
export const MAX_SESSIONS = 32

interface Session {
  startMs: number
  endMs: number
  readonly totals: Totals
}

export class Sessions {
  readonly #kind: TotalsKind
  readonly #gapMs: number
  /** Ascending, each further than the gap from the next. */
  #sessions: Session[] = []

  constructor(kind: TotalsKind, gapMs: number) {
    this.#kind = kind
    this.#gapMs = gapMs
  }

  static decode(kind: TotalsKind, gapMs: number, reader: ByteReader): Sessions {
    const sessions = new Sessions(kind, gapMs)
    for (let left = reader.varint(); left > 0; left--) {
      const startMs = reader.varint()
      const endMs = startMs + reader.varint()
      sessions.#sessions.push({ startMs, endMs, totals: decodeTotals(kind, reader) })
    }
    return sessions
  }

  get size(): number {
    return this.#sessions.length
  }

  /** The end of the oldest session. */
  get oldestMs(): number {
    return this.#sessions[0]?.endMs ?? Infinity
  }

  /** The end of the newest session. */
  get newestMs(): number {
    return this.#sessions.at(-1)?.endMs ?? -Infinity
  }

  add(timeMs: number, value: number): void {
    const first = this.#sessions.findIndex(({ endMs }) => endMs + this.#gapMs >= timeMs)
    const at = first < 0 ? this.#sessions.length : first
    const joined = this.#joined(at, timeMs)
    addValue(joined.totals, value)
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift()
  }

  /** The figure of the session that an event of that time belongs to; of nothing where it would begin one. */
  value(timeMs: number): number {
    const totals = noTotals()
    for (const session of this.#sessions)
      if (this.#holds(session, timeMs)) mergeTotals(totals, session.totals)
    return figureOf(this.#kind, totals)
  }

  /** When the session began that an event of that time belongs to; with the event where it would begin one. */
  startOf(timeMs: number): number {
    const held = this.#sessions.filter((session) => this.#holds(session, timeMs))
    return Math.min(timeMs, ...held.map(({ startMs }) => startMs))
  }

  /** Lets go of the sessions that ended before; true where there were some. */
  dropBefore(timeMs: number): boolean {
    const before = this.#sessions.length
    while ((this.#sessions[0]?.endMs ?? Infinity) < timeMs) this.#sessions.shift()
    return this.#sessions.length < before
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#sessions.length)
    for (const { startMs, endMs, totals } of this.#sessions) {
      writer.varint(startMs)
      writer.varint(endMs - startMs)
      encodeTotals(this.#kind, totals, writer)
    }
  }

  #holds({ startMs, endMs }: Session, timeMs: number): boolean {
    return startMs - this.#gapMs <= timeMs && timeMs <= endMs + this.#gapMs
  }

  /** The session at that place and all that the event joins to it, as one; a new one where there is none. */
  #joined(at: number, timeMs: number): Session {
    let end = at
    const joined: Session = { startMs: timeMs, endMs: timeMs, totals: noTotals() }
    for (; end < this.#sessions.length; end++) {
      const session = this.#sessions[end]
      if (session === undefined || !this.#holds(session, timeMs)) break
      joined.startMs = Math.min(joined.startMs, session.startMs)
      joined.endMs = Math.max(joined.endMs, session.endMs)
      mergeTotals(joined.totals, session.totals)
    }
    this.#sessions.splice(at, end - at, joined)
    return joined
  }
}
