/**
 * How many cases a property is tried with, and which. `npm run test:properties` tries 10,000; a failure prints its
 * seed and path, and repeats with PROPERTY_SEED=<seed> PROPERTY_PATH=<path>.
 */
export interface PropertyParameters {
  readonly numRuns: number
  readonly seed?: number
  readonly path?: string
  /** A case of many steps takes minutes to shrink: only on demand. */
  readonly endOnFailure: boolean
}

const MS_PER_CASE = 200
/** Of any unit test (vitest.config.ts). */
const LEAST_TIMEOUT_MS = 300_000
/** The few cases of every day are the same ones each time; the long profile draws new ones. */
const DAILY_SEED = 20_261_126

export function propertyParameters(cases: number): PropertyParameters {
  const { PROPERTY_CASES, PROPERTY_SEED, PROPERTY_PATH, PROPERTY_SHRINK } = process.env
  return {
    numRuns: PROPERTY_CASES === undefined ? cases : Number(PROPERTY_CASES),
    endOnFailure: PROPERTY_SHRINK !== '1',
    ...seedOf(PROPERTY_SEED, PROPERTY_CASES),
    ...(PROPERTY_PATH === undefined ? {} : { path: PROPERTY_PATH }),
  }
}

function seedOf(seed: string | undefined, cases: string | undefined): { seed?: number } {
  if (seed !== undefined) return { seed: Number(seed) }
  return cases === undefined ? { seed: DAILY_SEED } : {}
}

/** Long enough for that many cases on a slow machine. */
export function propertyTimeoutMs(parameters: PropertyParameters): number {
  return LEAST_TIMEOUT_MS + parameters.numRuns * MS_PER_CASE
}
