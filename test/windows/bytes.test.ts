import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/windows/bytes.ts'

const item = fc.oneof(
  fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('word' as const), value: fc.nat(0xffffffff) }),
  fc.record({ kind: fc.constant('double' as const), value: fc.double() }),
  fc.record({ kind: fc.constant('text' as const), value: fc.string({ unit: 'grapheme', maxLength: 400 }) }),
)

describe('bytes of state', () => {
  it('reads back whatever was written, in order', () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const writer = new ByteWriter()
        for (const one of items) {
          if (one.kind === 'text') writer.text(one.value)
          else writer[one.kind](one.value)
        }
        const reader = new ByteReader(writer.take())
        for (const one of items) expect(reader[one.kind]()).toEqual(one.value)
        expect(reader.done).toBe(true)
      }),
    )
  })

  it('begins anew after the cell was taken, and leaves the taken cell alone', () => {
    const writer = new ByteWriter()
    writer.text('first')
    const first = writer.take()
    writer.text('other')
    writer.take()
    expect(new ByteReader(first).text()).toBe('first')
  })

  it.each(['varint', 'word', 'double', 'text'] as const)('refuses to read a %s past the end', (kind) => {
    const cut = kind === 'text' ? Buffer.from([5, 97]) : Buffer.from(kind === 'varint' ? [0x80] : [1])
    expect(() => new ByteReader(cut)[kind]()).toThrow(RangeError)
  })
})
