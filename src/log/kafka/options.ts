/** How to reach Kafka and how patient to be. Resolved once; nothing is optional. */
import type { ConnectionOptions } from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import { openSocket } from './whole-answers.ts'

export interface KafkaLogOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Certificates and the like; null for plain connections. */
  readonly tls: ConnectionOptions | null
  readonly sasl: KafkaSasl | null
  /** How connections are made. */
  readonly openSocket: ISocketFactory
  /** A member that is silent for this long loses its partitions. Heartbeats go out ten times as often. */
  readonly sessionTimeoutMs: number
  /** How long members may take to join a new generation. */
  readonly rebalanceTimeoutMs: number
  /** How long a broker may hold a fetch that finds nothing; also what a resumed partition may wait. */
  readonly fetchWaitMs: number
  /** The same for whoever follows a topic. What comes is told at once; it may end so much later. */
  readonly followWaitMs: number
  /** How long a member of a group does not ask a broker again that has given all that it had (fetch-loop.ts, F7). */
  readonly fetchLingerMs: number
  /** How long a broker may take to answer a fetch, beyond `fetchWaitMs`, before it is asked again (F8). */
  readonly fetchAnswerMs: number
  readonly fetchMaxBytes: number
  /**
   * All partitions of an answer lie in one buffer, which lives as long as the last record of it waits. A batch that is
   * larger is asked for by its size (fetch-loop.ts, F4).
   */
  readonly fetchMaxBytesPerPartition: number
  /** How old a member's knowledge of its topics' partitions may be: those that are added are noticed by then. */
  readonly metadataMaxAgeMs: number
  readonly connectTimeoutMs: number
  /** Of one question. A connection on which one has no answer for so long is given up (answer-deadline.ts). */
  readonly requestTimeoutMs: number
  /** Deadline of one publish, and of fencing; below `transactionTimeoutMs`. */
  readonly publishTimeoutMs: number
  /** After this the broker gives an abandoned transaction up; readers wait for it that long. */
  readonly transactionTimeoutMs: number
  /** Deadline of a note of positions to the group; a missed one is written with the next. */
  readonly offsetCommitTimeoutMs: number
  /**
   * How long a member waits to have left its group: in the middle of a rebalance that takes as long as the others
   * do. What it had is committed by then; who does not hear of it waits for the session to end.
   */
  readonly leaveTimeoutMs: number
  /** How long a read to the end may make no progress. */
  readonly readTimeoutMs: number
  /** Aborted when the process is told to end: from then on no call is waited for longer than `endingTimeoutMs`. */
  readonly ending: AbortSignal
  readonly endingTimeoutMs: number
  /** How long clients may take to close their connections; nothing that was promised hangs on it. */
  readonly goodbyeTimeoutMs: number
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

export const defaultKafkaLogOptions: Omit<KafkaLogOptions, 'brokers'> = {
  clientId: 'bailiff',
  tls: null,
  sasl: null,
  openSocket,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 30_000,
  fetchWaitMs: 100,
  followWaitMs: 500,
  fetchLingerMs: 20,
  fetchAnswerMs: 5_000,
  fetchMaxBytes: 8 * 1024 * 1024,
  fetchMaxBytesPerPartition: 256 * 1024,
  metadataMaxAgeMs: 60_000,
  connectTimeoutMs: 3_000,
  requestTimeoutMs: 15_000,
  publishTimeoutMs: 20_000,
  transactionTimeoutMs: 30_000,
  offsetCommitTimeoutMs: 2_000,
  leaveTimeoutMs: 5_000,
  readTimeoutMs: 20_000,
  ending: new AbortController().signal,
  endingTimeoutMs: 4_000,
  goodbyeTimeoutMs: 1_000,
}
