/** By service, what a person may look at when it does not answer. */
const WHERE_TO_LOOK: Readonly<Record<string, string>> = {
  kafka: 'Is Kafka there, and is KAFKA_BROKERS right?',
  registry: 'Is the registry there, and is SCHEMA_REGISTRY_URL right?',
  signers: 'Is BAILIFF_SIGNERS right?',
  redis: 'Is Redis there, and is REDIS_URL right?',
}

/** Empty for a service that is not known. */
export function whereToLook(service: string): string {
  return WHERE_TO_LOOK[service] ?? ''
}
