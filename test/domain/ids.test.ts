import { describe, expect, it } from 'vitest'
import { uuidV5 } from '../../src/domain/ids.ts'
import { nameBasedId } from '../chaos/verifier/ids.ts'

describe('a name-based id', () => {
  it.each([
    [['sanction', 'acct-1', 'fair-use.scraping', 0, 1]],
    [['signal', 'größer als "ASCII", 日本', 7]],
    [['preservation', 'x'.repeat(256)]],
    [['preservation', 'ü'.repeat(300)]],
    [['']],
  ])('is what RFC 9562 makes of the parts, worked out by other code', (parts) => {
    expect(uuidV5(...parts)).toBe(nameBasedId(...parts))
  })

  it('has the bits of its version and variant, whatever is hashed', () => {
    for (let n = 0; n < 64; n++) {
      expect(uuidV5('one', n)).toBe(nameBasedId('one', n))
      expect(uuidV5('one', n)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    }
  })
})
