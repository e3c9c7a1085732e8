/**
 * Windows against what topics really keep on this broker, which may be less than the table says: what was created before, or
 * altered since, is left as it is (`bailiff topics` tells the difference).
 */
import type { Logger } from '../../domain/logger.ts'
import { RefusedError } from '../../engine/errors.ts'
import type { KafkaLog } from '../../log/kafka/kafka-log.ts'
import type { CompiledTopology } from '../../topology/model.ts'
import { retentionMessages } from '../../topology/retention.ts'
import { PRESSURE_SOURCE, sourceOf } from '../../topology/sources.ts'
import type { TopologyName } from '../run/thread-protocol.ts'
import type { ActiveBundle } from './policies.ts'

/** What to do about it. */
export const LENGTHEN =
  'lengthen retention.ms of the topic (kafka-configs --alter, or bailiff topics before it is made), or take shorter windows'

/**
 * A message for each window that could not be rebuilt from its source. None where the settings of topics may not be read by
 * this user.
 */
export async function windowsNotKept(
  log: Pick<KafkaLog, 'retentions'>,
  topologies: readonly CompiledTopology[],
): Promise<readonly string[]> {
  const collections = topologies.flatMap(({ features }) => features.map(({ collection }) => collection))
  const pools = topologies.some(({ poolWindowMs }) => poolWindowMs > 0) ? [PRESSURE_SOURCE] : []
  const sources = [...new Set([...collections.map(sourceOf), ...pools])]
  try {
    const kept = await log.retentions(sources)
    return topologies.flatMap((topology) => retentionMessages(topology, kept))
  } catch (error) {
    if (error instanceof RefusedError) return []
    throw error
  }
}

/** Of the topology, at its start. Told and no more: they are right until the store is lost, and who did not start would find nothing. */
export async function tellWindowsNotKept(
  log: Pick<KafkaLog, 'retentions'>,
  { bundle }: ActiveBundle,
  { topology, logger }: { readonly topology: TopologyName; readonly logger: Logger },
): Promise<void> {
  const own = bundle.topologies.filter(({ name }) => name === topology)
  for (const message of await windowsNotKept(log, own)) logger.warn({}, `${message}; ${LENGTHEN}`)
}
