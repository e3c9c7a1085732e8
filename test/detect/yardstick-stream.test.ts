/** The bench measures us on the same stream as our peers; these figures were made by another implementation. */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { yardstickStream } from '../../bench/yardstick-stream.ts'

it('the yardstick’s stream is that of its specification', () => {
  const sha256 = createHash('sha256')
  const stream = yardstickStream()
  for (let index = 0; index < 1_000; index++) {
    const { eventId, accountId, timeMs, clientAddress, gpuSeconds, templateHash } = stream.next().value
    sha256.update([eventId, accountId, timeMs, clientAddress, gpuSeconds, templateHash].join(' ') + '\n')
  }
  expect(sha256.digest('hex')).toBe('87ce38df575b9d0549595a440f474a92f15723c0f81b44e252db9bea1eedb871')
})
