/**
 * A fetch through kafkajs' own broker and connection, whose answer we read ourselves. kafkajs makes several
 * objects of every field of every record, all records of the answer at once (trap 25).
 *
 * What it knows of kafkajs' inside (as `quiet-queues.ts` and `transaction-coordinator.ts` do of theirs): a broker finds the
 * encoder of a request and the decoder of its answer by its member `lookupRequest`. Here the broker is asked through
 * a view of itself in which that member gives kafkajs' encoder with our decoder. Another kafkajs than the pinned one
 * is refused, not guessed at.
 */
import type { Broker } from 'kafkajs'
import { RefusedError } from '../../engine/errors.ts'
import {
  functionOf,
  isFunction,
  isObject,
  unknownKafkajs,
  withMembers,
  type AnyFunction,
} from './kafkajs-inside.ts'
import {
  NEWEST_VERSION,
  OLDEST_VERSION,
  readFetchAnswer,
  type FetchAnswer,
  type FetchedPartition,
} from './fetch-answer.ts'

export type FetchRequest = Parameters<Broker['fetch']>[0]

export async function rawFetch(broker: Broker, request: FetchRequest): Promise<readonly FetchedPartition[]> {
  const answers: FetchAnswer[] = []
  const lookup = functionOf(broker, LOOKUP)
  const view = withMembers(broker, {
    [LOOKUP]: (...asked: readonly unknown[]): unknown => {
      const protocol = lookup(...asked)
      if (!isFunction(protocol)) throw unknownKafkajs()
      return (...fields: readonly unknown[]): unknown =>
        withOurDecoder(protocol(...fields), (answer) => answers.push(answer))
    },
  })
  await view.fetch(request)
  const [answer] = answers
  if (answer === undefined) throw unknownKafkajs()
  return answer.responses.flatMap(({ partitions }) => partitions)
}

const LOOKUP = 'lookupRequest'

/** The request as kafkajs makes it, its answer decoded by us and then checked for errors by kafkajs. */
function withOurDecoder(call: unknown, decoded: (answer: FetchAnswer) => void): ProtocolCall {
  if (!isProtocolCall(call)) throw unknownKafkajs()
  const version = call.request.apiVersion
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) {
    throw new RefusedError(`the broker fetches by version ${version} only; Kafka 0.11 or newer is needed`)
  }
  const decode = async (bytes: Buffer): Promise<FetchAnswer> => {
    const answer = await readFetchAnswer(bytes, version)
    decoded(answer)
    return answer
  }
  return { ...call, response: { ...call.response, decode } }
}

interface ProtocolCall {
  readonly request: { readonly apiVersion: number }
  readonly response: { readonly decode: (bytes: Buffer) => Promise<unknown>; readonly parse: AnyFunction }
}

function isProtocolCall(value: unknown): value is ProtocolCall {
  if (!isObject(value) || !('request' in value) || !('response' in value)) return false
  const { request, response } = value
  return (
    isObject(request) &&
    'apiVersion' in request &&
    typeof request.apiVersion === 'number' &&
    isObject(response) &&
    'decode' in response &&
    'parse' in response &&
    isFunction(response.parse)
  )
}
