/** How parts of kafkajs that are not its public ones are reached: looked for by name, and refused where they are not as known. */
import { RefusedError } from '../../engine/errors.ts'

export type AnyFunction = (...values: readonly unknown[]) => unknown

/** The function of that name, to be called upon `of` whatever is done to the member later. */
export function functionOf(of: object, name: string | symbol): AnyFunction {
  const found: unknown = Reflect.get(of, name)
  if (!isFunction(found)) throw unknownKafkajs()
  return (...values) => Reflect.apply(found, of, values)
}

/** The same object to all who ask, but for some members. */
export function withMembers<T extends object>(target: T, members: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get: (of, asked): unknown =>
      typeof asked === 'string' && Object.hasOwn(members, asked) ? members[asked] : Reflect.get(of, asked),
  })
}

/** What kafkajs copies behind the head of a request: of an encoder of its own it takes these two. */
export interface Encoded {
  readonly buf: Buffer
  readonly buffer: Buffer
}

export function encodedAs(bytes: Buffer): Encoded {
  return { buf: bytes, buffer: bytes }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** What kafkajs asks of one topic, partition by partition. */
export interface OfTopic<P> {
  readonly topic: string
  readonly partitions: readonly P[]
}

/** Whether all are topics whose partitions are as they should be. */
export function areOfTopics<P>(
  value: unknown,
  isPartition: (one: unknown) => one is P,
): value is readonly OfTopic<P>[] {
  return Array.isArray(value) && value.every((one) => isOfTopic(one, isPartition))
}

function isOfTopic(value: unknown, isPartition: (one: unknown) => boolean): boolean {
  return (
    isObject(value) &&
    'topic' in value &&
    typeof value.topic === 'string' &&
    'partitions' in value &&
    Array.isArray(value.partitions) &&
    value.partitions.every(isPartition)
  )
}

export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function'
}

export function unknownKafkajs(): RefusedError {
  return new RefusedError(
    'this kafkajs is built differently inside from 2.2.4, with which Bailiff works: install the version that ' +
      'package.json pins',
  )
}
