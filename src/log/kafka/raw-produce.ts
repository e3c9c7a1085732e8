/**
 * Requests to append records, written by us and sent by kafkajs' own broker and connection.
 *
 * What it knows of kafkajs' inside (as `raw-fetch.ts` does of fetches): a producer finds the broker that it sends to by its
 * cluster's `findBroker`, and that broker finds the encoder of a request by its member `lookupRequest`, which it sets
 * as it connects. Here the producer is given a view of the broker in which that member gives our encoder for requests
 * to append. What names a compression, or a record that leaves out its
 * time or its headers, is left to kafkajs. Another kafkajs than the pinned one is refused, not guessed at.
 */
import { RefusedError } from '../../engine/errors.ts'
import {
  areOfTopics,
  encodedAs,
  functionOf,
  isFunction,
  isObject,
  unknownKafkajs,
  withMembers,
  type Encoded,
} from './kafkajs-inside.ts'
import {
  NEWEST_VERSION,
  OLDEST_VERSION,
  writeProduceRequest,
  type NewBatch,
  type NewRecord,
  type ProduceRequest,
} from './produce-request.ts'

const FIND = 'findBroker'
const LOOKUP = 'lookupRequest'
/** The protocol's number for requests to append. */
const PRODUCE = 0

/** From here on what `cluster` finds writes by our encoder. */
export function encodeProduceRequests(cluster: object): void {
  const find = functionOf(cluster, FIND)
  /** kafkajs holds brokers against each other: each has one view. */
  const views = new WeakMap<object, object>()
  Reflect.set(cluster, FIND, async (asked: unknown) => {
    const broker: unknown = await find(asked)
    if (!isObject(broker)) throw unknownKafkajs()
    const view = views.get(broker) ?? withOurEncoder(broker)
    views.set(broker, view)
    return view
  })
}

function withOurEncoder(broker: object): object {
  return withMembers(broker, {
    [LOOKUP]: (...asked: readonly unknown[]): unknown => {
      const protocol = functionOf(broker, LOOKUP)(...asked)
      if (asked[0] !== PRODUCE) return protocol
      if (!isFunction(protocol)) throw unknownKafkajs()
      return (fields: unknown): unknown => encodedByUs(protocol(fields), fields)
    },
  })
}

/** The call as kafkajs makes it, but for the bytes of its request. */
function encodedByUs(call: unknown, fields: unknown): unknown {
  if (!isProtocolCall(call) || !isObject(fields)) throw unknownKafkajs()
  const { apiVersion } = call.request
  if (apiVersion < OLDEST_VERSION || apiVersion > NEWEST_VERSION) {
    throw new RefusedError(`the broker appends by version ${apiVersion} only; Kafka 0.11 or newer is needed`)
  }
  const asked = { ...fields, transactionalId: transactionalIdOf(fields) }
  if (isCompressed(fields) || !isProduceRequest(asked)) return call
  const encode = (): Promise<Encoded> => Promise.resolve(encodedAs(writeProduceRequest(asked)))
  return { ...call, request: { ...call.request, encode } }
}

interface ProtocolCall {
  readonly request: { readonly apiVersion: number }
}

function isProtocolCall(value: unknown): value is ProtocolCall {
  if (!isObject(value) || !('request' in value)) return false
  const { request } = value
  return isObject(request) && 'apiVersion' in request && typeof request.apiVersion === 'number'
}

function isCompressed(fields: object): boolean {
  return 'compression' in fields && fields.compression !== undefined && fields.compression !== 0
}

function transactionalIdOf(fields: object): unknown {
  return 'transactionalId' in fields ? (fields.transactionalId ?? null) : null
}

function isProduceRequest(value: object): value is ProduceRequest {
  return (
    'transactionalId' in value &&
    (value.transactionalId === null || typeof value.transactionalId === 'string') &&
    'producerId' in value &&
    (typeof value.producerId === 'string' || typeof value.producerId === 'number') &&
    'producerEpoch' in value &&
    typeof value.producerEpoch === 'number' &&
    'acks' in value &&
    typeof value.acks === 'number' &&
    'timeout' in value &&
    typeof value.timeout === 'number' &&
    'topicData' in value &&
    areOfTopics(value.topicData, isBatch)
  )
}

function isBatch(value: unknown): value is NewBatch {
  return (
    isObject(value) &&
    'partition' in value &&
    typeof value.partition === 'number' &&
    'firstSequence' in value &&
    typeof value.firstSequence === 'number' &&
    'messages' in value &&
    Array.isArray(value.messages) &&
    value.messages.every(isNewRecord)
  )
}

function isNewRecord(value: unknown): value is NewRecord {
  return (
    isObject(value) &&
    'key' in value &&
    isField(value.key) &&
    'value' in value &&
    isField(value.value) &&
    'timestamp' in value &&
    typeof value.timestamp === 'string' &&
    'headers' in value &&
    isObject(value.headers)
  )
}

function isField(value: unknown): value is Buffer | string | null {
  return value === null || typeof value === 'string' || Buffer.isBuffer(value)
}
