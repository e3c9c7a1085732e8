import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { MAX_SESSIONS, Sessions } from '../../src/windows/sessions.ts'
import {
  perLengthTallying,
  totalsOf,
  totalsTallying,
  type Totals,
  type TotalsKind,
} from '../../src/windows/totals.ts'

const KINDS: readonly TotalsKind[] = ['count', 'sum', 'mean', 'max']
const START_MS = 1_800_000_000_000
const GAP_MS = 10

const event = fc.record({
  timeMs: fc.integer({ min: START_MS, max: START_MS + 200 }),
  value: fc.integer({ min: -80, max: 80 }).map((eighths) => eighths / 8),
})
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never
const events = fc.array(event, { maxLength: 30 })

function sessionsOf(kind: TotalsKind, all: readonly Event[]): Sessions<Totals, Totals> {
  const sessions = new Sessions(totalsTallying(kind), GAP_MS)
  for (const { timeMs, value } of all) sessions.add(timeMs, totalsOf(value))
  return sessions
}

/** The events that hang together with one of that time, link by link. */
function session(all: readonly Event[], timeMs: number): readonly Event[] {
  const held = new Set<Event>()
  const reach = [timeMs]
  for (const at of reach) {
    for (const one of all) {
      if (held.has(one) || Math.abs(one.timeMs - at) > GAP_MS) continue
      held.add(one)
      reach.push(one.timeMs)
    }
  }
  return [...held]
}

function reference(kind: TotalsKind, all: readonly Event[], timeMs: number): number {
  const values = session(all, timeMs).map(({ value }) => value)
  const sum = values.reduce((before, value) => before + value, 0)
  if (kind === 'count') return values.length
  if (kind === 'sum') return sum
  if (values.length === 0) return NaN
  return kind === 'mean' ? sum / values.length : Math.max(...values)
}

describe('sessions', () => {
  it.each(KINDS)('tell the %s of what hangs together, in whatever order it came (E1)', (kind) => {
    fc.assert(
      fc.property(events, fc.integer({ min: -20, max: 220 }), (all, at) => {
        const expected = reference(kind, all, START_MS + at)
        expect(sessionsOf(kind, all).value(START_MS + at)).toBe(expected)
        expect(sessionsOf(kind, all.toReversed()).value(START_MS + at)).toBe(expected)
      }),
    )
  })

  it('hold the gap itself, and not one millisecond more', () => {
    const sessions = sessionsOf('count', [
      { timeMs: START_MS, value: 1 },
      { timeMs: START_MS + GAP_MS, value: 1 },
      { timeMs: START_MS + 2 * GAP_MS + 1, value: 1 },
    ])
    expect(sessions.size).toBe(2)
    sessions.add(START_MS + 2 * GAP_MS, totalsOf(1))
    expect([sessions.size, sessions.value(START_MS)]).toEqual([1, 4])
  })

  it('tell nothing by a length that is none', () => {
    const sessions = new Sessions(perLengthTallying(1_000), GAP_MS)
    expect(sessions.value(START_MS)).toBe(0)
    for (let times = 0; times < 3; times++) {
      sessions.add(START_MS, totalsOf(2))
      expect(sessions.value(START_MS)).toBeNaN()
    }
    sessions.add(START_MS + 4, totalsOf(2))
    expect(sessions.value(START_MS)).toBe(2_000)
  })

  it('let go of what ended before', () => {
    const sessions = sessionsOf('count', [
      { timeMs: START_MS, value: 1 },
      { timeMs: START_MS + 50, value: 1 },
    ])
    expect([sessions.dropBefore(START_MS), sessions.size]).toEqual([false, 2])
    expect([sessions.dropBefore(START_MS + 1), sessions.size]).toEqual([true, 1])
    expect([sessions.value(START_MS), sessions.value(START_MS + 50)]).toEqual([0, 1])
  })

  it('are bounded: the newest stay (E2)', () => {
    const sessions = new Sessions(totalsTallying('count'), GAP_MS)
    for (let at = 0; at < 10 * MAX_SESSIONS; at++) sessions.add(START_MS + at * 100, totalsOf(1))
    expect(sessions.size).toBe(MAX_SESSIONS)
    expect(sessions.newestMs).toBe(START_MS + (10 * MAX_SESSIONS - 1) * 100)
    expect(sessions.value(sessions.newestMs)).toBe(1)
  })

  it.each(KINDS)('go on after they were stored and read back (%s)', (kind) => {
    fc.assert(
      fc.property(events, events, fc.integer({ min: 0, max: 200 }), (before, after, at) => {
        const kept = sessionsOf(kind, before)
        const writer = new ByteWriter()
        kept.encode(writer)
        const reader = new ByteReader(writer.take())
        const read = Sessions.decode(totalsTallying(kind), GAP_MS, reader)
        expect(reader.done).toBe(true)
        for (const { timeMs, value } of after) {
          kept.add(timeMs, totalsOf(value))
          read.add(timeMs, totalsOf(value))
        }
        expect(read.value(START_MS + at)).toBe(kept.value(START_MS + at))
        expect([read.size, read.newestMs]).toEqual([kept.size, kept.newestMs])
      }),
    )
  })
})
