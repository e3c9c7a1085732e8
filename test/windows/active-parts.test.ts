import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activePartsOver, partsOf } from '../../src/windows/active-parts.ts'
import { activePanes } from '../../src/windows/activity.ts'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'
import { activeParts } from './moving-reference.ts'

const START_MS = 1_800_000_000_000
const NOTHING = { address: '', tokens: 0, template: '', ordinal: 0, text: 0 }

const drawn = fc.record({
  paneMs: fc.integer({ min: 2, max: 60 }),
  /** Beside a pane: a window may end with part of one. */
  moreMs: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 400 })),
  times: fc.array(fc.nat(200), { maxLength: 60 }),
  endMs: fc.integer({ min: 20, max: 240 }),
  stored: fc.boolean(),
})

describe('the active parts of a window', () => {
  it('are told exactly, wherever panes begin and however many events they have (P1)', () => {
    fc.assert(
      fc.property(drawn, ({ paneMs, moreMs, times, endMs, stored }) => {
        const windowMs = paneMs + moreMs
        const parts = partsOf(windowMs, paneMs)
        if (parts > 52) return
        const sliding = activePartsOver(windowMs, paneMs)
        const window = sliding.openWindow(START_MS + endMs)
        const all = times.map((at) => START_MS + at)
        for (const ofPane of Map.groupBy(all, (timeMs) => Math.floor(timeMs / paneMs)).values()) {
          let pane = sliding.openPane()
          for (const timeMs of ofPane) pane.add(timeMs, timeMs)
          if (stored) {
            const writer = new ByteWriter()
            pane.encode(writer)
            pane = sliding.decodePane(new ByteReader(writer.take()))
          }
          expect(pane.lastMs).toBe(Math.max(...ofPane))
          pane.addTo(window, window.endMs - windowMs, window.endMs)
        }
        const startMs = window.endMs - windowMs
        const events = all
          .filter((timeMs) => timeMs >= startMs && timeMs <= window.endMs)
          .map((timeMs) => ({ ...NOTHING, timeMs }))
        // Ends of parts that are no whole millisecond are not met by any event.
        const expected = activeParts({ events, startMs, endMs: window.endMs }, parts)
        const told = Array.from(
          { length: parts },
          (_, part) => Math.floor(window.parts / 2 ** (parts - 1 - part)) % 2 === 1,
        )
        expect(told).toEqual(expected)
        expect(activePanes(sliding.value(window))).toBe(expected.filter(Boolean).length)
      }),
      { numRuns: 1_000 },
    )
  })

  it('take no more room for more events', () => {
    const sliding = activePartsOver(600, 100)
    const pane = sliding.openPane()
    for (let at = 0; at < 100; at++) pane.add(START_MS + at, START_MS + at)
    const { bytes } = pane
    for (let at = 0; at < 10_000; at++) pane.add(START_MS + (at % 100), 0)
    expect(pane.bytes).toBe(bytes)
    expect(bytes).toBeLessThan(200)
  })
})
