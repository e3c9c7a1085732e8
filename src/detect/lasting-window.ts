/**
 * One key's features that have no window: evidence that adds up, and what today is against the key's own baseline. By
 * sub-key; all of one feature are one undated cell.
 *
 * L1. At most `maxSubKeys` sub-keys. One more takes the place of the one that has been silent longest, where that is
 *     longer than `SILENT_MS`; else it is unknown.
 * L2. What is told is a function of the events in the order in which they were taken.
 */
import type { Aggregate } from '../topology/model.ts'
import { ByteReader, type ByteWriter } from '../windows/bytes.ts'
import { DailyChange } from '../windows/daily-change.ts'
import { Evidence } from '../windows/evidence.ts'
import { hash31 } from '../windows/hash.ts'
import { KnownValues } from '../windows/known-values.ts'
import type { LastingFeature } from './moving-plan.ts'

type Lasting = Evidence | KnownValues | DailyChange
export type LastingAggregate = Extract<Aggregate, { readonly kind: 'evidence' | 'novelty' | 'change' }>

/** A baseline is over, and most of the evidence gone. */
const SILENT_MS = 90 * 86_400_000

export class LastingWindow {
  readonly #feature: LastingFeature
  readonly #bySubKey = new Map<string, Lasting>()
  #dirty = false
  #bytes = 64

  constructor(feature: LastingFeature) {
    this.#feature = feature
  }

  get bytes(): number {
    return this.#bytes
  }

  add(subKey: string, timeMs: number, body: unknown): void {
    const lasting = this.#bySubKey.get(subKey) ?? this.#open(subKey, timeMs)
    if (lasting === null) return
    const bytes = lasting.bytes
    addTo(lasting, this.#feature.aggregate, body, timeMs)
    this.#bytes += lasting.bytes - bytes
    this.#dirty = true
  }

  value(subKey: string, timeMs: number): number {
    const known = this.#bySubKey.get(subKey)
    if (known !== undefined) return known.value(timeMs)
    return this.#full ? NaN : nothing(this.#feature.aggregate).value(timeMs)
  }

  changes(writer: ByteWriter, write: (number: number, expiresAtMs: null, cell: Buffer) => void): void {
    if (!this.#dirty) return
    this.#dirty = false
    writer.varint(this.#bySubKey.size)
    for (const [subKey, lasting] of this.#bySubKey) {
      writer.text(subKey)
      lasting.encode(writer)
    }
    write(0, null, writer.take())
  }

  restore(cell: Buffer): void {
    const reader = new ByteReader(cell)
    for (let left = reader.varint(); left > 0; left--) {
      this.#keep(reader.text(), decoded(this.#feature.aggregate, reader))
    }
  }

  get #full(): boolean {
    return this.#bySubKey.size >= this.#feature.maxSubKeys
  }

  #open(subKey: string, timeMs: number): Lasting | null {
    if (this.#full) this.#giveUpSilent(timeMs)
    return this.#full ? null : this.#keep(subKey, nothing(this.#feature.aggregate))
  }

  #keep(subKey: string, lasting: Lasting): Lasting {
    this.#bySubKey.set(subKey, lasting)
    this.#bytes += 96 + lasting.bytes
    return lasting
  }

  #giveUpSilent(timeMs: number): void {
    for (const [subKey, lasting] of this.#bySubKey) {
      if (lasting.lastMs >= timeMs - SILENT_MS) continue
      this.#bySubKey.delete(subKey)
      this.#bytes -= 96 + lasting.bytes
    }
  }
}

function nothing(aggregate: LastingAggregate): Lasting {
  if (aggregate.kind === 'evidence') return new Evidence(aggregate.wrongPerYear)
  return aggregate.kind === 'novelty' ? new KnownValues() : new DailyChange()
}

function decoded(aggregate: LastingAggregate, reader: ByteReader): Lasting {
  if (aggregate.kind === 'evidence') return Evidence.decode(aggregate.wrongPerYear, reader)
  return aggregate.kind === 'novelty' ? KnownValues.decode(reader) : DailyChange.decode(reader)
}

/** Unknown fields add nothing. */
function addTo(lasting: Lasting, aggregate: LastingAggregate, body: unknown, timeMs: number): void {
  if (aggregate.kind === 'evidence' && lasting instanceof Evidence) {
    const logLikelihoodRatio = aggregate.ratio(body)
    const conversation = aggregate.conversation(body)
    const text = aggregate.text(body)
    if (logLikelihoodRatio === null || conversation === null || text === null) return
    lasting.add({ logLikelihoodRatio, conversation: hash31(conversation), text: hash31(text) }, timeMs)
  } else if (aggregate.kind === 'novelty' && lasting instanceof KnownValues) {
    const value = aggregate.field(body)
    if (value !== null) lasting.add(hash31(value), timeMs)
  } else if (aggregate.kind === 'change' && lasting instanceof DailyChange) {
    const value = aggregate.field(body)
    if (value !== null && !Number.isNaN(value)) lasting.add(value, timeMs)
  }
}
