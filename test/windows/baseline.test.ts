/** What today is against a key's own two weeks: values that are new, and how much more there is. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BASELINE_DAYS, BaselineDays, LEAST_DAYS } from '../../src/windows/baseline-days.ts'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { DailyChange } from '../../src/windows/daily-change.ts'
import { KnownValues, LEAST_EVENTS, MAX_VALUES } from '../../src/windows/known-values.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 0, 1)
const HOME = 1
const ABROAD = 2
const LATE_DAYS = 2

function at(day: number, ofDay = 0.5): number {
  return START_MS + Math.floor((day + ofDay) * DAY_MS)
}

/** `days` days with so many events of the usual value. */
function used(days: number, events = LEAST_EVENTS): KnownValues {
  const known = new KnownValues()
  for (let day = 0; day < days; day++) add(known, day, HOME, events)
  return known
}

function add(known: KnownValues, day: number, value: number, events: number): void {
  for (let event = 0; event < events; event++) known.add(value, at(day))
}

function changed(days: number, perDay: number): DailyChange {
  const change = new DailyChange()
  for (let day = 0; day < days; day++) change.add(perDay, at(day))
  return change
}

describe('the days of a baseline', () => {
  it('are those of the last two weeks, whether they are noted in turn or late', () => {
    const days = new BaselineDays()
    for (const day of [100, 101, 103]) days.note(day)
    expect(days.active).toBe(2)
    days.note(102)
    expect(days.active).toBe(3)
    days.note(101 + BASELINE_DAYS)
    expect(days.active).toBe(3)
    days.note(104 + 2 * BASELINE_DAYS)
    expect(days.active).toBe(0)
  })
})

describe('what is new', () => {
  it('is unknown until fourteen days have passed since there were too many values', () => {
    const known = used(LEAST_DAYS)
    for (let value = 0; value <= MAX_VALUES; value++) known.add(100 + value, at(LEAST_DAYS))
    for (let day = LEAST_DAYS + 1; day <= LEAST_DAYS + BASELINE_DAYS + 1; day++) {
      add(known, day, HOME, LEAST_EVENTS)
      const isKnown = day > LEAST_DAYS + BASELINE_DAYS
      expect([day, known.value(at(day))]).toEqual([day, isKnown ? 0 : NaN])
    }
  })

  it('is unknown while the baseline is cold', () => {
    for (const days of [0, 1, LEAST_DAYS - 1]) {
      const known = used(days)
      add(known, days, ABROAD, 100)
      expect(known.value(at(days))).toBeNaN()
    }
  })

  it('is the share of today that has a value of none of the days before', () => {
    const known = used(LEAST_DAYS)
    add(known, LEAST_DAYS, HOME, 30)
    expect(known.value(at(LEAST_DAYS))).toBe(0)
    add(known, LEAST_DAYS, ABROAD, 90)
    expect(known.value(at(LEAST_DAYS))).toBe(0.75)
    expect(known.value(at(LEAST_DAYS + 1))).toBeNaN()
  })

  it('is usual on the next day, and new again after two weeks without it', () => {
    const known = used(LEAST_DAYS)
    add(known, LEAST_DAYS, ABROAD, 40)
    add(known, LEAST_DAYS + 1, ABROAD, 40)
    expect(known.value(at(LEAST_DAYS + 1))).toBe(0)
    for (let day = LEAST_DAYS + 2; day <= LEAST_DAYS + 1 + BASELINE_DAYS; day++) add(known, day, HOME, 1)
    add(known, LEAST_DAYS + 2 + BASELINE_DAYS, ABROAD, 40)
    expect(known.value(at(LEAST_DAYS + 2 + BASELINE_DAYS))).toBe(1)
  })

  it('is unknown of a few events, and of a key without habits', () => {
    const known = used(LEAST_DAYS)
    add(known, LEAST_DAYS, ABROAD, LEAST_EVENTS - 1)
    expect(known.value(at(LEAST_DAYS))).toBeNaN()
    add(known, LEAST_DAYS, ABROAD, 1)
    expect(known.value(at(LEAST_DAYS))).toBe(1)
    for (let value = 0; value < MAX_VALUES; value++) known.add(100 + value, at(LEAST_DAYS))
    expect(known.value(at(LEAST_DAYS))).toBeNaN()
    expect(known.bytes).toBeLessThan(160 + 72 * (MAX_VALUES + 1))
  })

  it('comes back from the store as it was', () => {
    const known = used(LEAST_DAYS)
    add(known, LEAST_DAYS, ABROAD, 25)
    const writer = new ByteWriter()
    known.encode(writer)
    const restored = KnownValues.decode(new ByteReader(writer.take()))
    for (const one of [known, restored]) add(one, LEAST_DAYS, HOME, 10)
    expect(restored.value(at(LEAST_DAYS))).toBe(known.value(at(LEAST_DAYS)))
    expect(restored.value(at(LEAST_DAYS))).toBeCloseTo(25 / 35)
  })
})

