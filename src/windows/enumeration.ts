/**
 * Whether a slot walks through identifiers: for the most used template, how distinct its ordinals are and how
 * densely they cover their range. 1 for n, n+1, n+2 ...; near 0 for tickets drawn from anywhere, and for a small
 * catalogue that is asked for again and again.
 *
 * N1. Unknown below `MIN_ITEMS` items: a few numbers in a row are nothing.
 * N2. Bounded: a pane holds `MAX_TEMPLATES` templates; past that it gives up the less used half. Ordinals are
 *     exact up to `EXACT_ORDINALS` a template, sketched past it (see `distinct.ts`).
 */
import type { Accumulator } from './accumulator.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { Distinct } from './distinct.ts'
import { hashNumber31 } from './hash.ts'

export const MIN_ITEMS = 50
export const MAX_TEMPLATES = 32
const EXACT_ORDINALS = 2_048

interface Walk {
  readonly template: number
  items: number
  lowest: number
  highest: number
  readonly ordinals: Distinct
}

export class Enumeration implements Accumulator<Enumeration> {
  readonly #maxTemplates: number
  #walks = new Map<number, Walk>()

  /** `maxTemplates`: Infinity for the merge of a window, which its panes bound. */
  constructor(maxTemplates: number) {
    this.#maxTemplates = maxTemplates
  }

  static decode(maxTemplates: number, reader: ByteReader): Enumeration {
    const enumeration = new Enumeration(maxTemplates)
    for (let left = reader.varint(); left > 0; left--) {
      const walk = decodeWalk(reader)
      enumeration.#walks.set(walk.template, walk)
    }
    return enumeration
  }

  /** `template` as of `hash31`; `ordinal` the number that the slot is or ends in. True where others were given up. */
  add(template: number, ordinal: number): boolean {
    const walk = this.#walk(template)
    walk.items++
    walk.lowest = Math.min(walk.lowest, ordinal)
    walk.highest = Math.max(walk.highest, ordinal)
    walk.ordinals.add(hashNumber31(ordinal))
    if (this.#walks.size <= this.#maxTemplates) return false
    this.#giveUpRare()
    return true
  }

  value(): number {
    let most: Walk | null = null
    for (const walk of this.#walks.values()) if (most === null || before(walk, most)) most = walk
    return most === null || most.items < MIN_ITEMS ? NaN : score(most)
  }

  /** A rough size in memory. */
  get bytes(): number {
    let bytes = 64
    for (const { ordinals } of this.#walks.values()) bytes += 96 + ordinals.bytes
    return bytes
  }

  merge(other: Enumeration): void {
    for (const from of other.#walks.values()) {
      const into = this.#walk(from.template)
      into.items += from.items
      into.lowest = Math.min(into.lowest, from.lowest)
      into.highest = Math.max(into.highest, from.highest)
      into.ordinals.merge(from.ordinals)
    }
    if (this.#walks.size > this.#maxTemplates) this.#giveUpRare()
  }

  /** Lowest and highest cannot be taken back. */
  leave(): boolean {
    return false
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#walks.size)
    for (const walk of this.#walks.values()) encodeWalk(walk, writer)
  }

  #walk(template: number): Walk {
    const known = this.#walks.get(template)
    if (known !== undefined) return known
    const ordinals = new Distinct(EXACT_ORDINALS)
    const created: Walk = { template, items: 0, lowest: Infinity, highest: -Infinity, ordinals }
    this.#walks.set(template, created)
    return created
  }

  #giveUpRare(): void {
    const kept = [...this.#walks.values()].sort((a, b) => (before(a, b) ? -1 : 1))
    const most = kept.slice(0, kept.length >> 1)
    this.#walks = new Map(most.map((walk) => [walk.template, walk]))
  }
}

/** More items first; between equals the smaller hash, so that the order of arrival decides nothing. */
function before(a: Walk, b: Walk): boolean {
  return a.items > b.items || (a.items === b.items && a.template < b.template)
}

/**
 * Share of distinct items times share of the covered range. The product tells walks from draws: whoever draws at random
 * from a range never passes (1 - e^-x)² / x <= 0.41, however often x he goes through it; a walk of every second is 0.5.
 */
function score({ items, lowest, highest, ordinals }: Walk): number {
  const distinct = ordinals.value()
  return Math.min(1, distinct / items) * Math.min(1, distinct / (highest - lowest + 1))
}

function encodeWalk({ template, items, lowest, highest, ordinals }: Walk, writer: ByteWriter): void {
  writer.word(template)
  writer.varint(items)
  writer.double(lowest)
  writer.double(highest)
  ordinals.encode(writer)
}

function decodeWalk(reader: ByteReader): Walk {
  return {
    template: reader.word(),
    items: reader.varint(),
    lowest: reader.double(),
    highest: reader.double(),
    ordinals: Distinct.decode(EXACT_ORDINALS, reader),
  }
}
