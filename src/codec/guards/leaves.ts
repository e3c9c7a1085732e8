/**
 * What single values may be. Bounds are wide: they refuse the absurd (P7), not the unusual.
 */
import { leaf, type Guard, type Shape } from '../guard.ts'

const TEXT: Shape = { kind: 'text' }
const NUMBER: Shape = { kind: 'number' }
const INTEGER: Shape = { kind: 'integer' }

/** Longest id of a platform, in characters. */
const ID_CHARACTERS = 256

/** 2000-01-01: an event time before it is a mistake, most often seconds in place of milliseconds. */
const EARLIEST_EVENT_MS = 946_684_800_000
/** 2100-01-01. */
const LATEST_MS = 4_102_444_800_000

/** Text of at most `longest` characters, possibly none. */
export function text(longest: number): Guard<string> {
  return leaf(TEXT, (value): value is string => typeof value === 'string' && value.length <= longest)
}

/** A name or id: 1 to 256 characters. */
export const id = leaf(
  TEXT,
  (value): value is string => typeof value === 'string' && value !== '' && value.length <= ID_CHARACTERS,
)

/** A prompt or an answer; only the record's size bounds it. */
export const content = text(Number.MAX_SAFE_INTEGER)

export const flag = leaf({ kind: 'flag' }, (value): value is boolean => typeof value === 'boolean')

/** Lower-case hex of exactly so many characters. */
export function hex(characters: number): Guard<string> {
  const pattern = new RegExp(`^[0-9a-f]{${characters}}$`)
  return leaf(TEXT, (value): value is string => typeof value === 'string' && pattern.test(value))
}

/** Any finite number of that size or less. NaN and infinities are refused. */
export function numberWithin(low: number, high: number): Guard<number> {
  return leaf(NUMBER, (value): value is number => typeof value === 'number' && value >= low && value <= high)
}

export function integerWithin(low: number, high: number): Guard<number> {
  return leaf(
    INTEGER,
    (value): value is number => Number.isSafeInteger(value) && Number(value) >= low && Number(value) <= high,
  )
}

export const ratio = numberWithin(0, 1)
export const finite = numberWithin(-Number.MAX_VALUE, Number.MAX_VALUE)
/** Up to about 32 years, in seconds. */
export const seconds = numberWithin(0, 1e9)
/** Up to about 32 years, in milliseconds. */
export const milliseconds = numberWithin(0, 1e12)
/** Quotas, ceilings, watts: anything from 0 to 10^15. */
export const amount = numberWithin(0, 1e15)
export const tokens = integerWithin(0, 100_000_000)
export const bytes = integerWithin(0, Number.MAX_SAFE_INTEGER)
export const count = integerWithin(0, 2_147_483_647)
export const position = integerWithin(0, Number.MAX_SAFE_INTEGER)

/** A time that Bailiff wrote itself, epoch milliseconds. */
export const timeMs = integerWithin(0, LATEST_MS)
/** A time that a platform says something happened at, epoch milliseconds. */
export const eventTimeMs = integerWithin(EARLIEST_EVENT_MS, LATEST_MS)

/** One of the symbols; the object names each exactly once, or it does not compile. */
export function symbol<S extends string>(symbols: Readonly<Record<S, true>>): Guard<S> {
  return oneOf<S>(Object.keys(symbols))
}

/** One of the listed symbols, where the type was made from the list. */
export function symbolOf<const S extends string>(symbols: readonly S[]): Guard<S> {
  return oneOf<S>(symbols)
}

function oneOf<S extends string>(symbols: readonly string[]): Guard<S> {
  const known = new Set<unknown>(symbols)
  return leaf({ kind: 'symbol', symbols }, (value): value is S => known.has(value))
}
