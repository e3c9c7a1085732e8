import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { Moments } from '../../src/windows/moments.ts'
import { noTotals, totalsOf, totalsTallying, type Totals, type TotalsKind } from '../../src/windows/totals.ts'

const KINDS: readonly TotalsKind[] = ['count', 'sum', 'mean', 'max']
const START_MS = 1_800_000_000_000

interface Event {
  readonly timeMs: number
  readonly value: number
}

const event: fc.Arbitrary<Event> = fc.record({
  timeMs: fc.integer({ min: START_MS, max: START_MS + 40 }),
  value: fc.integer({ min: 0, max: 80 }).map((eighths) => eighths / 8),
})
const events = fc.array(event, { maxLength: 60 })
const span = fc.tuple(fc.integer({ min: -5, max: 45 }), fc.integer({ min: 0, max: 50 }))

function momentsOf(kind: TotalsKind, limit: number, all: readonly Event[]): Moments<Totals, Totals> {
  const moments = new Moments(totalsTallying(kind), limit)
  for (const { timeMs, value } of all) moments.add(timeMs, totalsOf(value))
  return moments
}

function told(kind: TotalsKind, moments: Moments<Totals, Totals>, fromMs: number, toMs: number): number {
  const totals = noTotals()
  moments.addTo(totals, fromMs, toMs)
  return totalsTallying(kind).value(totals, NaN)
}

/** Counted anew from all events. */
function reference(kind: TotalsKind, all: readonly Event[], fromMs: number, toMs: number): number {
  const values = all.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs).map(({ value }) => value)
  const sum = values.reduce((before, value) => before + value, 0)
  if (kind === 'count') return values.length
  if (kind === 'sum') return sum
  if (values.length === 0) return NaN
  return kind === 'mean' ? sum / values.length : Math.max(...values)
}

function reloaded(
  kind: TotalsKind,
  limit: number,
  moments: Moments<Totals, Totals>,
): Moments<Totals, Totals> {
  const writer = new ByteWriter()
  moments.encode(writer)
  const reader = new ByteReader(writer.take())
  const read = Moments.decode(totalsTallying(kind), limit, reader)
  expect(reader.done).toBe(true)
  return read
}

describe('moments', () => {
  it.each(KINDS)('tell the %s of any stretch of time exactly, both ends included (O1)', (kind) => {
    fc.assert(
      fc.property(events, span, (all, [from, length]) => {
        const [fromMs, toMs] = [START_MS + from, START_MS + from + length]
        const expected = reference(kind, all, fromMs, toMs)
        expect(told(kind, momentsOf(kind, 100, all), fromMs, toMs)).toBe(expected)
        expect(told(kind, momentsOf(kind, 100, all.toReversed()), fromMs, toMs)).toBe(expected)
      }),
    )
  })

  it.each(['count', 'sum', 'max'] as const)('past the limit never tell a %s too high (O1)', (kind) => {
    fc.assert(
      fc.property(events, span, fc.integer({ min: 1, max: 10 }), (all, [from, length], limit) => {
        const [fromMs, toMs] = [START_MS + from, START_MS + from + length]
        const moments = momentsOf(kind, limit, all)
        const expected = reference(kind, all, fromMs, toMs)
        const value = told(kind, moments, fromMs, toMs)
        expect(moments.exact).toBe(new Set(all.map(({ timeMs }) => timeMs)).size <= limit)
        if (moments.exact) expect(value).toBe(expected)
        else expect([expected, kind === 'max' ? NaN : 0].some((one) => Object.is(one, value))).toBe(true)
        expect(told(kind, moments, START_MS, START_MS + 40)).toBe(
          reference(kind, all, START_MS, START_MS + 40),
        )
      }),
    )
  })

  it('past the limit tell what a window leaves out that holds some of them, be it the first or the last alone (O1)', () => {
    const one = { value: 1 }
    const moments = momentsOf('count', 1, [
      { timeMs: START_MS, ...one },
      { timeMs: START_MS + 40, ...one },
    ])
    const isTold = (from: number, to: number) => moments.leftOut(START_MS + from, START_MS + to) !== null
    expect([isTold(-5, 0), isTold(-5, 39), isTold(40, 50), isTold(1, 50)]).toEqual([true, true, true, true])
    expect([isTold(-5, -1), isTold(41, 50), isTold(0, 40)]).toEqual([false, false, false])
  })

  it('are bounded, however many events come (O2)', () => {
    const moments = new Moments(totalsTallying('sum'), 50)
    for (let at = 0; at < 50; at++) moments.add(START_MS + at, totalsOf(1))
    const full = moments.bytes
    for (let at = 0; at < 10_000; at++) moments.add(START_MS + (at % 50), totalsOf(1))
    expect([moments.bytes, moments.exact]).toEqual([full, true])
    for (let at = 0; at < 10_000; at++) moments.add(START_MS + at, totalsOf(1))
    expect(moments.bytes).toBeLessThan(full)
  })

  it.each(KINDS)('go on after they were stored and read back (%s)', (kind) => {
    fc.assert(
      fc.property(
        events,
        events,
        span,
        fc.integer({ min: 1, max: 60 }),
        (before, after, [from, length], limit) => {
          const kept = momentsOf(kind, limit, before)
          const read = reloaded(kind, limit, kept)
          for (const { timeMs, value } of after) {
            kept.add(timeMs, totalsOf(value))
            read.add(timeMs, totalsOf(value))
          }
          const [fromMs, toMs] = [START_MS + from, START_MS + from + length]
          expect(told(kind, read, fromMs, toMs)).toBe(told(kind, kept, fromMs, toMs))
          expect([read.exact, read.lastMs]).toEqual([kept.exact, kept.lastMs])
        },
      ),
    )
  })
})
