/**
 * Figures over moving windows at random, beside a reference that keeps all events (`moving-reference.ts`): equal where they
 * are exact, and within the error that is told where they are not. Events come out of order, the state is stored and read
 * back between them, and reading changes nothing.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Evaluation } from '../../src/detect/evaluation.ts'
import { planFeatures } from '../../src/detect/feature-plan.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { NO_LISTS } from '../../src/detect/list-board.ts'
import type { CompiledTopology } from '../../src/topology/model.ts'
import { ACCOUNT, Drive, START_MS, topologyOf } from '../detect/harness.ts'
import { propertyParameters, propertyTimeoutMs } from '../support/property-parameters.ts'
import {
  activeParts,
  REFERENCE,
  SHARE,
  type ReferenceEvent,
  type ReferenceWindow,
} from './moving-reference.ts'

const LATENESS_MS = 30_000
const WINDOW_MS = 6_000
const PANE_MS = WINDOW_MS / 6
const EXACT_MOMENTS = 256
const QUANTILE_LIMIT = 900

/** Of verdicts: they have all that is counted. */
function featuresOver(window: string): string {
  return `
  distinct: { distinct: verdicts.contentDigest, ${window} }
  nearDistinct: { distinct: verdicts.simHash, ${window} }
  topShare: { topShare: verdicts.contentDigest, ${window}, exactLimit: 12 }
  entropy: { entropy: verdicts.contentDigest, ${window}, exactLimit: 12 }
  quantile: { quantile: verdicts.characters, share: ${SHARE}, ${window}, exactLimit: ${QUANTILE_LIMIT} }
  enumeration: { enumeration: verdicts.slotOrdinal, group: verdicts.templateHash, ${window} }
  regularity: { regularity: verdicts, ${window} }
`
}

const sliding = topologyOf(`features:${featuresOver('sliding: 6s')}
  dutyCycle: { dutyCycle: verdicts, sliding: 6s }
  streak: { streak: verdicts, sliding: 6s }
`)

/** Events in the order in which they come; `aheadMs` from one to the next. */
const drawn = fc.record({
  aheadMs: fc.oneof(
    { weight: 40, arbitrary: fc.integer({ min: 0, max: 250 }) },
    { weight: 2, arbitrary: fc.integer({ min: -WINDOW_MS, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 12_000 }) },
  ),
  /** So many events at once. */
  times: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 70 })),
  address: fc.nat(30),
  tokens: fc.nat(400),
  template: fc.nat(2),
  back: fc.nat(40),
  text: fc.nat(12),
  variant: fc.nat(2),
  reload: fc.integer({ min: 0, max: 40 }).map((one) => one === 0),
})
type Drawn = typeof drawn extends fc.Arbitrary<infer D> ? D : never

/** Hashes of one text lie within two bits, those of two texts at least sixteen apart. */
function simHashOf(text: number, variant: number): string {
  const digits = Array.from({ length: 16 }, (_, at) => ((text * 7 + at * text * text + at) % 16).toString(16))
  const last = Number.parseInt(digits[15] ?? '0', 16) ^ variant
  return [...digits.slice(0, 15), last.toString(16)].join('')
}

class Beside {
  readonly drive: Drive
  readonly events: ReferenceEvent[] = []
  readonly #topology: CompiledTopology
  #timeMs = START_MS
  #walk = 0

  constructor(topology: CompiledTopology) {
    this.#topology = topology
    this.drive = new Drive(topology)
  }

  take(one: Drawn): void {
    this.#timeMs = Math.max(START_MS, this.#timeMs + one.aheadMs, this.drive.streamTimeMs - LATENESS_MS)
    for (let at = 0; at < one.times; at++) this.#add(one, at)
    if (one.reload) this.drive.reload()
  }

