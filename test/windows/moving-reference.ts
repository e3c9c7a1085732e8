/** What figures over moving windows have to be: counted anew from all events of a window, by the book. */
import { hash31 } from '../../src/windows/hash.ts'

export interface ReferenceEvent {
  readonly timeMs: number
  readonly address: string
  readonly tokens: number
  readonly template: string
  readonly ordinal: number
  /** Which text, of texts that are near to their own variants and to no other's. */
  readonly text: number
}

/** A window: what it holds, in the order of time, and from when to when it reaches. */
export interface ReferenceWindow {
  readonly events: readonly ReferenceEvent[]
  readonly startMs: number
  readonly endMs: number
}

export const SHARE = 0.7

/** By the word of the aggregate; NaN is unknown. */
export const REFERENCE: Readonly<Record<string, (window: ReferenceWindow) => number>> = {
  distinct: ({ events }) => new Set(events.map(({ address }) => address)).size,
  nearDistinct: ({ events }) => new Set(events.map(({ text }) => text)).size,
  topShare: ({ events }) => Math.max(0, ...counts(events)) / events.length,
  entropy: ({ events }) => {
    const shares = counts(events).map((count) => count / events.length)
    return shares.length === 0 ? NaN : shares.reduce((bits, share) => bits - share * Math.log2(share), 0)
  },
  quantile: ({ events }) => {
    const tokens = events.map((event) => event.tokens).sort((a, b) => a - b)
    return tokens[Math.ceil(SHARE * tokens.length) - 1] ?? NaN
  },
  enumeration: ({ events }) => {
    const byTemplate = [...Map.groupBy(events, ({ template }) => template)]
    // Of templates that are used alike that of the smaller hash is told.
    const [[, most] = ['', []]] = byTemplate.sort(
      ([one, ofOne], [other, ofOther]) => ofOther.length - ofOne.length || hash31(one) - hash31(other),
    )
    return most.length < 50 ? NaN : walkOf(most)
  },
  regularity: ({ events }) => {
    const gaps = events.slice(1).map(({ timeMs }, at) => timeMs - (events[at]?.timeMs ?? NaN))
    const sum = gaps.reduce((all, gap) => all + gap, 0)
    const squares = gaps.reduce((all, gap) => all + gap * gap, 0)
    return gaps.length < 20 || squares === 0 ? NaN : (sum * sum) / (gaps.length * squares)
  },
}

/** In which of so many equal parts, counted back from the end, there was something; the last part is the first. */
export function activeParts({ events, startMs, endMs }: ReferenceWindow, parts: number): readonly boolean[] {
  const lengthMs = (endMs - startMs) / parts
  return Array.from({ length: parts }, (_, part) => {
    const toMs = endMs - part * lengthMs
    const isLast = part === parts - 1
    return events.some(
      ({ timeMs }) => timeMs <= toMs && (isLast ? timeMs >= startMs : timeMs > toMs - lengthMs),
    )
  })
}

function counts(events: readonly ReferenceEvent[]): readonly number[] {
  return [...Map.groupBy(events, ({ address }) => address).values()].map(({ length }) => length)
}

function walkOf(events: readonly ReferenceEvent[]): number {
  const ordinals = events.map(({ ordinal }) => ordinal)
  const distinct = new Set(ordinals).size
  return (
    (distinct / events.length) * Math.min(1, distinct / (Math.max(...ordinals) - Math.min(...ordinals) + 1))
  )
}
