/**
 * Repeats of stateless stages' outputs: such a stage publishes, then moves its offset, so that a crash between
 * makes it publish again. Its records carry where they came from; what is not newer than the last one taken
 * from the same origin is a repeat. Exact, and bounded by the number of origins, not by time.
 *
 * O1. No more origins are remembered than there can be, since all stand in each checkpoint: what comes from others
 *     counts as new.
 */
import { HEADER_ORIGIN, HEADER_ORIGIN_POSITION, headerText, type SourceRecord } from './record.ts'

/** Two stages, two sources of each, and the partitions that there were before some were added. */
const MOST_ORIGINS = 1_024
/** Two names of topics, a stage's, and a partition. */
const LONGEST_ORIGIN = 600

export class Origins {
  readonly #marks: Map<string, readonly [number, number]>

  constructor(marks: Readonly<Record<string, readonly [number, number]>>) {
    this.#marks = new Map(Object.entries(marks))
  }

  /** False for a repeat; a record without an origin is always new. */
  isNew(record: SourceRecord): boolean {
    if (record.headers[HEADER_ORIGIN] === undefined) return true
    const origin = `${record.topic}<${headerText(record.headers, HEADER_ORIGIN) ?? ''}`
    const position = parsePosition(headerText(record.headers, HEADER_ORIGIN_POSITION))
    if (position === null) return true
    const mark = this.#marks.get(origin)
    if (mark !== undefined && !isAfter(position, mark)) return false
    if (mark !== undefined || this.#remembers(origin)) this.#marks.set(origin, position)
    return true
  }

  #remembers(origin: string): boolean {
    return this.#marks.size < MOST_ORIGINS && origin.length <= LONGEST_ORIGIN
  }

  marks(): Readonly<Record<string, readonly [number, number]>> {
    return Object.fromEntries(this.#marks)
  }
}

function parsePosition(text: string | null): readonly [number, number] | null {
  const point = text?.indexOf('.') ?? -1
  if (text === null || point < 0) return null
  const offset = Number(text.slice(0, point))
  const index = Number(text.slice(point + 1))
  return Number.isSafeInteger(offset) && Number.isSafeInteger(index) ? [offset, index] : null
}

function isAfter(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1])
}
