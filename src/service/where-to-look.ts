/**
 * What a person may look at when a service does not answer, or answers that it cannot: by its name and by the reason that
 * it gave. Who is there and refuses is not asked for whether they are there.
 */
interface Advice {
  readonly service: string
  /** Any, where none is given. */
  readonly reason?: RegExp
  readonly text: string
}

/** The first that fits counts. */
const WHERE_TO_LOOK: readonly Advice[] = [
  {
    service: 'kafka',
    reason: /\b(TLS|SSL|certificate|self-signed)\b/i,
    text: 'Do KAFKA_SSL and the certificates fit the listener that KAFKA_BROKERS names?',
  },
  { service: 'kafka', text: 'Is Kafka there, and is KAFKA_BROKERS right?' },
  {
    service: 'registry',
    text: 'Is the registry there, and is SCHEMA_REGISTRY_URL right?',
  },
  { service: 'signers', text: 'Is BAILIFF_SIGNERS right?' },
  {
    service: 'redis',
    reason: /^OOM\b/,
    text: 'Redis is full: give it more memory (maxmemory), or take a Redis of its own for Bailiff.',
  },
  {
    service: 'redis',
    reason: /^(MISCONF|NOREPLICAS|READONLY)\b/,
    text: 'Redis is there and takes no writes: the reason says why (its disk, its replicas, or that it is one itself).',
  },
  { service: 'redis', text: 'Is Redis there, and is REDIS_URL right?' },
]

/** Empty for a service that is not known. */
export function whereToLook(service: string, reason: string): string {
  const fits = WHERE_TO_LOOK.find((one) => one.service === service && (one.reason?.test(reason) ?? true))
  return fits?.text ?? ''
}
