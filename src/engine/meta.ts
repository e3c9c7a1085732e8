/**
 * The engine's own part of a checkpoint: where each source stands, how far time has come, what has been
 * acknowledged, and by which code it was written. A state is never misread as something else: unknown shapes
 * and newer versions are refused.
 */
import { RefusedError } from './errors.ts'
import { UNDIVIDED, type Former, type Layout } from './logic.ts'

export interface Meta {
  readonly stateVersion: number
  /** Of the topology that wrote it. */
  readonly edition: number
  /** Partition count of the keyed sources; another count means that keys have moved. */
  readonly partitionCount: number
  readonly frontierMs: number | null
  /** The latest event time among all that is in the state: fast clocks are ahead of the frontier. */
  readonly newestEventMs: number | null
  /** What the logic says of its cells. */
  readonly layout: Layout
  /** What the logic remembers beside its keys. */
  readonly taskState: string | null
  readonly sources: Readonly<Record<string, SourceMeta>>
  /** Stateless stages' outputs that were taken: origin to the last position, `offset.index`. */
  readonly origins: Readonly<Record<string, readonly [number, number]>>
  /** Live slots of the store and when each is over. */
  readonly slots: Readonly<Record<string, number | null>>
  /** Per output topic: own outputs before this offset are acknowledged. */
  readonly acknowledged: Readonly<Record<string, number>>
}

export interface SourceMeta {
  readonly position: number
  readonly streamTimeMs: number | null
}

const FORMAT = 1

/** Times that have not begun are not stored. */
export function finiteOrNull(timeMs: number): number | null {
  return Number.isFinite(timeMs) ? timeMs : null
}

/**
 * Writes the metas of one task, one with each commit. How cells are to be read is most of a meta and does not change: it
 * is put into words once, and no more of it than is read again.
 */
export class MetaWriter {
  #layout: Layout | null = null
  #layoutText = ''

  encode({ layout, ...rest }: Meta): Buffer {
    if (layout !== this.#layout) {
      const { parts, forms } = layout
      this.#layout = layout
      this.#layoutText = JSON.stringify({ parts, forms })
    }
    const text = JSON.stringify({ format: FORMAT, ...rest })
    return Buffer.from(`{"layout":${this.#layoutText},${text.slice(1)}`)
  }
}

/** Throws RefusedError for what this version cannot read. */
export function decodeMeta(bytes: Buffer, task: string, stateVersion: number): Meta {
  const parsed: unknown = JSON.parse(bytes.toString('utf8'))
  if (!isMeta(parsed)) {
    throw new RefusedError(`Checkpoint of ${task} has an unknown format; run the version that wrote it.`)
  }
  if (parsed.stateVersion !== stateVersion) {
    throw new RefusedError(
      `Checkpoint of ${task} was written by state version ${parsed.stateVersion}; this is ${stateVersion}. ` +
        'Run a version that knows it, or remove the checkpoint to rebuild from the inputs.',
    )
  }
  return { ...UNTOLD, ...parsed }
}

/** What checkpoints lack that were written before there was such a thing. */
const UNTOLD = { edition: 0, newestEventMs: null, layout: UNDIVIDED, taskState: null }

/** What logic must know of the state that it takes over. */
export function formerOf(meta: Meta | null): Former | null {
  if (meta === null) return null
  const streamTimeMs = meta.frontierMs ?? -Infinity
  return {
    layout: meta.layout,
    taskState: meta.taskState,
    streamTimeMs,
    newestEventMs: Math.max(meta.newestEventMs ?? -Infinity, streamTimeMs),
  }
}

function isMeta(value: unknown): value is Meta & { format: number } {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  const records = ['sources', 'origins', 'slots', 'acknowledged']
  return (
    fields.get('format') === FORMAT &&
    typeof fields.get('stateVersion') === 'number' &&
    typeof fields.get('partitionCount') === 'number' &&
    records.every((name) => typeof fields.get(name) === 'object' && fields.get(name) !== null)
  )
}
