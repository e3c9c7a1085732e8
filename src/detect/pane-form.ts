/**
 * How the features of one pane length lie in the store: what must be known to read their cells once the topology has
 * others. Written into checkpoints as text.
 */
import type { Aggregate, FeatureSpec } from '../topology/model.ts'

export interface PaneForm {
  /** How its slots begin. */
  readonly label: string
  /** Rises with each change of what lies in panes of that length. */
  readonly generation: number
  readonly paneMs: number
  /** From a pane's end until nothing can read it any more. */
  readonly reachMs: number
  /** Of a form that is not in use: stream time at which the last of its panes is gone. */
  readonly goneMs: number | null
  /** Topics that pointers to evidence name by their place here. */
  readonly sources: readonly string[]
  /** In the order in which they lie. */
  readonly columns: readonly Column[]
}

/** A feature, as far as it must be known to read what is stored of it. */
export interface Column {
  readonly id: string
  /** Name of its sub-key; empty for the whole key. */
  readonly by: string
  readonly kind: string
  readonly exactLimit: number
  readonly share: number
  readonly trail: boolean
}

type StoredColumn = readonly [string, string, string, number, number, boolean]

type StoredForm = Omit<PaneForm, 'label' | 'columns'> & { readonly columns: readonly StoredColumn[] }

export function encodeForm({ generation, paneMs, reachMs, goneMs, sources, columns }: PaneForm): string {
  const stored: StoredForm = {
    generation,
    paneMs,
    reachMs,
    goneMs,
    sources,
    columns: columns.map(({ id, by, kind, exactLimit, share, trail }) => [
      id,
      by,
      kind,
      exactLimit,
      share,
      trail,
    ]),
  }
  return JSON.stringify(stored)
}

export function decodeForm(label: string, text: string): PaneForm {
  const stored: unknown = JSON.parse(text)
  if (!isStored(stored)) throw new Error(`The form ${label} of stored panes has an unknown shape.`)
  const columns = stored.columns.map(([id, by, kind, exactLimit, share, trail]) => ({
    id,
    by,
    kind,
    exactLimit,
    share,
    trail,
  }))
  return { ...stored, label, columns }
}

/** Written by this file alone; the check tells another version's shape from ours. */
function isStored(value: unknown): value is StoredForm {
  return (
    typeof value === 'object' &&
    value !== null &&
    'generation' in value &&
    'paneMs' in value &&
    'goneMs' in value &&
    'sources' in value &&
    'columns' in value
  )
}

/** A feature that reads and writes panes as the column's did, and counts nothing. */
export function specOf(column: Column, index: number, paneMs: number): FeatureSpec {
  return {
    name: column.id,
    index,
    // What decides whether records are pointed at (`state-layout.ts`).
    collection: 'verdicts',
    where: column.trail ? () => 0 : null,
    aggregate: aggregateOf(column, paneMs),
    by: column.by === '' ? null : { name: column.by, field: () => null },
    fields: [],
    shape: 'panes',
    windowMs: paneMs,
    paneMs,
    unit: 'none',
    told: null,
  }
}

function aggregateOf({ kind, exactLimit, share }: Column, paneMs: number): Aggregate {
  const field = (): null => null
  switch (kind) {
    case 'count':
    case 'earlyRetries':
      return { kind }
    case 'sum':
    case 'mean':
    case 'min':
    case 'max':
    case 'activity':
      return { kind, field }
    case 'distinct':
    case 'nearDistinct':
    case 'topShare':
    case 'entropy':
      return { kind, field, exactLimit }
    case 'quantile':
      return { kind, field, share, exactLimit }
    case 'regularity':
      return { kind, field, paneMs }
    case 'enumeration':
      return { kind, group: field, ordinal: field }
    default:
      throw new Error(`Panes hold a feature of the kind ${kind}, which this version does not know.`)
  }
}
