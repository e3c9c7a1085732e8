/**
 * One pane of one key: a row for the whole key, and one per sub-key of each group that has any. One cell in the
 * store.
 *
 * P1. At most `maxSubKeys` sub-keys a group; later ones are not kept, and the pane says so: their values are
 *     unknown, and unknown never fires (P7).
 */
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import type { FeatureGroup, FeaturePlan, PaneClass } from './feature-plan.ts'
import { decodeRow, emptyRow, encodeRow, type Row } from './row.ts'

/** Rows of one group by sub-key. */
interface SubKeys {
  readonly rows: Map<string, Row>
  overflowed: boolean
}

export class Pane {
  readonly number: number
  dirty = false
  /** A rough size in memory, as of the last encoding. */
  bytes = 128
  /** By group: of groups without sub-keys. */
  readonly #rows: (Row | undefined)[] = []
  /** By group: of groups with sub-keys. */
  #subKeys: (SubKeys | undefined)[] | null = null

  constructor(number: number) {
    this.number = number
  }

  row(group: FeatureGroup, subKey: string | null): Row | undefined {
    return subKey === null ? this.#rows[group.index] : this.#subKeys?.[group.index]?.rows.get(subKey)
  }

  overflowed(group: FeatureGroup): boolean {
    return this.#subKeys?.[group.index]?.overflowed === true
  }

  /** The row to add to, created where it is missing; null where the sub-keys are full (P1). */
  open(group: FeatureGroup, subKey: string | null, maxSubKeys: number): Row | null {
    if (subKey === null) return (this.#rows[group.index] ??= emptyRow(group))
    const { rows } = this.#ofGroup(group)
    const known = rows.get(subKey)
    if (known !== undefined) return known
    if (rows.size >= maxSubKeys) return this.#overflow(group)
    const created = emptyRow(group)
    rows.set(subKey, created)
    return created
  }

  encode(plan: FeaturePlan, paneClass: PaneClass, writer: ByteWriter): Buffer {
    for (const group of paneClass.groups) {
      if (group.by === null) this.#encodePlain(plan, group, writer)
      else this.#encodeSubKeys(plan, group, writer)
    }
    const cell = writer.take()
    this.bytes = 128 + cell.length * 3
    return cell
  }

  static decode(number: number, plan: FeaturePlan, paneClass: PaneClass, cell: Buffer): Pane {
    const pane = new Pane(number)
    const reader = new ByteReader(cell)
    for (const group of paneClass.groups) {
      if (group.by !== null) pane.#decodeSubKeys(plan, group, reader)
      else if (reader.varint() === 1) pane.#rows[group.index] = decodeRow(group, plan.sources, reader)
    }
    pane.bytes = 128 + cell.length * 3
    return pane
  }

  #overflow(group: FeatureGroup): null {
    this.#ofGroup(group).overflowed = true
    return null
  }

  #ofGroup(group: FeatureGroup): SubKeys {
    this.#subKeys ??= []
    return (this.#subKeys[group.index] ??= { rows: new Map(), overflowed: false })
  }

  #encodePlain(plan: FeaturePlan, group: FeatureGroup, writer: ByteWriter): void {
    const row = this.#rows[group.index]
    writer.varint(row === undefined ? 0 : 1)
    if (row !== undefined) encodeRow(group, row, plan.sources, writer)
  }

  #encodeSubKeys(plan: FeaturePlan, group: FeatureGroup, writer: ByteWriter): void {
    const subKeys = this.#subKeys?.[group.index]
    writer.varint(subKeys?.overflowed === true ? 1 : 0)
    writer.varint(subKeys?.rows.size ?? 0)
    for (const [subKey, row] of subKeys?.rows ?? []) {
      writer.text(subKey)
      encodeRow(group, row, plan.sources, writer)
    }
  }

  #decodeSubKeys(plan: FeaturePlan, group: FeatureGroup, reader: ByteReader): void {
    const overflowed = reader.varint() === 1
    const left = reader.varint()
    if (!overflowed && left === 0) return
    const subKeys = this.#ofGroup(group)
    subKeys.overflowed = overflowed
    for (let at = 0; at < left; at++) {
      subKeys.rows.set(reader.text(), decodeRow(group, plan.sources, reader))
    }
  }
}
