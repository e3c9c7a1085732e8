import fc from 'fast-check'
import { Partitioners } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { murmur2, partitionOf } from '../../src/log/murmur2.ts'

/** From UtilsTest of Kafka's Java client. */
const javaKnows: readonly [string, number][] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
]

function kafkajsPartition(key: Buffer, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }))
  return Partitioners.DefaultPartitioner()({ topic: 't', partitionMetadata, message: { key, value: null } })
}

describe('murmur2', () => {
  it.each(javaKnows)('hashes %j as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('places every key where kafkajs and so the Java client place it', () => {
    const keys = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 300 }), (key, partitions) => {
        expect(partitionOf(key, partitions)).toBe(kafkajsPartition(key, partitions))
      }),
    )
  })
})
