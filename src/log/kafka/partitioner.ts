/** Where records go: to the partition that they name, else where the Java client would put their key. */
import type { ICustomPartitioner } from 'kafkajs'
import { partitionOf } from '../murmur2.ts'

export const javaPartitioner: ICustomPartitioner = () => {
  return ({ partitionMetadata, message }) => {
    if (message.partition !== undefined) return message.partition
    return partitionOf(Buffer.from(message.key ?? ''), partitionMetadata.length)
  }
}