describe('change', () => {
  it('is today over a usual active day, and unknown while the baseline is cold', () => {
    expect(changed(LEAST_DAYS, 10).value(at(LEAST_DAYS - 1))).toBeNaN()
    const change = changed(LEAST_DAYS, 10)
    change.add(5, at(LEAST_DAYS))
    expect(change.value(at(LEAST_DAYS))).toBe(0.5)
    change.add(45, at(LEAST_DAYS))
    expect(change.value(at(LEAST_DAYS))).toBe(5)
    expect(change.value(at(LEAST_DAYS + 1))).toBeNaN()
  })

  it('forgets what is older than two weeks, and is unknown against nothing', () => {
    const change = changed(LEAST_DAYS, 1_000)
    for (let day = LEAST_DAYS; day < 30; day++) change.add(10, at(day))
    change.add(20, at(30))
    expect(change.value(at(30))).toBe(2)
    const idle = changed(LEAST_DAYS, 0)
    idle.add(5, at(LEAST_DAYS))
    expect(idle.value(at(LEAST_DAYS))).toBeNaN()
  })

  it('comes back from the store as it was', () => {
    const change = changed(LEAST_DAYS, 0.1)
    change.add(0.7, at(LEAST_DAYS))
    const writer = new ByteWriter()
    change.encode(writer)
    const restored = DailyChange.decode(new ByteReader(writer.take()))
    expect(restored.value(at(LEAST_DAYS))).toBe(change.value(at(LEAST_DAYS)))
  })
})

describe('how many events more it takes until a limit is exceeded', () => {
  const event = fc.record({
    passedDays: fc.oneof(
      { weight: 40, arbitrary: fc.constant(0) },
      { weight: 4, arbitrary: fc.constant(1) },
      { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
    ),
    value: fc.oneof(
      { weight: 3, arbitrary: fc.constant(HOME) },
      { weight: 2, arbitrary: fc.integer({ min: 2, max: 90 }) },
    ),
    times: fc.integer({ min: 1, max: 30 }),
  })
  const days = fc.integer({ min: 0, max: LEAST_DAYS + 2 })
  const limit = fc.constantFrom(0, 0.1, 0.3, 0.5, 0.75, 0.9, 1)

  it('is never told too high of what is new', () => {
    let waits = 0
    fc.assert(
      fc.property(days, fc.array(event, { maxLength: 12 }), limit, (past, events, above) => {
        const known = used(past)
        let day = past
        let newest = past
        let left = known.stepsTo(above, LATE_DAYS)
        for (const { passedDays, value, times } of events) {
          day = Math.max(0, newest - LATE_DAYS, day + passedDays)
          newest = Math.max(newest, day)
          for (let time = 0; time < times; time++) {
            known.add(value, at(day))
            left--
            const held = [day - 1, day, day + 1].some((one) => known.value(at(one)) > above)
            if (left > 0) {
              waits++
              expect(held).toBe(false)
            } else left = known.stepsTo(above, LATE_DAYS)
          }
        }
      }),
      { numRuns: 1_000 },
    )
    expect(waits).toBeGreaterThan(10_000)
  })

  it('is what is told of a share that has to be reached, of few events, and of a cold baseline', () => {
    const known = used(LEAST_DAYS + 1, 0)
    expect(known.stepsTo(0.5, LATE_DAYS)).toBe(LEAST_EVENTS)
    expect(used(3).stepsTo(0.5, LATE_DAYS)).toBe(LEAST_EVENTS)
    const busy = used(LEAST_DAYS + 1, 29)
    expect(busy.stepsTo(0.1, LATE_DAYS)).toBe(3)
    add(busy, LEAST_DAYS, ABROAD, 3)
    expect(busy.value(at(LEAST_DAYS))).toBeCloseTo(3 / 32)
    expect(busy.stepsTo(0.5, LATE_DAYS)).toBe(LEAST_EVENTS)
    expect(busy.stepsTo(1.5, LATE_DAYS)).toBe(Infinity)
  })

  it('counts with days that come late, and with no more of them than may', () => {
    const known = used(LEAST_DAYS - 1)
    add(known, LEAST_DAYS + 1, ABROAD, LEAST_EVENTS)
    expect(known.stepsTo(0.5, 0)).toBe(LEAST_EVENTS)
    expect(known.stepsTo(0.5, 1)).toBe(1)
    add(known, LEAST_DAYS, HOME, 1)
    expect(known.value(at(LEAST_DAYS + 1))).toBe(1)
  })

  it('is never told too high of change', () => {
    let waits = 0
    fc.assert(
      fc.property(days, fc.array(event, { maxLength: 20 }), (past, events) => {
        const change = changed(past, 1)
        let day = past
        let left = change.stepsTo(0.5)
        for (const { passedDays, value } of events) {
          day = Math.max(0, day + passedDays)
          change.add(value, at(day))
          left--
          if (left > 0) {
            waits++
            expect(change.value(at(day)) > 0.5).toBe(false)
          } else left = change.stepsTo(0.5)
        }
      }),
    )
    expect(waits).toBeGreaterThan(100)
  })
})
