/**
 * One key's feature that has no window: evidence that adds up, or what today is against the key's own baseline. By
 * sub-key.
 *
 * L1. At most `maxSubKeys` sub-keys. One more takes the place of those that have been silent for `SILENT_MS`; where none
 *     has, it is unknown.
 * L2. What is told is a function of the events in the order in which they were taken.
 */
import type { Aggregate } from '../topology/model.ts'
import type { ByteReader, ByteWriter } from '../windows/bytes.ts'
import { DailyChange } from '../windows/daily-change.ts'
import { Evidence } from '../windows/evidence.ts'
import { hash31 } from '../windows/hash.ts'
import { KnownValues } from '../windows/known-values.ts'
import { likenessOf } from '../windows/likeness.ts'

type Lasting = Evidence | KnownValues | DailyChange
export type LastingAggregate = Extract<Aggregate, { readonly kind: 'evidence' | 'novelty' | 'change' }>

/** A baseline is over, and most of the evidence gone. */
const SILENT_MS = 90 * 86_400_000
const NO_VALUES = new KnownValues()
const NO_CHANGE = new DailyChange()

export class LastingWindow {
  readonly #aggregate: LastingAggregate
  readonly #maxSubKeys: number
  /** Side by side: most keys have one or two. */
  #subKeys: string[] = []
  #lasting: Lasting[] = []

  constructor(aggregate: LastingAggregate, maxSubKeys: number) {
    this.#aggregate = aggregate
    this.#maxSubKeys = maxSubKeys
  }

  /** A rough size in memory. */
  get bytes(): number {
    return this.#lasting.reduce((sum, one) => sum + 40 + one.bytes, 120)
  }

  /** False where there are too many sub-keys. */
  add(subKey: string, timeMs: number, body: unknown): boolean {
    const at = this.#subKeys.indexOf(subKey)
    const lasting = at < 0 ? this.#open(subKey, timeMs) : this.#lasting[at]
    if (lasting === undefined) return false
    addTo(lasting, this.#aggregate, body, timeMs)
    return true
  }

  value(subKey: string, timeMs: number): number {
    const known = this.#lasting[this.#subKeys.indexOf(subKey)]
    return known?.value(timeMs) ?? (this.#full ? NaN : valueOfNothing(this.#aggregate))
  }

  /** At least how many events more there are from now until a sub-key can be that great, if none is later than so. */
  stepsTo(limit: number, lateDays: number): number {
    let steps = stepsFromNothing(this.#aggregate, limit)
    for (const one of this.#lasting) steps = Math.min(steps, one.stepsTo(limit, lateDays))
    return steps
  }

  encode(writer: ByteWriter): void {
    writer.varint(this.#lasting.length)
    for (const [at, lasting] of this.#lasting.entries()) {
      writer.text(this.#subKeys[at] ?? '')
      lasting.encode(writer)
    }
  }

  restore(reader: ByteReader): void {
    for (let left = reader.varint(); left > 0; left--) {
      this.#subKeys.push(reader.text())
      this.#lasting.push(decoded(this.#aggregate, reader))
    }
  }

  get #full(): boolean {
    return this.#lasting.length >= this.#maxSubKeys
  }

  #open(subKey: string, timeMs: number): Lasting | undefined {
    if (this.#full) this.#giveUpSilent(timeMs)
    if (this.#full) return undefined
    const lasting = nothing(this.#aggregate)
    this.#subKeys.push(subKey)
    this.#lasting.push(lasting)
    return lasting
  }

  #giveUpSilent(timeMs: number): void {
    const heard = this.#lasting.map(({ lastMs }) => lastMs >= timeMs - SILENT_MS)
    this.#subKeys = this.#subKeys.filter((_, at) => heard[at])
    this.#lasting = this.#lasting.filter((_, at) => heard[at])
  }
}

/** What is told of a sub-key of which there is nothing. */
export function valueOfNothing({ kind }: LastingAggregate): number {
  return kind === 'evidence' ? 0 : NaN
}

/** The same of a sub-key of which there is nothing. */
export function stepsFromNothing({ kind }: LastingAggregate, limit: number): number {
  if (kind === 'evidence') return limit > 0 ? 1 : 0
  return kind === 'novelty' ? NO_VALUES.stepsTo(limit, 0) : NO_CHANGE.stepsTo(limit)
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
    lasting.add({ logLikelihoodRatio, conversation: hash31(conversation), text: likenessOf(text) }, timeMs)
  } else if (aggregate.kind === 'novelty' && lasting instanceof KnownValues) {
    const value = aggregate.field(body)
    if (value !== null) lasting.add(hash31(value), timeMs)
  } else if (aggregate.kind === 'change' && lasting instanceof DailyChange) {
    const value = aggregate.field(body)
    if (value !== null && !Number.isNaN(value)) lasting.add(value, timeMs)
  }
}
