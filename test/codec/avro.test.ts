/** Avro as other writers write it. */
import { expect, it } from 'vitest'
import { AvroSchema } from '../../src/codec/avro.ts'

const schema = JSON.stringify({
  type: 'record',
  name: 'Lists',
  fields: [
    { name: 'numbers', type: { type: 'array', items: 'long' } },
    { name: 'counts', type: { type: 'map', values: 'long' } },
  ],
})
const read = new AvroSchema(schema).reader(schema)

it('lists and maps are read in blocks, and in blocks that say how long they are', () => {
  const plain = [0x04, 0x02, 0x04, 0x00, 0x02, 0x02, 0x61, 0x02, 0x00]
  const sized = [0x03, 0x04, 0x02, 0x04, 0x00, 0x01, 0x06, 0x02, 0x61, 0x02, 0x00]
  const inTwo = [0x02, 0x02, 0x01, 0x02, 0x04, 0x00, 0x02, 0x02, 0x61, 0x02, 0x00]
  for (const bytes of [plain, sized, inTwo])
    expect(read(Buffer.from(bytes))).toEqual({ numbers: [1, 2], counts: { a: 1 } })
})
