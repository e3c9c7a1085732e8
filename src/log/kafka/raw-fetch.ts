/**
 * A fetch through kafkajs' own broker and connection, whose question we write and whose answer we read ourselves. kafkajs
 * makes several objects of every field of every record, all records of the answer at once (trap 25).
 *
 * What it knows of kafkajs' inside (as `quiet-queues.ts` and `transaction-coordinator.ts` do of theirs): a broker finds the
 * encoder of a request and the decoder of its answer by its member `lookupRequest`. Here the broker is asked through
 * a view of itself in which that member gives ours. Another kafkajs than the pinned one
 * is refused, not guessed at.
 */
import type { Broker } from 'kafkajs'
import { RefusedError } from '../../engine/errors.ts'
import {
  areOfTopics,
  encodedAs,
  functionOf,
  isFunction,
  isObject,
  unknownKafkajs,
  withMembers,
  type AnyFunction,
  type Encoded,
} from './kafkajs-inside.ts'
import { readFetchAnswer, type FetchAnswer, type FetchedPartition } from './fetch-answer.ts'
import { writeFetchRequest, type FetchFields } from './fetch-request.ts'
import { NEWEST_VERSION, OLDEST_VERSION } from './fetch-versions.ts'

export type FetchRequest = Parameters<Broker['fetch']>[0]

export async function rawFetch(broker: Broker, request: FetchRequest): Promise<readonly FetchedPartition[]> {
  const answers: FetchAnswer[] = []
  const lookup = functionOf(broker, LOOKUP)
  const view = withMembers(broker, {
    [LOOKUP]: (...asked: readonly unknown[]): unknown => {
      const protocol = lookup(...asked)
      if (!isFunction(protocol)) throw unknownKafkajs()
      return (...fields: readonly unknown[]): unknown =>
        codedByUs(protocol(...fields), fields[0], (answer) => answers.push(answer))
    },
  })
  await view.fetch(request)
  const [answer] = answers
  if (answer === undefined) throw unknownKafkajs()
  return answer.responses.flatMap(({ partitions }) => partitions)
}

const LOOKUP = 'lookupRequest'

/** The call as kafkajs makes it, written and decoded by us and then checked for errors by kafkajs. */
function codedByUs(call: unknown, fields: unknown, decoded: (answer: FetchAnswer) => void): ProtocolCall {
  if (!isProtocolCall(call) || !isObject(fields)) throw unknownKafkajs()
  const version = call.request.apiVersion
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
    throw new RefusedError(`the broker fetches by version ${version} only; Kafka 0.11 or newer is needed`)
  }
  const decode = async (bytes: Buffer): Promise<FetchAnswer> => {
    const answer = await readFetchAnswer(bytes, version)
    decoded(answer)
    return answer
  }
  const encode = (): Promise<Encoded> => {
    const asked = { ...fields, replicaId: NO_REPLICA }
    if (!isFetchFields(asked)) throw unknownKafkajs()
    return Promise.resolve(encodedAs(writeFetchRequest(asked, version)))
  }
  return { ...call, request: { ...call.request, encode }, response: { ...call.response, decode } }
}

/** Who asks is no broker. */
const NO_REPLICA = -1

function isFetchFields(value: object): value is FetchFields {
  return (
    ['replicaId', 'maxWaitTime', 'minBytes', 'maxBytes', 'isolationLevel'].every(
      (name) => typeof Reflect.get(value, name) === 'number',
    ) &&
    'rackId' in value &&
    typeof value.rackId === 'string' &&
    'topics' in value &&
    areOfTopics(value.topics, isPartition)
  )
}

function isPartition(value: unknown): value is FetchFields['topics'][number]['partitions'][number] {
  return (
    isObject(value) &&
    'partition' in value &&
    typeof value.partition === 'number' &&
    'fetchOffset' in value &&
    typeof value.fetchOffset === 'string' &&
    'maxBytes' in value &&
    typeof value.maxBytes === 'number'
  )
}

interface ProtocolCall {
  readonly request: { readonly apiVersion: number; readonly encode: AnyFunction }
  readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown>; readonly parse: AnyFunction }
}

function isProtocolCall(value: unknown): value is ProtocolCall {
  if (!isObject(value) || !('request' in value) || !('response' in value)) return false
  const { request, response } = value
  return (
    isObject(request) &&
    'apiVersion' in request &&
    typeof request.apiVersion === 'number' &&
    'encode' in request &&
    isFunction(request.encode) &&
    isObject(response) &&
    'decode' in response &&
    'parse' in response &&
    isFunction(response.parse)
  )
}
