import { describe, expect, it } from 'vitest'
import { Origins } from '../../src/engine/origins.ts'
import { HEADER_ORIGIN, HEADER_ORIGIN_POSITION, type SourceRecord } from '../../src/engine/record.ts'

function from(origin: string, position: string): SourceRecord {
  const headers = { [HEADER_ORIGIN]: origin, [HEADER_ORIGIN_POSITION]: position }
  return {
    topic: 'inference.usage.v1',
    partition: 0,
    offset: 0,
    appendTimeMs: 0,
    key: null,
    value: null,
    headers,
  }
}

describe('origins', () => {
  it('let each output of a stage through once, in order, and drop what is published again', () => {
    const origins = new Origins({})
    const published = ['5.0', '5.1', '6.0', '5.0', '5.1', '6.0', '7.0']
    expect(published.map((position) => origins.isNew(from('meter/x/0', position)))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      true,
    ])
  })

  it('do not mix up sources of one stage', () => {
    const origins = new Origins({})
    expect(origins.isNew(from('meter/x/0', '9.0'))).toBe(true)
    expect(origins.isNew(from('meter/y/0', '1.0'))).toBe(true)
  })

  it('survive in the checkpoint', () => {
    const before = new Origins({})
    before.isNew(from('meter/x/0', '9.0'))
    expect(new Origins(before.marks()).isNew(from('meter/x/0', '9.0'))).toBe(false)
  })

  it('are no more than there can be stages and partitions, whatever headers strangers write (P7)', () => {
    const origins = new Origins({})
    origins.isNew(from('meter/x/0', '9.0'))
    for (let n = 0; n < 20_000; n++) expect(origins.isNew(from(`stranger/${n}`, '1.0'))).toBe(true)
    expect(origins.isNew(from('x'.repeat(1_000_000), '1.0'))).toBe(true)
    expect(JSON.stringify(origins.marks()).length).toBeLessThan(100_000)
    expect(origins.isNew(from('meter/x/0', '9.0'))).toBe(false)
  })
})
