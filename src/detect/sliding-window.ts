/**
 * One key's sliding window of one feature, by sub-key: it ends with an event and begins its length before, both
 * inclusive.
 *
 * S1. It ends with the evaluating event, or with the newest that the feature has counted where that is later.
 * S2. At most `maxSubKeys` sub-keys a pane, as in panes of other windows; later ones are unknown.
 */
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import type { Sliding, Stretch } from '../windows/tally.ts'
import type { CellPlace, ItemOf, MovingForm, MovingWindow } from './moving-window.ts'

interface SlidingPane<I, T> {
  readonly number: number
  readonly bySubKey: Map<string, Stretch<I, T>>
  overflowed: boolean
  dirty: boolean
}

interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** What the panes of a window have of a sub-key. */
interface Merged<T> {
  readonly window: T
  /** Whether one of them has a place for it. */
  readonly kept: boolean
  /** Whether one of them had none for some sub-key. */
  readonly overflowed: boolean
}

export class SlidingWindow<I, T> implements MovingWindow {
  readonly #form: MovingForm
  readonly #sliding: Sliding<I, T>
  readonly #itemOf: ItemOf<I>
  /** Ascending. */
  #panes: SlidingPane<I, T>[] = []

  constructor(form: MovingForm, sliding: Sliding<I, T>, itemOf: ItemOf<I>) {
    this.#form = form
    this.#sliding = sliding
    this.#itemOf = itemOf
  }

  get bytes(): number {
    let bytes = 64
    for (const { bySubKey } of this.#panes)
      for (const stretch of bySubKey.values()) bytes += 96 + stretch.bytes
    return bytes
  }

  add(subKey: string, timeMs: number, body: unknown): void {
    const item = this.#itemOf(body, timeMs)
    if (item === null) return
    const pane = this.#paneOf(Math.floor(timeMs / this.#form.cellMs))
    pane.dirty = true
    const stretch = pane.bySubKey.get(subKey) ?? this.#open(pane, subKey)
    stretch?.add(timeMs, item)
  }

  value(subKey: string, timeMs: number, asOf: boolean): number {
    const span = this.#spanAt(subKey, timeMs, asOf)
    if (span.startMs < this.#form.sinceMs) return NaN
    const { window, kept, overflowed } = this.#merge(subKey, span)
    return overflowed && !kept ? NaN : this.#sliding.value(window)
  }

  error(subKey: string, timeMs: number, asOf: boolean): number {
    const span = this.#spanAt(subKey, timeMs, asOf)
    const { window } = this.#merge(subKey, span)
    let left: T | null = null
    for (const pane of this.#panes) {
      if (!this.#isWithin(pane, span)) continue
      const out = pane.bySubKey.get(subKey)?.leftOut(span.startMs, span.endMs) ?? null
      if (out === null) continue
      left ??= this.#sliding.openWindow(span.endMs)
      this.#sliding.merge(left, out)
    }
    return this.#sliding.error(window, left)
  }

  dropExpired(streamTimeMs: number): void {
    while (this.#panes[0] !== undefined && this.#expiresAtMs(this.#panes[0].number) <= streamTimeMs) {
      this.#panes.shift()
    }
  }

  /** A cell is a pane with all its sub-keys. */
  changes(writer: ByteWriter, write: (place: CellPlace, expiresAtMs: number, cell: Buffer) => void): void {
    for (const pane of this.#panes) {
      if (!pane.dirty) continue
      pane.dirty = false
      writer.varint(Number(pane.overflowed))
      writer.varint(pane.bySubKey.size)
      for (const [subKey, stretch] of pane.bySubKey) {
        writer.text(subKey)
        stretch.encode(writer)
      }
      write({ of: '', number: pane.number }, this.#expiresAtMs(pane.number), writer.take())
    }
  }

  restore({ number }: CellPlace, cell: Buffer): void {
    const reader = new ByteReader(cell)
    const pane = this.#paneOf(number)
    pane.overflowed = reader.varint() === 1
    for (let left = reader.varint(); left > 0; left--)
      pane.bySubKey.set(reader.text(), this.#sliding.decodePane(reader))
  }

  #open(pane: SlidingPane<I, T>, subKey: string): Stretch<I, T> | undefined {
    if (pane.bySubKey.size >= this.#form.maxSubKeys) {
      pane.overflowed = true
      return undefined
    }
    const stretch = this.#sliding.openPane()
    pane.bySubKey.set(subKey, stretch)
    return stretch
  }

  #merge(subKey: string, span: Span): Merged<T> {
    const window = this.#sliding.openWindow(span.endMs)
    let kept = false
    let overflowed = false
    for (const pane of this.#panes) {
      if (!this.#isWithin(pane, span)) continue
      const stretch = pane.bySubKey.get(subKey)
      stretch?.addTo(window, span.startMs, span.endMs)
      kept ||= stretch !== undefined
      overflowed ||= pane.overflowed
    }
    return { window, kept, overflowed }
  }

  /** S1; both ends belong to it. */
  #spanAt(subKey: string, timeMs: number, asOf: boolean): Span {
    const endMs = asOf ? timeMs : Math.max(timeMs, this.#newestMs(subKey))
    return { startMs: endMs - this.#form.spec.windowMs, endMs }
  }

  #isWithin({ number }: SlidingPane<I, T>, { startMs, endMs }: Span): boolean {
    return number >= this.#numberOf(startMs) && number <= this.#numberOf(endMs)
  }

  #newestMs(subKey: string): number {
    for (let at = this.#panes.length - 1; at >= 0; at--) {
      const stretch = this.#panes[at]?.bySubKey.get(subKey)
      if (stretch !== undefined) return stretch.lastMs
    }
    return -Infinity
  }

  #paneOf(number: number): SlidingPane<I, T> {
    const known = this.#panes.findLast((pane) => pane.number === number)
    if (known !== undefined) return known
    const pane: SlidingPane<I, T> = { number, bySubKey: new Map(), overflowed: false, dirty: false }
    this.#panes.push(pane)
    this.#panes.sort((a, b) => a.number - b.number)
    return pane
  }

  #numberOf(timeMs: number): number {
    return Math.floor(timeMs / this.#form.cellMs)
  }

  #expiresAtMs(number: number): number {
    return (number + 1) * this.#form.cellMs + this.#form.reachMs
  }
}
