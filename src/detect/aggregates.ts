/** From what a feature declares to the accumulator that keeps it: create, add one event, merge, encode, decode. */
import type { UsageRecord } from '../domain/usage-record.ts'
import type { Aggregate } from '../topology/model.ts'
import type { ByteReader } from '../windows/bytes.ts'
import { Distinct } from '../windows/distinct.ts'
import { EarlyRetries } from '../windows/early-retries.ts'
import { Enumeration } from '../windows/enumeration.ts'
import { hash31 } from '../windows/hash.ts'
import { Tally } from '../windows/tally.ts'
import { TopShare } from '../windows/top-share.ts'

export type AnyAccumulator = Tally | Distinct | TopShare | Enumeration | EarlyRetries

export function createAccumulator(aggregate: Aggregate): AnyAccumulator {
  switch (aggregate.kind) {
    case 'distinct':
      return new Distinct(aggregate.exactLimit)
    case 'topShare':
      return new TopShare(aggregate.exactLimit)
    case 'enumeration':
      return new Enumeration()
    case 'earlyRetries':
      return new EarlyRetries()
    default:
      return new Tally(aggregate.kind)
  }
}

export function decodeAccumulator(aggregate: Aggregate, reader: ByteReader): AnyAccumulator {
  switch (aggregate.kind) {
    case 'distinct':
      return Distinct.decode(aggregate.exactLimit, reader)
    case 'topShare':
      return TopShare.decode(aggregate.exactLimit, reader)
    case 'enumeration':
      return Enumeration.decode(reader)
    case 'earlyRetries':
      return EarlyRetries.decode(reader)
    default:
      return Tally.decode(aggregate.kind, reader)
  }
}

/**
 * Adds one event to its pane and, where that is another one, to the window. Unknown fields (null) add nothing.
 */
export function contribute(
  aggregate: Aggregate,
  body: unknown,
  pane: AnyAccumulator,
  window: AnyAccumulator | null,
): void {
  switch (aggregate.kind) {
    case 'count':
      return addNumber(1, pane, window)
    case 'sum':
    case 'mean':
    case 'max':
      return addNumber(aggregate.field(body), pane, window)
    case 'distinct':
    case 'topShare':
      return addText(aggregate.field(body), pane, window)
    case 'enumeration':
      return addOrdinal(aggregate.group(body), aggregate.ordinal(body), pane, window)
    case 'earlyRetries':
      return addRetry(body, pane, window)
  }
}

function addNumber(value: number | null, pane: AnyAccumulator, window: AnyAccumulator | null): void {
  if (value === null || Number.isNaN(value)) return
  if (pane instanceof Tally) pane.add(value)
  if (window instanceof Tally) window.add(value)
}

function addText(value: string | null, pane: AnyAccumulator, window: AnyAccumulator | null): void {
  if (value === null) return
  const hash = hash31(value)
  if (pane instanceof Distinct || pane instanceof TopShare) pane.add(hash)
  if (window instanceof Distinct || window instanceof TopShare) window.add(hash)
}

function addOrdinal(
  group: string | null,
  ordinal: number | null,
  pane: AnyAccumulator,
  window: AnyAccumulator | null,
): void {
  if (group === null || ordinal === null) return
  const template = hash31(group)
  if (pane instanceof Enumeration) pane.add(template, ordinal)
  if (window instanceof Enumeration) window.add(template, ordinal)
}

/** Whether the request came too soon is known by the window: a refusal may lie in an earlier pane. */
function addRetry(body: unknown, pane: AnyAccumulator, window: AnyAccumulator | null): void {
  const known = window ?? pane
  if (!(pane instanceof EarlyRetries) || !(known instanceof EarlyRetries) || !isUsage(body)) return
  const requestedAtMs = body.occurredAtMs - (body.durationMs ?? 0)
  const early = requestedAtMs < known.waitUntilMs
  for (const one of known === pane ? [pane] : [pane, known]) {
    if (early) one.count()
    if (body.status === 'rate_limited' && body.retryAfterMs !== null) {
      one.askToWait(body.occurredAtMs + body.retryAfterMs)
    }
  }
}

function isUsage(body: unknown): body is UsageRecord {
  return typeof body === 'object' && body !== null && 'retryAfterMs' in body && 'occurredAtMs' in body
}

/** Merges accumulators of the same aggregate. */
export function mergeInto(into: AnyAccumulator, from: AnyAccumulator): void {
  if (into instanceof Tally && from instanceof Tally) into.merge(from)
  else if (into instanceof Distinct && from instanceof Distinct) into.merge(from)
  else if (into instanceof TopShare && from instanceof TopShare) into.merge(from)
  else if (into instanceof Enumeration && from instanceof Enumeration) into.merge(from)
  else if (into instanceof EarlyRetries && from instanceof EarlyRetries) into.merge(from)
}
