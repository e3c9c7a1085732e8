/**
 * One key's sliding window of one feature, by sub-key: it ends with an event and begins its length before, both
 * inclusive.
 *
 * S1. It ends with the evaluating event, or with the newest that the feature has counted where that is later.
 * S2. At most `maxSubKeys` sub-keys a pane, as in panes of other windows; later ones are unknown.
 */
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import { Moments } from '../windows/moments.ts'
import { figureError, figureOf, mergeTotals, noTotals } from '../windows/totals.ts'
import type { MovingFeature } from './moving-plan.ts'

interface SlidingPane {
  readonly number: number
  readonly bySubKey: Map<string, Moments>
  overflowed: boolean
  dirty: boolean
}

export class SlidingWindow {
  readonly #feature: MovingFeature
  /** Ascending. */
  #panes: SlidingPane[] = []

  constructor(feature: MovingFeature) {
    this.#feature = feature
  }

  get bytes(): number {
    let bytes = 64
    for (const { bySubKey } of this.#panes)
      for (const moments of bySubKey.values()) bytes += 96 + moments.bytes
    return bytes
  }

  add(subKey: string, timeMs: number, value: number): void {
    const pane = this.#paneOf(Math.floor(timeMs / this.#feature.cellMs))
    pane.dirty = true
    const moments = pane.bySubKey.get(subKey) ?? this.#open(pane, subKey)
    moments?.add(timeMs, value)
  }

  /** The figure at an event of that time (S1); with `asOf`, as it stood then, what is newer left out. */
  value(subKey: string, timeMs: number, asOf: boolean): number {
    const { startMs, endMs } = this.#spanAt(subKey, timeMs, asOf)
    if (startMs < this.#feature.sinceMs) return NaN
    const totals = noTotals()
    let kept = false
    let overflowed = false
    for (const { number, bySubKey, overflowed: full } of this.#panes) {
      if (!this.#isWithin(number, startMs, endMs)) continue
      const moments = bySubKey.get(subKey)
      moments?.addTo(totals, startMs, endMs)
      kept ||= moments !== undefined
      overflowed ||= full
    }
    return overflowed && !kept ? NaN : figureOf(this.#feature.kind, totals)
  }

  /** How far that value may be from the exact one; 0 where no pane that it cuts has events at too many moments. */
  error(subKey: string, timeMs: number, asOf: boolean): number {
    const { startMs, endMs } = this.#spanAt(subKey, timeMs, asOf)
    const told = noTotals()
    const left = noTotals()
    for (const { number, bySubKey } of this.#panes) {
      const moments = this.#isWithin(number, startMs, endMs) ? bySubKey.get(subKey) : undefined
      moments?.addTo(told, startMs, endMs)
      const out = moments?.leftOut(startMs, endMs) ?? null
      if (out !== null) mergeTotals(left, out)
    }
    return figureError(this.#feature.kind, told, left)
  }

  dropExpired(streamTimeMs: number): void {
    while (this.#panes[0] !== undefined && this.#expiresAtMs(this.#panes[0].number) <= streamTimeMs) {
      this.#panes.shift()
    }
  }

  /** Encodes changed panes and takes them as saved. */
  changes(writer: ByteWriter, write: (number: number, expiresAtMs: number, cell: Buffer) => void): void {
    for (const pane of this.#panes) {
      if (!pane.dirty) continue
      pane.dirty = false
      writer.varint(Number(pane.overflowed))
      writer.varint(pane.bySubKey.size)
      for (const [subKey, moments] of pane.bySubKey) {
        writer.text(subKey)
        moments.encode(writer)
      }
      write(pane.number, this.#expiresAtMs(pane.number), writer.take())
    }
  }

  restore(number: number, cell: Buffer): void {
    const reader = new ByteReader(cell)
    const pane = this.#paneOf(number)
    pane.overflowed = reader.varint() === 1
    for (let left = reader.varint(); left > 0; left--) {
      const { kind, exactMoments } = this.#feature
      pane.bySubKey.set(reader.text(), Moments.decode(kind, exactMoments, reader))
    }
  }

  #open(pane: SlidingPane, subKey: string): Moments | undefined {
    if (pane.bySubKey.size >= this.#feature.maxSubKeys) {
      pane.overflowed = true
      return undefined
    }
    const moments = new Moments(this.#feature.kind, this.#feature.exactMoments)
    pane.bySubKey.set(subKey, moments)
    return moments
  }

  /** S1; both ends belong to it. */
  #spanAt(
    subKey: string,
    timeMs: number,
    asOf: boolean,
  ): { readonly startMs: number; readonly endMs: number } {
    const endMs = asOf ? timeMs : Math.max(timeMs, this.#newestMs(subKey))
    return { startMs: endMs - this.#feature.spec.windowMs, endMs }
  }

  #isWithin(number: number, startMs: number, endMs: number): boolean {
    return number >= this.#numberOf(startMs) && number <= this.#numberOf(endMs)
  }

  #newestMs(subKey: string): number {
    for (let at = this.#panes.length - 1; at >= 0; at--) {
      const moments = this.#panes[at]?.bySubKey.get(subKey)
      if (moments !== undefined) return moments.lastMs
    }
    return -Infinity
  }

  #paneOf(number: number): SlidingPane {
    const known = this.#panes.findLast((pane) => pane.number === number)
    if (known !== undefined) return known
    const pane: SlidingPane = { number, bySubKey: new Map(), overflowed: false, dirty: false }
    this.#panes.push(pane)
    this.#panes.sort((a, b) => a.number - b.number)
    return pane
  }

  #numberOf(timeMs: number): number {
    return Math.floor(timeMs / this.#feature.cellMs)
  }

  #expiresAtMs(number: number): number {
    return (number + 1) * this.#feature.cellMs + this.#feature.reachMs
  }
}
