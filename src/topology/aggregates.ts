/**
 * The aggregates that a feature may name: what each takes, over which windows it can be told, in which unit, and how.
 */
import { activeBit, activePanes, MAX_ACTIVE_PANES, streakUpTo } from '../windows/activity.ts'
import { partsOf } from '../windows/active-parts.ts'
import { MOST_COMPARED } from '../windows/near-distinct.ts'
import type { Aggregate, FeatureSpec, NumberField, Telling, TextField, Unit, WindowShape } from './model.ts'
import type { AggregateKeyword } from './topology-schema.ts'

/** What stands behind an aggregate's word: a collection alone, or a field of one. */
export type Operand = 'collection' | 'number' | 'text'

/** What an aggregate is built from; fields that it does not take are never read. */
export interface Given {
  readonly number: NumberField
  readonly text: TextField
  /** Whether the text is a SimHash: a text's, which near-duplicates have but for a few bits. */
  readonly isSimHash: boolean
  /** Of `enumeration`: by what its items belong together. */
  readonly group: TextField
  /** Of `quantile`. */
  readonly share: number
  /** Of `evidence`. */
  readonly wrongPerYear: number
  readonly exactLimit: number
  readonly shape: WindowShape
  readonly windowMs: number
  readonly paneMs: number
}

export interface AggregateKind {
  readonly takes: Operand
  /** `field`: that of its field. */
  readonly unit: Unit | 'field'
  readonly shapes: readonly WindowShape[]
  readonly build: (given: Given) => Aggregate
  /** How what is kept is told; null where it is told as it is. */
  readonly told: ((window: Pick<FeatureSpec, 'shape' | 'windowMs' | 'paneMs'>) => Telling | null) | null
  /** The unit that its field must have. */
  readonly ofUnit?: Unit
  /** The window must have several panes, or parts, and at most so many. */
  readonly maxPanes?: number
}

const MINUTE_MS = 60_000
const ANY: readonly WindowShape[] = ['panes', 'sliding', 'session']
const FIXED: readonly WindowShape[] = ['panes', 'sliding']
const LASTING: readonly WindowShape[] = ['lasting']
const PANES: readonly WindowShape[] = ['panes']

const asKept = { told: null } as const
const ago: AggregateKind['told'] = () => (kept, nowMs) => Math.max(0, nowMs - kept)

