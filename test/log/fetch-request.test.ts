/** The question of a fetch: byte for byte that of kafkajs, by each version. */
import fc from 'fast-check'
import fetch from 'kafkajs/src/protocol/requests/fetch/index.js'
import { describe, expect, it } from 'vitest'
import { writeFetchRequest } from '../../src/log/kafka/fetch-request.ts'
import { propertyParameters } from '../support/property-parameters.ts'

const text = fc.string({ unit: 'binary', maxLength: 80 })
const partition = fc.record({
  partition: fc.nat(),
  fetchOffset: fc.bigInt({ min: -2n, max: 2n ** 63n - 1n }).map(String),
  maxBytes: fc.nat(),
})
const fields = fc.record({
  replicaId: fc.integer({ min: -1, max: 9 }),
  maxWaitTime: fc.nat(),
  minBytes: fc.nat(),
  maxBytes: fc.nat(),
  isolationLevel: fc.constantFrom(0, 1),
  rackId: text,
  topics: fc.array(fc.record({ topic: text, partitions: fc.array(partition, { maxLength: 4 }) }), {
    maxLength: 20,
  }),
})

describe('the question of a fetch that we write', () => {
  it.each([4, 5, 6, 7, 8, 9, 10, 11])(
    'has the bytes that kafkajs would send by version %i',
    async (version) => {
      await fc.assert(
        fc.asyncProperty(fields, async (asked) => {
          const { buffer } = await fetch.protocol({ version })(asked).request.encode()
          expect(writeFetchRequest(asked, version).equals(buffer)).toBe(true)
        }),
        propertyParameters(100),
      )
    },
  )
})
