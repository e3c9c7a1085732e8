import { describe, expect, it } from 'vitest'
import { decodeTrail, encodeTrail } from '../../src/detect/trail.ts'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'

const TOPICS = ['inference.verdicts.v1']
const at = (offset: number, templateHash: string | null) => ({
  requestId: `request-${offset}`,
  topic: 'inference.verdicts.v1',
  partition: 2,
  offset,
  templateHash,
})

describe('a stored trail', () => {
  it('is read back as it was written, templates included', () => {
    for (const trail of [[], [at(1, 'a'), at(2, null)], [1, 2, 3, 4, 5].map((offset) => at(offset, 'b'))]) {
      const writer = new ByteWriter()
      encodeTrail(trail, TOPICS, writer)
      expect(decodeTrail(TOPICS, new ByteReader(writer.take()))).toEqual(trail)
    }
  })

  it('from before templates were kept is read without', () => {
    const writer = new ByteWriter()
    writer.varint(1)
    writer.text('request-7')
    for (const number of [0, 2, 7]) writer.varint(number)
    expect(decodeTrail(TOPICS, new ByteReader(writer.take()))).toEqual([at(7, null)])
  })
})
