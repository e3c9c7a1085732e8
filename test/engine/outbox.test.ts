import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packOutbox, stamp, unpackOutbox, writtenBy } from '../../src/engine/outbox.ts'

const output = fc.record({
  topic: fc.constantFrom('a.v1', 'b.v1'),
  key: fc.string(),
  value: fc.option(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))),
  headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string(), { maxKeys: 4 }),
})

describe('the outbox', () => {
  it('gives back what was packed: values byte for byte, tombstones as tombstones', () => {
    fc.assert(
      fc.property(fc.array(output, { maxLength: 20 }), (outputs) => {
        const back = unpackOutbox(packOutbox(outputs))
        expect(back.map((one) => ({ ...one, headers: { ...one.headers } }))).toEqual(
          outputs.map((one) => ({ ...one, headers: { ...one.headers } })),
        )
      }),
    )
  })

  it('marks each record with task, epoch and sequence, so that a takeover can tell what stands in the log (O1)', () => {
    const [stamped] = stamp([{ topic: 't', key: 'k', value: null, headers: {} }], 'usage/3', {
      epoch: 7,
      sequence: 9,
    })
    const record = { topic: 't', partition: 3, offset: 1, appendTimeMs: 0, key: null, value: null }
    const headers = stamped?.headers ?? {}
    expect(writtenBy({ ...record, headers }, 'usage/3')).toEqual({ epoch: 7, sequence: 9 })
    expect(writtenBy({ ...record, headers }, 'usage/4')).toBeNull()
  })
})