  #add(one: Drawn, at: number): void {
    const event: ReferenceEvent = {
      timeMs: this.#timeMs + at,
      address: `a${(one.address * (at + 1)) % 31}`,
      tokens: (one.tokens * (at + 1)) % 401,
      template: `t${one.template}`,
      ordinal: this.#walk++ - one.back,
      text: one.text,
    }
    this.events.push(event)
    this.drive.verdict(event.timeMs, {
      contentDigest: event.address,
      characters: event.tokens,
      templateHash: event.template,
      slotOrdinal: event.ordinal,
      simHash: simHashOf(one.text, one.variant),
    })
  }

  /** Name to what is told and how far off it may be, at that time. */
  told(
    timeMs: number,
    asOf = false,
  ): ReadonlyMap<string, { readonly value: number; readonly error: number }> {
    const evaluation = new Evaluation(planFeatures(this.#topology), () => null, NO_JITTER, NO_LISTS)
    const { state } = this.drive
    evaluation.at({ key: ACCOUNT, state, body: null, timeMs, asOf, poolId: null })
    return new Map(
      this.#topology.features.map(({ name, index }) => [
        name,
        { value: evaluation.feature(index), error: evaluation.error(index) },
      ]),
    )
  }

  get newestMs(): number {
    return Math.max(...this.events.map(({ timeMs }) => timeMs))
  }

  windowAt(timeMs: number, asOf = false): ReferenceWindow {
    const endMs = asOf ? timeMs : Math.max(timeMs, this.newestMs)
    const startMs = endMs - WINDOW_MS
    return { ...this.within(startMs, endMs), startMs, endMs }
  }

  within(fromMs: number, toMs: number): { readonly events: readonly ReferenceEvent[] } {
    const held = this.events.filter(({ timeMs }) => timeMs >= fromMs && timeMs <= toMs)
    return { events: held.sort((a, b) => a.timeMs - b.timeMs) }
  }
}

/** The value itself where it is as good as the exact one, else that. */
function near(value: number, exact: number): number {
  return Math.abs(value - exact) < 1e-4 ? value : exact
}

describe('a sliding window', () => {
  /** Whether a pane of the window has more events than it tells apart. */
  function isCrowded(beside: Beside, { startMs, endMs }: ReferenceWindow): boolean {
    const panes = Map.groupBy(
      beside.events.filter(
        ({ timeMs }) =>
          timeMs >= Math.floor(startMs / PANE_MS) * PANE_MS &&
          timeMs < (Math.floor(endMs / PANE_MS) + 1) * PANE_MS,
      ),
      ({ timeMs }) => Math.floor(timeMs / PANE_MS),
    )
    return [...panes.values()].some(({ length }) => length > EXACT_MOMENTS)
  }

  function check(beside: Beside, timeMs: number, asOf = false): void {
    const window = beside.windowAt(timeMs, asOf)
    const told = beside.told(timeMs, asOf)
    const crowded = isCrowded(beside, window)
    for (const [name, reference] of Object.entries(REFERENCE)) {
      const { value, error } = told.get(name) ?? { value: NaN, error: NaN }
      const exact = reference(window)
      const isExact = !crowded && (name !== 'quantile' || window.events.length <= QUANTILE_LIMIT)
      if (isExact) expect([name, value, error]).toEqual([name, near(value, exact), 0])
      else if (!Number.isNaN(value) && !Number.isNaN(exact))
        expect(Math.abs(value - exact), `${name} ${value} ${exact}`).toBeLessThanOrEqual(error + 1e-4)
    }
    const active = activeParts(window, 6)
    expect(told.get('dutyCycle')).toEqual({ value: active.filter(Boolean).length / 6, error: 0 })
    const idle = active.indexOf(false)
    expect(told.get('streak')).toEqual({ value: idle < 0 ? 6 : idle, error: 0 })
  }

  const parameters = propertyParameters(60)
  it(
    'tells what all of its events tell, or how far off it may be',
    () => {
      fc.assert(
        fc.property(fc.array(drawn, { minLength: 1, maxLength: 400, size: 'max' }), (all) => {
          const beside = new Beside(sliding)
          for (const [at, one] of all.entries()) {
            beside.take(one)
            if (at % 3 === 0) beside.told(beside.newestMs + (at % 4) * 300)
            if (at % 23 !== 0 && at < all.length - 1) continue
            check(beside, beside.newestMs)
            const laterMs = beside.newestMs + (at % 5) * 900
            check(beside, laterMs)
            const told = beside.told(laterMs)
            // Nothing of what was read before decides what is told (P5), be it as of an earlier time.
            beside.drive.reload()
            check(beside, beside.newestMs - (at % 7) * 700, true)
            expect(beside.told(laterMs)).toEqual(told)
          }
        }),
        parameters,
      )
    },
    propertyTimeoutMs(parameters),
  )
})

