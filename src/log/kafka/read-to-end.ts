/**
 * The committed records of one partition up to its end as it is when reading begins. Ends there even where the
 * last records are markers or aborted. Waits for transactions that are open before the end: a commit is
 * acknowledged before its records can be read. A read that makes no progress for too long is transient trouble.
 */
import type { SourceRecord } from '../../engine/record.ts'
import type { FetchCluster } from './cluster.ts'
import { DeadlineError, untilEnding } from './deadline.ts'
import { classified } from './failure.ts'
import type { KafkaLogOptions } from './options.ts'
import { sourceBatch } from './source-batch.ts'

export async function* readToEnd(
  cluster: FetchCluster,
  options: KafkaLogOptions,
  topic: string,
  partition: number,
  range: { readonly from: number; readonly end: number },
): AsyncIterable<SourceRecord> {
  const what = `reading ${topic}/${partition}`
  const timed = <T>(call: Promise<T>): Promise<T> => untilEnding(options, options.readTimeoutMs, what, call)
  try {
    await timed(cluster.target([topic]))
    let position = range.from
    while (position < range.end) {
      const batch = await timed(nextBatch(cluster, options, topic, partition, position))
      position = batch.nextOffset
      for (const record of batch.records) if (record.offset < range.end) yield record
    }
  } catch (error) {
    void cluster.refresh().catch(() => undefined)
    throw classified(error, what)
  }
}

/** Asks until there is something; the caller's deadline bounds how long. */
async function nextBatch(
  cluster: FetchCluster,
  options: KafkaLogOptions,
  topic: string,
  partition: number,
  position: number,
): Promise<NonNullable<ReturnType<typeof sourceBatch>>> {
  const givenUpMs = performance.now() + options.readTimeoutMs
  while (performance.now() < givenUpMs) {
    const leader = cluster.leaderOf(topic, partition)
    if (leader === null) throw new DeadlineError(`${topic}/${partition} has no leader`)
    const positions = [{ topic, partition, offset: position, batchBytes: 0 }]
    const [fetched] = await cluster.fetch(leader, positions, options.fetchWaitMs)
    const batch = fetched === undefined ? null : sourceBatch(fetched, position)
    if (batch !== null) return batch
  }
  throw new DeadlineError(`${topic}/${partition} gave nothing from ${position} on`)
}
