/** Tallies of sessions: however long they are, and however often they become one, they stay bounded. */
import { expect, it } from 'vitest'
import {
  distinctTallying,
  entropyTallying,
  enumerationTallying,
  nearDistinctOfSessions,
  quantileTallying,
  regularityOfSessions,
  topShareTallying,
} from '../../src/windows/accumulator-tallies.ts'
import { ByteWriter } from '../../src/windows/bytes.ts'
import { hashNumber31, mix32 } from '../../src/windows/hash.ts'
import type { Tallying } from '../../src/windows/tally.ts'

const LIMIT = 100

/** Bytes in memory and in the store of a session that many others became part of, each with many values. */
function grown<I, T>(tallying: Tallying<I, T>, itemOf: (n: number) => I): readonly number[] {
  const session = tallying.open()
  for (let other = 0; other < 20; other++) {
    const joined = tallying.open()
    for (let n = 0; n < 400; n++) tallying.add(joined, itemOf(other * 1_000 + n))
    tallying.merge(session, joined)
  }
  const writer = new ByteWriter()
  tallying.encode(session, writer)
  return [tallying.bytes(session), writer.take().length]
}

const likeness = (n: number) => ({ low: mix32(n) | 0, high: mix32(n + 77) | 0 })

it.each([
  // A sketch of 4 KiB; counts of so many values; so many times; 32 templates of one ordinal.
  ['distinct', grown(distinctTallying(LIMIT), hashNumber31), 4_400],
  ['near duplicates', grown(nearDistinctOfSessions(LIMIT), likeness), 4_400],
  ['topShare', grown(topShareTallying(LIMIT), hashNumber31), 144 + LIMIT * 40],
  ['entropy', grown(entropyTallying(LIMIT), hashNumber31), 144 + LIMIT * 40],
  ['quantile', grown(quantileTallying(0.5, LIMIT), (n) => n), 2_500 * 16],
  ['regularity', grown(regularityOfSessions(256), (n) => n), 64 + 256 * 8],
  [
    'enumeration',
    grown(enumerationTallying(), (n) => ({ template: n % 400, ordinal: n })),
    32 * (224 + 40 * 40),
  ],
])('a session of %s stays bounded', (_name, [bytes = NaN, stored = NaN], most) => {
  expect(bytes).toBeLessThanOrEqual(most)
  expect(stored).toBeLessThanOrEqual(most)
})