it('a sliding window that was read tells of a pane that a straggler cuts what it tells anew', () => {
  const beside = new Beside(sliding)
  const still = { address: 1, tokens: 1, template: 1, back: 0, text: 1, variant: 0, reload: false }
  beside.take({ ...still, aheadMs: 500, times: EXACT_MOMENTS + 1 })
  beside.take({ ...still, aheadMs: 5_700, times: 1 })
  expect(beside.told(START_MS + 6_200).get('distinct')?.value).toBe(31)
  beside.take({ ...still, aheadMs: -6_100, times: 1 })
  expect(beside.told(START_MS + 6_200).get('distinct')).toEqual({ value: 1, error: 30 })
})

describe('a session', () => {
  const GAP_MS = 2_000
  const sessions = topologyOf(`features:${featuresOver('session: 2s')}
  rate: { rate: verdicts, session: 2s }
`)

  /** The events that hang together with one of that time, link by link. */
  function sessionAt({ events }: Beside, timeMs: number): ReferenceWindow {
    const ascending = [...events].sort((a, b) => a.timeMs - b.timeMs)
    const links = [...ascending.map((event) => event.timeMs), timeMs].sort((a, b) => a - b)
    const at = links.indexOf(timeMs)
    let [first, last] = [at, at]
    while ((links[first] ?? NaN) - (links[first - 1] ?? NaN) <= GAP_MS) first--
    while ((links[last + 1] ?? NaN) - (links[last] ?? NaN) <= GAP_MS) last++
    const [fromMs = NaN, toMs = NaN] = [links[first], links[last]]
    const held = ascending.filter((event) => event.timeMs >= fromMs && event.timeMs <= toMs)
    return { events: held, startMs: held[0]?.timeMs ?? NaN, endMs: held.at(-1)?.timeMs ?? NaN }
  }

  /** Of how many of something a figure of a session is told exactly. */
  function isExact(name: string, { events }: ReferenceWindow): boolean {
    const addresses = new Set(events.map(({ address }) => address)).size
    if (name === 'topShare' || name === 'entropy') return addresses <= 12
    return name !== 'quantile' || events.length <= QUANTILE_LIMIT
  }

  function check(beside: Beside, timeMs: number): void {
    const window = sessionAt(beside, timeMs)
    const told = beside.told(timeMs)
    for (const [name, reference] of Object.entries(REFERENCE)) {
      const { value = NaN, error = NaN } = told.get(name) ?? {}
      const events = name === 'regularity' ? window.events.slice(-EXACT_MOMENTS) : window.events
      const exact = reference({ ...window, events })
      if (isExact(name, window)) expect([name, value, error]).toEqual([name, near(value, exact), 0])
      else expect(Math.abs(value - exact), `${name} ${value} ${exact}`).toBeLessThanOrEqual(error + 1e-4)
    }
    const minutes = (window.endMs - window.startMs) / 60_000
    const rate = window.events.length === 0 ? 0 : minutes === 0 ? NaN : window.events.length / minutes
    expect(told.get('rate')).toEqual({ value: near(told.get('rate')?.value ?? NaN, rate), error: 0 })
  }

  const parameters = propertyParameters(80)
  it(
    'tells what all of its events tell, or how far off it may be',
    () => {
      fc.assert(
        fc.property(fc.array(drawn, { minLength: 1, maxLength: 100, size: 'max' }), (all) => {
          const beside = new Beside(sessions)
          for (const [at, one] of all.entries()) {
            beside.take(one)
            if (at % 7 !== 0 && at < all.length - 1) continue
            check(beside, beside.newestMs)
            check(beside, beside.newestMs + (at % 5) * 900)
            check(beside, beside.newestMs - (at % 5) * 900)
          }
        }),
        parameters,
      )
    },
    propertyTimeoutMs(parameters),
  )
})
