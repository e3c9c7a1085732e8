/**
 * The question of a fetch, versions 4 to 11 of the protocol, outside of any session. Written into one buffer; kafkajs
 * makes a buffer of 512 bytes of each topic and of each partition that is asked for, of some fifty in each question.
 *
 * Q1. The bytes are those that kafkajs would send.
 */
import { ByteWriter } from './byte-writer.ts'
import { LEADER_EPOCH, LOG_START_OFFSET, READ_REPLICA, SESSION } from './fetch-versions.ts'

/** The fields' names are kafkajs'. */
export interface FetchFields {
  readonly replicaId: number
  readonly maxWaitTime: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolationLevel: number
  readonly rackId: string
  readonly topics: readonly FetchedTopicFields[]
}

interface FetchedTopicFields {
  readonly topic: string
  readonly partitions: readonly {
    readonly partition: number
    readonly fetchOffset: string
    readonly maxBytes: number
  }[]
}

const NO_SESSION = 0
const NO_EPOCH = -1
const NOT_A_REPLICA = -1n
/** What a topic's name and one of its partitions take. */
const BYTES_A_TOPIC = 96

export function writeFetchRequest(fields: FetchFields, version: number): Buffer {
  const writer = new ByteWriter(BYTES_A_TOPIC * (1 + fields.topics.length))
  writer.int32(fields.replicaId)
  writer.int32(fields.maxWaitTime)
  writer.int32(fields.minBytes)
  writer.int32(fields.maxBytes)
  writer.int8(fields.isolationLevel)
  if (version >= SESSION) {
    writer.int32(NO_SESSION)
    writer.int32(NO_EPOCH)
  }
  writer.int32(fields.topics.length)
  for (const topic of fields.topics) writeTopic(writer, topic, version)
  if (version >= SESSION) writer.int32(0) // topics that a session forgets
  if (version >= READ_REPLICA) writer.text(fields.rackId)
  return writer.written
}

function writeTopic(writer: ByteWriter, { topic, partitions }: FetchedTopicFields, version: number): void {
  writer.text(topic)
  writer.int32(partitions.length)
  for (const { partition, fetchOffset, maxBytes } of partitions) {
    writer.int32(partition)
    if (version >= LEADER_EPOCH) writer.int32(NO_EPOCH)
    writer.int64(BigInt(fetchOffset))
    if (version >= LOG_START_OFFSET) writer.int64(NOT_A_REPLICA)
    writer.int32(maxBytes)
  }
}
