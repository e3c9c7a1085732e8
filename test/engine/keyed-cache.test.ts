import { expect, it } from 'vitest'
import { KeyedCache } from '../../src/engine/keyed-cache.ts'
import type { StateCodec } from '../../src/engine/logic.ts'
import { ObjectShelf } from '../../src/engine/shelf.ts'

interface Growing {
  bytes: number
}

const codec: StateCodec<Growing> = {
  create: () => ({ bytes: 10 }),
  decode: () => ({ bytes: 10 }),
  changes: () => undefined,
  shelf: () => new ObjectShelf(),
  sizeBytes: ({ bytes }) => bytes,
  release: () => undefined,
}

it('a state that grows is weighed anew when it is written, and the bound holds again (P7)', () => {
  const cache = new KeyedCache(codec, 100, true)
  for (const key of ['a', 'b', 'c']) cache.put(key, codec.create(key))
  const place = cache.find('a')
  cache.state(place).bytes = 90
  cache.markDirty(place, 'a')
  cache.takeDirty(() => undefined)
  expect(cache.bytes).toBe(110)
  cache.shrink()
  expect(cache.bytes).toBeLessThanOrEqual(100)
  expect(cache.complete).toBe(false)
})
