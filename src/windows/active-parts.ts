/**
 * In which parts of a sliding window something happened: parts of one length, counted back from its end, each with its later
 * end and without its earlier one; the earliest has both.
 *
 * P1. Exact, and bounded by four times a pane: of each half of a pane its first and its last time. A part is never shorter than
 *     half a pane, so that one with an event holds the first or the last time of the half that the event lies in.
 */
import { activeBit } from './activity.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import type { Gain, Sliding, Stretch } from './tally.ts'

/** A window's parts: as one number, as of `activity.ts`, in which the earliest part is the first. */
export interface ActiveParts {
  readonly endMs: number
  parts: number
}

/** How many parts a sliding window has: as many as panes, rounded up. */
export function partsOf(windowMs: number, paneMs: number): number {
  return Math.ceil(windowMs / paneMs)
}

export function activePartsOver(windowMs: number, paneMs: number): Sliding<number, ActiveParts> {
  const parts = partsOf(windowMs, paneMs)
  const mark = (window: ActiveParts, timeMs: number): void => {
    const back = Math.floor(((window.endMs - timeMs) * parts) / windowMs)
    const bit = activeBit(Math.max(0, parts - 1 - back))
    if (Math.floor(window.parts / bit) % 2 === 0) window.parts += bit
  }
  return {
    openPane: () => new Marks(paneMs, mark),
    decodePane: (reader) => Marks.decode(paneMs, mark, reader),
    openWindow: (endMs) => ({ endMs, parts: 0 }),
    merge: () => undefined,
    following: null,
    bytes: () => 0,
    value: (window) => window.parts,
    error: () => 0,
  }
}

/** The first and the last time of half a pane. */
interface Mark {
  readonly half: number
  firstMs: number
  lastMs: number
}

class Marks implements Stretch<number, ActiveParts> {
  readonly exact = true
  readonly #halfMs: number
  readonly #mark: (window: ActiveParts, timeMs: number) => void
  readonly #marks: Mark[] = []

  constructor(paneMs: number, mark: (window: ActiveParts, timeMs: number) => void) {
    this.#halfMs = paneMs / 2
    this.#mark = mark
  }

  static decode(
    paneMs: number,
    mark: (window: ActiveParts, timeMs: number) => void,
    reader: ByteReader,
  ): Marks {
    const marks = new Marks(paneMs, mark)
    for (let left = reader.varint(); left > 0; left--) {
      const firstMs = reader.varint()
      marks.add(firstMs)
      marks.add(firstMs + reader.varint())
    }
    return marks
  }

  get firstMs(): number {
    return this.#marks.reduce((oldest, { firstMs }) => Math.min(oldest, firstMs), Infinity)
  }

  get lastMs(): number {
    return this.#marks.reduce((newest, { lastMs }) => Math.max(newest, lastMs), -Infinity)
  }

  get bytes(): number {
    return 64 + this.#marks.length * 48
  }

  add(timeMs: number): Gain {
    const half = Math.floor(timeMs / this.#halfMs)
    const known = this.#marks.find((one) => one.half === half)
    if (known === undefined) this.#marks.push({ half, firstMs: timeMs, lastMs: timeMs })
    else {
      known.firstMs = Math.min(known.firstMs, timeMs)
      known.lastMs = Math.max(known.lastMs, timeMs)
    }
    return 'anew'
  }

  addTo(window: ActiveParts, fromMs: number, toMs: number): void {
    for (const { firstMs, lastMs } of this.#marks) {
      if (firstMs >= fromMs && firstMs <= toMs) this.#mark(window, firstMs)
      if (lastMs >= fromMs && lastMs <= toMs) this.#mark(window, lastMs)
    }
  }

  leave(): boolean {
    return false
  }

  /** Nothing (P1). */
  leftOut(): null {
    return null
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#marks.length)
    for (const { firstMs, lastMs } of this.#marks) {
      writer.varint(firstMs)
      writer.varint(lastMs - firstMs)
    }
  }
}
