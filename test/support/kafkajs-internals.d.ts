/** What tests and benchmarks use of kafkajs' inside: its encoders and decoders, as the other side of ours. */
declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    readonly buffer: Buffer
    writeInt8(value: number): this
    writeInt16(value: number): this
    writeInt32(value: number): this
    writeInt64(value: number | string): this
    writeString(value: string): this
    writeBytes(value: Buffer): this
    writeVarInt(value: number): this
    writeVarIntString(value: string): this
    writeVarIntBytes(value: Buffer | null): this
    writeBuffer(value: Buffer): this
  }
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0/index.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js'
  export default function encodeRecord(record: {
    readonly offsetDelta: number
    readonly timestampDelta: number
    readonly key: Buffer | null
    readonly value: Buffer | null
    readonly headers: Readonly<Record<string, Buffer | readonly Buffer[]>>
  }): Encoder
}

declare module 'kafkajs/src/protocol/recordBatch/v0/index.js' {
  import type Encoder from 'kafkajs/src/protocol/encoder.js'
  const batches: {
    RecordBatch(batch: {
      readonly compression?: number
      readonly firstOffset: number
      readonly firstTimestamp: number
      readonly maxTimestamp: number
      readonly lastOffsetDelta: number
      readonly transactional?: boolean
      readonly producerId?: number
      readonly records: readonly Encoder[]
    }): Promise<Encoder>
  }
  export default batches
}

interface KafkajsFetchAnswer {
  readonly clientSideThrottleTime?: number
  readonly responses: readonly {
    readonly topicName: string
    readonly partitions: readonly {
      readonly partition: number
      readonly errorCode: number
      readonly highWatermark: string
      readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[]
      readonly messages: readonly {
        readonly offset: string
        readonly timestamp: string
        readonly key: Buffer | null
        readonly value: Buffer | null
        readonly headers: Readonly<Record<string, Buffer | Buffer[] | null>>
      }[]
    }[]
  }[]
}

declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  const fetch: {
    protocol(of: { readonly version: number }): (fields: object) => {
      readonly request: { encode(): Promise<{ readonly buffer: Buffer }> }
      readonly response: { decode(bytes: Buffer): Promise<KafkajsFetchAnswer> }
    }
  }
  export default fetch
}

declare module 'kafkajs/src/broker/index.js' {
  import type { Broker } from 'kafkajs'
  const KafkajsBroker: new (
    parts: object,
  ) => Omit<Broker, 'produce'> & { produce(request: object): Promise<unknown> }
  export default KafkajsBroker
}

declare module 'kafkajs/src/protocol/requests/produce/index.js' {
  const produce: {
    protocol(of: { readonly version: number }): (fields: object) => {
      readonly request: { encode(): Promise<{ readonly buffer: Buffer }> }
    }
  }
  export default produce
}

declare module 'kafkajs/src/cluster/index.js' {
  export default class KafkajsCluster {
    readonly findLeaderForPartitions: (topic: string, partitions: readonly string[]) => object
  }
}

/** What kafkajs asks a broker to take. */
interface KafkajsProduce {
  readonly topicData: readonly {
    readonly topic: string
    readonly partitions: readonly { readonly partition: number }[]
  }[]
}

declare module 'kafkajs/src/producer/sendMessages.js' {
  import type { ProducerBatch, RecordMetadata } from 'kafkajs'
  export default function createSendMessages(parts: {
    readonly logger: object
    readonly cluster: object
    readonly partitioner: object
    readonly eosManager: object
    readonly retrier: object
  }): (batch: ProducerBatch) => Promise<RecordMetadata[]>
}
