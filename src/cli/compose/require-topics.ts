/** Topics that must be there before a command begins: what lacks shows as a refusal that says what to do. */
import { RefusedError } from '../../engine/errors.ts'
import type { KafkaLog } from '../../log/kafka/kafka-log.ts'

/** A missing topic would otherwise show as a client that tries again and again. */
export async function requireTopics(log: KafkaLog, topics: readonly string[]): Promise<void> {
  const missing = await log.missingTopics(topics)
  if (missing.length === 0) return
  throw new RefusedError(
    `Kafka lacks these topics, or this user may not describe them: ${missing.join(', ')}. ` +
      'Run `bailiff topics` first.',
  )
}
