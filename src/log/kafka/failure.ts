/**
 * What a failure of kafkajs means to the engine. One total classifier: transient unless it is known that
 * trying again cannot help.
 */
import { FencedError, ProducerLostError, RefusedError, TransientError } from '../../engine/errors.ts'

/** Another producer holds our transactional id. */
const FENCED = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
])

/** Somebody has to change a setting, an access rule or a topic. */
const REFUSED = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'ILLEGAL_SASL_STATE',
  'UNSUPPORTED_SASL_MECHANISM',
  'INVALID_TRANSACTION_TIMEOUT',
  'INVALID_SESSION_TIMEOUT',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSNotImplemented',
])

/** A broker that does not take who we say we are. */
const SIGNING_IN = /SASL/
const SIGNING_IN_ADVICE =
  '. Do KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD fit the listener that KAFKA_BROKERS names?'

/** A record that the broker will never take: a mistake of ours, which crashes loudly (P8). */
const INVALID = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'CORRUPT_MESSAGE'])

/** For calls that may be tried again: joining, reading, publishing what needs no fence. */
export function classified(error: unknown, what: string): Error {
  if (isOurs(error)) return error
  const names = namesOf(error)
  const message = `${what}: ${text(error)}`
  if (names.some((name) => REFUSED.has(name))) return refusal(message, names, error)
  if (names.some((name) => INVALID.has(name))) return new Error(message, { cause: error })
  return new TransientError('kafka', message, { cause: error })
}

/** For a producer with a fence: any final failure ends it (P3). */
export function producerFailure(error: unknown, what: string): Error {
  if (isOurs(error)) return error
  const names = namesOf(error)
  const message = `${what}: ${text(error)}`
  if (names.some((name) => FENCED.has(name))) return new FencedError(message, { cause: error })
  if (names.some((name) => REFUSED.has(name))) return refusal(message, names, error)
  if (names.some((name) => INVALID.has(name))) return new Error(message, { cause: error })
  return new ProducerLostError(message, { cause: error })
}

function refusal(message: string, names: readonly string[], cause: unknown): RefusedError {
  const advice = names.some((name) => SIGNING_IN.test(name)) ? SIGNING_IN_ADVICE : ''
  return new RefusedError(`${message}${advice}`, { cause })
}

export function isFenced(error: unknown): boolean {
  return namesOf(error).some((name) => FENCED.has(name))
}

/** Names and protocol error types of an error and of all that caused it. */
export function namesOf(error: unknown): readonly string[] {
  const names: string[] = []
  let current = error
  for (let depth = 0; current instanceof Error && depth < 8; depth++) {
    names.push(current.name)
    if ('type' in current && typeof current.type === 'string') names.push(current.type)
    current = firstOfMany(current) ?? current.cause
  }
  return names
}

/** One of the errors that a call for many things, such as topics, brings back as one. */
function firstOfMany(error: Error): unknown {
  return 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : undefined
}

function isOurs(error: unknown): error is Error {
  return (
    error instanceof FencedError ||
    error instanceof ProducerLostError ||
    error instanceof RefusedError ||
    error instanceof TransientError
  )
}

function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const first = firstOfMany(error)
  return first instanceof Error ? `${error.message}: ${first.message}` : error.message
}
