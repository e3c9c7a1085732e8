/**
 * One pane of one key: an accumulator per feature, or per sub-key of a feature. One cell in the store.
 *
 * P1. At most `maxSubKeys` sub-keys a feature; later ones are not kept, and the pane says so: their values are
 *     unknown, and unknown never fires (P7).
 */
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import { createAccumulator, decodeAccumulator, type AnyAccumulator } from './aggregates.ts'
import type { PaneClass, PlannedFeature } from './feature-plan.ts'

/** Accumulators of one feature by sub-key. */
export interface SubKeys {
  readonly kept: Map<string, AnyAccumulator>
  overflowed: boolean
}

export class Pane {
  readonly number: number
  dirty = false
  bytes = 0
  readonly #plain: (AnyAccumulator | undefined)[]
  readonly #subKeys: (SubKeys | undefined)[]

  constructor(number: number, features: number) {
    this.number = number
    this.#plain = Array.from({ length: features }, () => undefined)
    this.#subKeys = Array.from({ length: features }, () => undefined)
  }

  plain(feature: PlannedFeature): AnyAccumulator | undefined {
    return this.#plain[feature.at]
  }

  subKeys(feature: PlannedFeature): SubKeys | undefined {
    return this.#subKeys[feature.at]
  }

  /** The accumulator to add to, created where it is missing; null where the sub-keys are full (P1). */
  open(feature: PlannedFeature, subKey: string | null, maxSubKeys: number): AnyAccumulator | null {
    if (subKey !== null) return this.#openSubKey(feature, subKey, maxSubKeys)
    const known = this.#plain[feature.at]
    if (known !== undefined) return known
    const created = createAccumulator(feature.spec.aggregate)
    this.#plain[feature.at] = created
    return created
  }

  encode(paneClass: PaneClass, writer: ByteWriter): Buffer {
    for (const feature of paneClass.features) {
      if (feature.spec.by === null) encodePlain(this.#plain[feature.at], writer)
      else encodeSubKeys(this.#subKeys[feature.at], writer)
    }
    const cell = writer.take()
    this.bytes = 128 + cell.length * 3
    return cell
  }

  static decode(number: number, paneClass: PaneClass, cell: Buffer): Pane {
    const pane = new Pane(number, paneClass.features.length)
    const reader = new ByteReader(cell)
    for (const feature of paneClass.features) {
      if (feature.spec.by === null) pane.#plain[feature.at] = decodePlain(feature, reader)
      else pane.#subKeys[feature.at] = decodeSubKeys(feature, reader)
    }
    pane.bytes = 128 + cell.length * 3
    return pane
  }

  #openSubKey(feature: PlannedFeature, subKey: string, maxSubKeys: number): AnyAccumulator | null {
    const subKeys: SubKeys = this.#subKeys[feature.at] ?? { kept: new Map(), overflowed: false }
    this.#subKeys[feature.at] = subKeys
    const known = subKeys.kept.get(subKey)
    if (known !== undefined) return known
    if (subKeys.kept.size >= maxSubKeys) {
      subKeys.overflowed = true
      return null
    }
    const created = createAccumulator(feature.spec.aggregate)
    subKeys.kept.set(subKey, created)
    return created
  }
}

function encodePlain(accumulator: AnyAccumulator | undefined, writer: ByteWriter): void {
  writer.varint(accumulator === undefined ? 0 : 1)
  accumulator?.encode(writer)
}

function decodePlain(feature: PlannedFeature, reader: ByteReader): AnyAccumulator | undefined {
  return reader.varint() === 0 ? undefined : decodeAccumulator(feature.spec.aggregate, reader)
}

function encodeSubKeys(subKeys: SubKeys | undefined, writer: ByteWriter): void {
  writer.varint(subKeys?.overflowed === true ? 1 : 0)
  writer.varint(subKeys?.kept.size ?? 0)
  for (const [subKey, accumulator] of subKeys?.kept ?? []) {
    writer.text(subKey)
    accumulator.encode(writer)
  }
}

function decodeSubKeys(feature: PlannedFeature, reader: ByteReader): SubKeys {
  const subKeys: SubKeys = { kept: new Map(), overflowed: reader.varint() === 1 }
  for (let left = reader.varint(); left > 0; left--) {
    subKeys.kept.set(reader.text(), decodeAccumulator(feature.spec.aggregate, reader))
  }
  return subKeys
}
