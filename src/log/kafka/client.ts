/** Connections to Kafka: one way to make a client, with its words sent to our log. */
import { Kafka, logLevel, type KafkaConfig, type LogEntry, type RetryOptions } from 'kafkajs'
import type { Logger } from '../../domain/logger.ts'
import { Connections } from './connections.ts'
import type { KafkaLogOptions, KafkaSasl } from './options.ts'
import { openSocket, wholeAnswers } from './whole-answers.ts'

/** Patience for calls that are tried again by those who make them. */
export const READER_RETRY: RetryOptions = {
  initialRetryTime: 50,
  maxRetryTime: 1_000,
  multiplier: 2,
  factor: 0.2,
  retries: 6,
}

/**
 * A new transaction often meets CONCURRENT_TRANSACTIONS and waits one first retry: with the default of 300 ms
 * a transaction takes that long. Retries go on until about `patienceMs`; the caller's deadline comes before.
 */
export function producerRetry(patienceMs: number): RetryOptions {
  return {
    initialRetryTime: 15,
    maxRetryTime: 1_000,
    multiplier: 2,
    factor: 0.1,
    retries: 8 + Math.ceil(patienceMs / 1_000),
  }
}

/** A client whose connections end where it does. */
export class KafkaClient extends Kafka {
  readonly #connections: Connections

  constructor(config: KafkaConfig) {
    const connections = new Connections(config.socketFactory ?? openSocket)
    super({ ...config, socketFactory: connections.open })
    this.#connections = connections
  }

  /** Ends all of them, and makes no more: for when it has said all that it had to say. */
  end(): void {
    this.#connections.end()
  }
}

export function createKafka(options: KafkaLogOptions, logger: Logger, retry: RetryOptions): KafkaClient {
  const config: KafkaConfig = {
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    socketFactory: wholeAnswers(options.openSocket, options),
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => tell(logger, entry),
  }
  if (options.tls !== null) config.ssl = options.tls
  if (options.sasl !== null) config.sasl = saslOf(options.sasl)
  return new KafkaClient(config)
}

function saslOf({ mechanism, username, password }: KafkaSasl): NonNullable<KafkaConfig['sasl']> {
  if (mechanism === 'plain') return { mechanism, username, password }
  if (mechanism === 'scram-sha-256') return { mechanism, username, password }
  return { mechanism, username, password }
}

/**
 * kafkajs shouts errors that belong to every rebalance, election and first transaction (trap 26). What its calls come to
 * is told by those who make them, crashes of consumers included.
 */
function tell(logger: Logger, { namespace, log }: LogEntry): void {
  const error: unknown = log['error']
  const fields = { client: 'kafkajs', part: namespace, ...(typeof error === 'string' ? { error } : {}) }
  logger.debug(fields, log.message)
}
