/**
 * Sequences of records that are hard on windows: in and out of order, behind by exactly the lateness and by one
 * more, on edges and beside them, in bursts, and after long silence. Values are eighths, which every float adds
 * exactly.
 */
import fc from 'fast-check'
import type { StreamsRecord } from './kafka-streams.ts'

export interface Hardness {
  readonly startMs: number
  readonly latenessMs: number
  /** Times are often moved onto or beside a multiple of one of these. */
  readonly edgesMs: readonly number[]
  /** Distances between events of a key that decide something. */
  readonly distancesMs: readonly number[]
}

/** The same for the same seed. */
export function sequencesOf(
  hardness: Hardness,
  {
    seed,
    sequences,
    records,
  }: { readonly seed: number; readonly sequences: number; readonly records: number },
): readonly (readonly StreamsRecord[])[] {
  const steps = fc.array(stepArbitrary(hardness), { minLength: records, maxLength: records })
  return fc.sample(steps, { seed, numRuns: sequences }).map((one) => recordsOf(one, hardness.startMs))
}

interface Step {
  readonly key: string
  readonly eighths: number
  /** From the newest time so far, of all and of the key, to this record's. */
  readonly time: (newestMs: number, newestOfKeyMs: number) => number
}

function stepArbitrary(hardness: Hardness): fc.Arbitrary<Step> {
  const { latenessMs } = hardness
  const by = (distance: fc.Arbitrary<number>) => distance.map((ms) => (newestMs: number) => newestMs + ms)
  const time = fc.oneof(
    { weight: 6, arbitrary: by(fc.integer({ min: 0, max: 15_000 })) },
    { weight: 4, arbitrary: by(fc.integer({ min: -latenessMs, max: 0 })) },
    { weight: 4, arbitrary: onEdge(hardness) },
    { weight: 6, arbitrary: atDistance(hardness) },
    { weight: 2, arbitrary: by(fc.constantFrom(-latenessMs - 1, -latenessMs, 1 - latenessMs)) },
    { weight: 1, arbitrary: by(fc.constant(0)) },
    { weight: 1, arbitrary: by(fc.integer({ min: -4 * latenessMs, max: -latenessMs - 1 })) },
  )
  return fc.record({ key: fc.constantFrom('a', 'a', 'b'), eighths: fc.integer({ min: 1, max: 800 }), time })
}

function onEdge({ edgesMs }: Hardness): fc.Arbitrary<Step['time']> {
  return fc.tuple(fc.constantFrom(...edgesMs), fc.constantFrom(-1, 0, 1), fc.constantFrom(0, 1, 2)).map(
    ([edgeMs, beside, ahead]) =>
      (newestMs) =>
        (Math.floor(newestMs / edgeMs) + ahead) * edgeMs + beside,
  )
}

/** That far from the newest event of the same key, or beside it. */
function atDistance({ distancesMs }: Hardness): fc.Arbitrary<Step['time']> {
  return fc
    .tuple(fc.constantFrom(...distancesMs), fc.constantFrom(-1, 0, 0, 1), fc.constantFrom(1, 1, -1))
    .map(
      ([distanceMs, beside, sign]) =>
        (_newestMs, newestOfKeyMs) =>
          newestOfKeyMs + sign * distanceMs + beside,
    )
}

function recordsOf(steps: readonly Step[], startMs: number): readonly StreamsRecord[] {
  const newestOfKey = new Map<string, number>()
  let newestMs = startMs
  return steps.map(({ key, eighths, time }): StreamsRecord => {
    const timeMs = time(newestMs, newestOfKey.get(key) ?? newestMs)
    newestMs = Math.max(newestMs, timeMs)
    newestOfKey.set(key, Math.max(newestOfKey.get(key) ?? 0, timeMs))
    return [key, timeMs, eighths / 8]
  })
}
