/**
 * One key's sliding window of one feature, by sub-key: it ends with an event and begins its length before, both
 * inclusive.
 *
 * S1. It ends with the evaluating event, or with the newest that the feature has counted where that is later.
 * S2. What it tells is a function of its panes alone, whether a merged window was held (`held-windows.ts`) or not.
 * S3. At most `maxSubKeys` sub-keys a pane, as in panes of other windows; later ones are unknown.
 */
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import type { Sliding, Stretch } from '../windows/tally.ts'
import { HeldWindows } from './held-windows.ts'
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

export class SlidingWindow<I, T> implements MovingWindow {
  readonly #form: MovingForm
  readonly #sliding: Sliding<I, T>
  readonly #itemOf: ItemOf<I>
  /** Ascending. */
  #panes: SlidingPane<I, T>[] = []
  /** Null where a window is merged anew for each reading. */
  readonly #held: HeldWindows<I, T> | null

  constructor(form: MovingForm, sliding: Sliding<I, T>, itemOf: ItemOf<I>) {
    this.#form = form
    this.#sliding = sliding
    this.#itemOf = itemOf
    const { following, bytes } = sliding
    this.#held =
      following === null
        ? null
        : new HeldWindows(following, form.spec.windowMs, bytes, (...within) => this.#stretches(...within))
  }

  get bytes(): number {
    let bytes = 64 + (this.#held?.bytes ?? 0)
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
    if (stretch === undefined) return
    const gain = stretch.add(timeMs, item)
    this.#held?.follow(subKey, timeMs, item, stretch, gain)
  }

  value(subKey: string, timeMs: number, asOf: boolean): number {
    const span = this.#spanAt(subKey, timeMs, asOf)
    if (span.startMs < this.#form.sinceMs) return NaN
    const stretches = this.#stretches(subKey, span.startMs, span.endMs)
    if (stretches.length === 0 && this.#hasOverflowed(span)) return NaN
    const held = asOf ? null : (this.#held?.at(subKey, span.endMs) ?? null)
    if (held !== null) return this.#sliding.value(held)
    const window = this.#merge(stretches, span)
    if (!asOf && stretches.length > 0) this.#held?.hold(subKey, span.endMs, window)
    return this.#sliding.value(window)
  }

  error(subKey: string, timeMs: number, asOf: boolean): number {
    const span = this.#spanAt(subKey, timeMs, asOf)
    const stretches = this.#stretches(subKey, span.startMs, span.endMs)
    const window = this.#merge(stretches, span)
    let left: T | null = null
    for (const stretch of stretches) {
      const out = stretch.leftOut(span.startMs, span.endMs)
      if (out === null) continue
      left ??= this.#sliding.openWindow(span.endMs)
      this.#sliding.merge(left, out)
    }
    return this.#sliding.error(window, left)
  }

  dropExpired(streamTimeMs: number): void {
    while (this.#panes[0] !== undefined && this.#expiresAtMs(this.#panes[0].number) <= streamTimeMs) {
      this.#held?.dropBefore((this.#panes[0].number + 1) * this.#form.cellMs)
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

  /** What the panes of those times have of the sub-key. */
  #stretches(subKey: string, startMs: number, endMs: number): readonly Stretch<I, T>[] {
    const found: Stretch<I, T>[] = []
    for (const pane of this.#panes) {
      const stretch = this.#isWithin(pane, { startMs, endMs }) ? pane.bySubKey.get(subKey) : undefined
      if (stretch !== undefined) found.push(stretch)
    }
    return found
  }

  #merge(stretches: readonly Stretch<I, T>[], { startMs, endMs }: Span): T {
    const window = this.#sliding.openWindow(endMs)
    for (const stretch of stretches) stretch.addTo(window, startMs, endMs)
    return window
  }

  /** Whether a pane of those times has had no place for some sub-key. */
  #hasOverflowed(span: Span): boolean {
    return this.#panes.some((pane) => pane.overflowed && this.#isWithin(pane, span))
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
