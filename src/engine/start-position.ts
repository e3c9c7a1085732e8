/**
 * Where a source begins that stood somewhere before: there, if the log still has it; else it is a policy, never a silent jump.
 * A position may lie before the log's beginning (retention took records that nobody has processed), or behind its end (the
 * topic was made anew, or its brokers were set back): then offsets mean other records than they did.
 */
import { RetentionGapError } from './errors.ts'
import type { PartitionBounds } from './log.ts'
import type { EngineOptions } from './options.ts'

/** One source partition and who reads it. */
export interface SourcePartition {
  /** Of the task or stage, as `usage/3`. */
  readonly reader: string
  readonly topic: string
  readonly bounds: PartitionBounds
}

/** `wanted`, or the log's beginning; throws RetentionGapError where that is no answer. */
export function startPosition(
  source: SourcePartition,
  wanted: number,
  { onRetentionGap }: Pick<EngineOptions, 'onRetentionGap'>,
): number {
  if (holds(source.bounds, wanted)) return wanted
  if (onRetentionGap === 'fail') throw new RetentionGapError(gap(source, wanted))
  return source.bounds.low
}

/** Whether the position means what it did. */
function holds({ low, high }: PartitionBounds, position: number): boolean {
  return position >= low && position <= high
}

/** What an operator must know, and what there is to do. */
function gap({ reader, topic, bounds: { low, high } }: SourcePartition, wanted: number): string {
  const stands = `${reader} stands at ${topic} offset ${wanted}, the log`
  const setting = 'BAILIFF_ON_RETENTION_GAP=earliest'
  if (wanted < low) {
    return (
      `${stands} begins at ${low}: ${low - wanted} records are gone. ` +
      `Restore the topic, or go on without them: ${setting}.`
    )
  }
  return (
    `${stands} ends at ${high}: the topic was made anew, or its brokers lost records. Restore the topic, or process all that ` +
    `it holds as new: ${setting}.`
  )
}
