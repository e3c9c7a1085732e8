/**
 * A producer of kafkajs that writes its records by our encoder, and the cluster that it asks through.
 *
 * What it knows of kafkajs' inside: a client makes a cluster for each producer.
 */
import type { Kafka, Producer, ProducerConfig } from 'kafkajs'
import { functionOf, isObject, unknownKafkajs } from './kafkajs-inside.ts'
import { encodeProduceRequests } from './raw-produce.ts'

const CREATE_CLUSTER = 'private:Kafka:createCluster'

/** kafkajs gives the cluster of a producer to nobody: it is caught as it is made. */
export function producerWithCluster(
  kafka: Kafka,
  config: ProducerConfig,
): { readonly producer: Producer; readonly cluster: object } {
  const symbol = createClusterOf(kafka)
  const own: unknown = Reflect.get(kafka, symbol)
  const create = functionOf(kafka, symbol)
  const made: unknown[] = []
  Reflect.set(kafka, symbol, (...words: readonly unknown[]) => {
    const cluster = create(...words)
    made.push(cluster)
    return cluster
  })
  try {
    const producer = kafka.producer(config)
    const [cluster] = made
    if (!isObject(cluster)) throw unknownKafkajs()
    encodeProduceRequests(cluster)
    return { producer, cluster }
  } finally {
    Reflect.set(kafka, symbol, own)
  }
}

function createClusterOf(kafka: Kafka): symbol {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER)
  if (symbol === undefined) throw unknownKafkajs()
  return symbol
}
