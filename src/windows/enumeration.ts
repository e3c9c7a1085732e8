/**
 * Whether a slot walks through identifiers: for the most used template, how distinct its ordinals are and how
 * densely they cover their range. 1 for n, n+1, n+2 ...; near 0 for tickets drawn from anywhere.
 *
 * N1. Unknown below `MIN_ITEMS` items: a few numbers in a row are nothing.
 * N2. Bounded: at most `MAX_GROUPS` templates (the least used gives way) and `MAX_ORDINALS` ordinals each; past
 *     them count, smallest and largest go on, and the ordinals that are held stand for all.
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

const MIN_ITEMS = 50
const MAX_GROUPS = 8
const MAX_ORDINALS = 2_048

interface Group {
  items: number
  readonly ordinals: Set<number>
}

export class Enumeration implements Accumulator<Enumeration> {
  readonly #groups = new Map<number, Group>()

  static decode(reader: ByteReader): Enumeration {
    const enumeration = new Enumeration()
    for (let left = reader.varint(); left > 0; left--) {
      const hash = reader.word()
      const group: Group = { items: reader.varint(), ordinals: new Set() }
      for (let more = reader.varint(); more > 0; more--) group.ordinals.add(reader.double())
      enumeration.#groups.set(hash, group)
    }
    return enumeration
  }

  /** `template` as of `hash31`; `ordinal` the number that the slot is or ends in. */
  add(template: number, ordinal: number): void {
    const group = this.#group(template)
    group.items++
    if (group.ordinals.size < MAX_ORDINALS) group.ordinals.add(ordinal)
  }

  value(): number {
    let most: Group | null = null
    for (const group of this.#groups.values()) if (most === null || group.items > most.items) most = group
    return most === null || most.items < MIN_ITEMS ? NaN : walk(most)
  }

  merge(other: Enumeration): void {
    for (const [template, from] of other.#groups) {
      const into = this.#group(template)
      into.items += from.items
      for (const ordinal of from.ordinals) if (into.ordinals.size < MAX_ORDINALS) into.ordinals.add(ordinal)
    }
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#groups.size)
    for (const [template, group] of this.#groups) {
      writer.word(template)
      writer.varint(group.items)
      writer.varint(group.ordinals.size)
      for (const ordinal of group.ordinals) writer.double(ordinal)
    }
  }

  bytes(): number {
    let bytes = 64
    for (const group of this.#groups.values()) bytes += 96 + 24 * group.ordinals.size
    return bytes
  }

  #group(template: number): Group {
    const known = this.#groups.get(template)
    if (known !== undefined) return known
    if (this.#groups.size >= MAX_GROUPS) this.#forgetLeast()
    const created: Group = { items: 0, ordinals: new Set() }
    this.#groups.set(template, created)
    return created
  }

  #forgetLeast(): void {
    let least: number | null = null
    let items = Infinity
    for (const [template, group] of this.#groups) {
      if (group.items < items) {
        least = template
        items = group.items
      }
    }
    if (least !== null) this.#groups.delete(least)
  }
}

/** Share of distinct items, or of the covered range, whichever is smaller. */
function walk(group: Group): number {
  let low = Infinity
  let high = -Infinity
  for (const ordinal of group.ordinals) {
    if (ordinal < low) low = ordinal
    if (ordinal > high) high = ordinal
  }
  const distinct = group.ordinals.size / Math.min(group.items, MAX_ORDINALS)
  const coverage = group.ordinals.size / (high - low + 1)
  return Math.min(1, distinct, coverage)
}
