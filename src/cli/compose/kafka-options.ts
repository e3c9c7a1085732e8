/** How settings reach the Kafka clients. `purpose` ends the client id, so that brokers' logs tell who is who. */
import { defaultKafkaLogOptions, type KafkaLogOptions } from '../../log/kafka/options.ts'
import type { Settings } from '../../service/settings.ts'

export function kafkaOptions(settings: Settings, purpose: string): KafkaLogOptions {
  const { brokers, clientId, ssl, sasl } = settings.kafka
  return {
    ...defaultKafkaLogOptions,
    brokers,
    clientId: `${clientId}-${purpose}`,
    tls: ssl ? {} : null,
    sasl,
    sessionTimeoutMs: settings.sessionTimeoutMs,
    fetchLingerMs: settings.fetchLingerMs,
  }
}
