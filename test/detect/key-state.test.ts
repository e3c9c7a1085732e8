/** What keys take in memory, and that they give it back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planFeatures } from '../../src/detect/feature-plan.ts'
import { KeyState } from '../../src/detect/key-state.ts'
import { KeyTable } from '../../src/detect/key-table.ts'
import { HOUR_MS, MINUTE_MS, START_MS, topologyOf, usageRecord, verdictOf } from './harness.ts'

const plan = planFeatures(
  topologyOf(`
features:
  requests_1m: { count: usage, window: 1m }
  slowest_1h: { max: usage.durationMs, window: 1h }
  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }
  topAddress_1h: { topShare: usage.clientAddressHash, window: 1h }
  ofKey_10m: { count: usage, by: keyId, window: 10m }
  addressesOfKey_1h: { distinct: usage.clientAddressHash, by: keyId, window: 1h }
  early_10m: { earlyRetries: usage, by: keyId, window: 10m }
  walk_1h: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, window: 1h }
  sliding_10m: { count: usage, sliding: 10m }
  complied_10m: { distinct: verdicts.simHash, where: 'outcome == "complied"', window: 10m }
`),
)

const step = fc.record({
  state: fc.nat(2),
  aheadMs: fc.integer({ min: -5 * MINUTE_MS, max: HOUR_MS / 4 }),
  value: fc.nat(60),
  verdict: fc.boolean(),
  asOf: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Lets states of one table see events and be read, at random. */
function drive(states: readonly KeyState[], steps: readonly Step[]): void {
  let timeMs = START_MS
  for (const [at, { state: which, aheadMs, value, verdict, asOf }] of steps.entries()) {
    const state = states[which]
    if (state === undefined) continue
    const ofEventMs = timeMs + aheadMs
    timeMs = Math.max(timeMs, ofEventMs)
    const keyId = `key-${value % 5}`
    const more = { keyId, simHash: String(value), templateHash: String(value % 40), slotOrdinal: value }
    const body = verdict
      ? verdictOf(ofEventMs, at, more)
      : usageRecord(ofEventMs, at, { keyId, clientAddressHash: String(value), retryAfterMs: 100 })
    const pointer = {
      requestId: String(at),
      topic: 'inference.verdicts.v1',
      partition: 0,
      offset: at,
      templateHash: null,
    }
    state.use(timeMs)
    if (!state.note(`event-${value}`, ofEventMs)) continue
    if (value % 8 === 0) state.factsToChange().markFired(`detector-${value}`, at)
    state.moving?.add('usage', body, ofEventMs)
    state.add(plan.byCollection.get(verdict ? 'verdicts' : 'usage') ?? [], body, ofEventMs, pointer)
    for (const feature of plan.features) {
      if (feature !== undefined) state.value(feature, { keyId }, ofEventMs, asOf)
    }
  }
}

describe('the memory of keys', () => {
  it('is given back whole when they are released', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const table = new KeyTable(plan)
        const states = [new KeyState(table), new KeyState(table), new KeyState(table)]
        drive(states, steps)
        expect(states.every(({ bytes }) => bytes > 0)).toBe(true)
        for (const state of states) state.release()
        expect(table.bytes).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('is charged to the key that took it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const table = new KeyTable(plan)
        const states = [new KeyState(table), new KeyState(table), new KeyState(table)]
        const atStart = states.map((state) => state.bytes)
        const tableAtStart = table.bytes
        drive(states, steps)
        const grown = states.map((state, at) => state.bytes - (atStart[at] ?? 0))
        expect(grown.reduce((sum, bytes) => sum + bytes, 0)).toBe(table.bytes - tableAtStart)
        const used = new Set(steps.map(({ state }) => state))
        for (const [at, bytes] of grown.entries()) if (!used.has(at)) expect(bytes).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