export const AGGREGATES: Readonly<Record<AggregateKeyword, AggregateKind>> = {
  count: { takes: 'collection', unit: 'count', shapes: ANY, build: () => ({ kind: 'count' }), ...asKept },
  rate: {
    takes: 'collection',
    unit: 'perMinute',
    shapes: ANY,
    build: ({ shape }) =>
      shape === 'session' ? { kind: 'perLength', field: () => 1, unitMs: MINUTE_MS } : { kind: 'count' },
    told: byLength(MINUTE_MS),
  },
  sum: { takes: 'number', unit: 'field', shapes: ANY, build: ofNumber('sum'), ...asKept },
  /** Little's law: the time that all spent, over the time that passed. */
  concurrency: {
    takes: 'number',
    unit: 'count',
    shapes: ANY,
    ofUnit: 'ms',
    build: ({ shape, number }) =>
      shape === 'session' ? { kind: 'perLength', field: number, unitMs: 1 } : { kind: 'sum', field: number },
    told: byLength(1),
  },
  mean: { takes: 'number', unit: 'field', shapes: ANY, build: ofNumber('mean'), ...asKept },
  min: { takes: 'number', unit: 'field', shapes: ANY, build: ofNumber('min'), ...asKept },
  max: { takes: 'number', unit: 'field', shapes: ANY, build: ofNumber('max'), ...asKept },
  quantile: {
    takes: 'number',
    unit: 'field',
    shapes: ANY,
    build: ({ number, share, exactLimit }) => ({ kind: 'quantile', field: number, share, exactLimit }),
    ...asKept,
  },
  distinct: { takes: 'text', unit: 'count', shapes: ANY, build: distinct, ...asKept },
  topShare: { takes: 'text', unit: 'ratio', shapes: ANY, build: ofText('topShare'), ...asKept },
  entropy: { takes: 'text', unit: 'bits', shapes: ANY, build: ofText('entropy'), ...asKept },
  enumeration: {
    takes: 'number',
    unit: 'ratio',
    shapes: ANY,
    build: ({ number, group }) => ({ kind: 'enumeration', group, ordinal: number }),
    ...asKept,
  },
  earlyRetries: {
    takes: 'collection',
    unit: 'count',
    shapes: PANES,
    build: () => ({ kind: 'earlyRetries' }),
    ...asKept,
  },
  firstSeen: {
    takes: 'collection',
    unit: 'ms',
    shapes: ANY,
    build: () => ({ kind: 'min', field: timeOf }),
    told: ago,
  },
  lastSeen: {
    takes: 'collection',
    unit: 'ms',
    shapes: ANY,
    build: () => ({ kind: 'max', field: timeOf }),
    told: ago,
  },
  regularity: {
    takes: 'collection',
    unit: 'ratio',
    shapes: ANY,
    build: ({ paneMs }) => ({ kind: 'regularity', field: timeOf, paneMs }),
    ...asKept,
  },
  dutyCycle: {
    takes: 'collection',
    unit: 'ratio',
    shapes: FIXED,
    maxPanes: MAX_ACTIVE_PANES,
    build: ofActivity,
    told: ({ windowMs, paneMs }) => {
      const panes = partsOf(windowMs, paneMs)
      return (kept) => activePanes(kept) / panes
    },
  },
  streak: {
    takes: 'collection',
    unit: 'count',
    shapes: FIXED,
    maxPanes: MAX_ACTIVE_PANES,
    build: ofActivity,
    told: ({ shape, windowMs, paneMs }) => {
      const lastPart = partsOf(windowMs, paneMs) - 1
      if (shape === 'sliding') return (kept) => streakUpTo(kept, lastPart)
      return (kept, nowMs) => streakUpTo(kept, Math.floor(nowMs / paneMs))
    },
  },
  evidence: {
    takes: 'number',
    unit: 'ratio',
    shapes: LASTING,
    ofUnit: 'logRatio',
    build: ({ number, wrongPerYear }) => {
      return { kind: 'evidence', ratio: number, conversation: conversationOf, text: textOf, wrongPerYear }
    },
    ...asKept,
  },
  novelty: {
    takes: 'text',
    unit: 'ratio',
    shapes: LASTING,
    build: ({ text }) => ({ kind: 'novelty', field: text }),
    ...asKept,
  },
  change: {
    takes: 'number',
    unit: 'ratio',
    shapes: LASTING,
    build: ({ number }) => ({ kind: 'change', field: number }),
    ...asKept,
  },
}

function ofNumber(kind: 'sum' | 'mean' | 'min' | 'max'): AggregateKind['build'] {
  return ({ number }) => ({ kind, field: number })
}

/** Of SimHashes nobody ever means which are the same to the bit: near-duplicates count once. */
function distinct({ text, isSimHash, exactLimit }: Given): Aggregate {
  if (!isSimHash) return { kind: 'distinct', field: text, exactLimit }
  return { kind: 'nearDistinct', field: text, exactLimit: Math.min(exactLimit, MOST_COMPARED) }
}

function ofText(kind: 'topShare' | 'entropy'): AggregateKind['build'] {
  return ({ text, exactLimit }) => ({ kind, field: text, exactLimit })
}

function ofActivity({ paneMs }: Given): Aggregate {
  const field = (body: unknown): number | null => {
    const timeMs = timeOf(body)
    return timeMs === null ? null : activeBit(Math.floor(timeMs / paneMs))
  }
  return { kind: 'activity', field }
}

/** By the length of a window, in such units; a session knows its own. */
function byLength(unitMs: number): NonNullable<AggregateKind['told']> {
  return ({ shape, windowMs }) => {
    const factor = unitMs / windowMs
    return shape === 'session' ? null : (kept) => kept * factor
  }
}

/** What a text's scores are correlated within; where no conversation is named, its template, else its key. */
function conversationOf(body: unknown): string | null {
  return firstOf(body, ['conversationId', 'templateHash', 'keyId'])
}

/** By what near-duplicates are known. */
function textOf(body: unknown): string | null {
  return firstOf(body, ['simHash', 'contentDigest'])
}

function firstOf(body: unknown, names: readonly string[]): string | null {
  if (typeof body !== 'object' || body === null) return null
  const values = names.map((name): unknown => Reflect.get(body, name))
  return values.find((value) => typeof value === 'string') ?? null
}

/** When an event happened, by whatever name its body has for it. */
function timeOf(body: unknown): number | null {
  if (typeof body !== 'object' || body === null) return null
  const timeMs: unknown = Reflect.get(body, 'occurredAtMs') ?? Reflect.get(body, 'sampledAtMs')
  return typeof timeMs === 'number' ? timeMs : null
}
