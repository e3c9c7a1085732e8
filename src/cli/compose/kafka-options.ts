/**
 * How settings reach the Kafka clients. `purpose` ends the client id, so that brokers' logs tell who is who; `ending` is
 * aborted when the process is told to end.
 */
import { defaultKafkaLogOptions, type KafkaLogOptions } from '../../log/kafka/options.ts'
import type { Settings } from '../../service/settings.ts'

export function kafkaOptions(
  settings: Settings,
  purpose: string,
  ending: AbortSignal = defaultKafkaLogOptions.ending,
): KafkaLogOptions {
  const { brokers, clientId, ssl, sasl } = settings.kafka
  return {
    ...defaultKafkaLogOptions,
    brokers,
    clientId: `${clientId}-${purpose}`,
    tls: ssl ? {} : null,
    sasl,
    sessionTimeoutMs: settings.sessionTimeoutMs,
    fetchLingerMs: settings.fetchLingerMs,
    ending,
  }
}
