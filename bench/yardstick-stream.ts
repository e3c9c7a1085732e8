/**
 * The yardstick's stream, record by record: the same job is run by our peers, so the rules are fixed. Everything
 * is 32-bit integer arithmetic from one seed; `test/detect/yardstick-stream.test.ts` pins its first records.
 *
 * 1,000 accounts per mille by kind: 880 normal (Zipf 1.1 over 100,000), 40 with many addresses, 40 with one
 * template, 20 with heavy requests, 20 in bursts of a minute.
 */
export const RECORDS = 2_000_000
const START_MS = 1_767_225_600_000
const SPAN_MS = 5_400_000
const SEED = 20_260_101

export interface YardstickRecord {
  readonly eventId: string
  readonly accountId: string
  readonly timeMs: number
  readonly clientAddress: string
  readonly gpuSeconds: number
  readonly templateHash: string
}

/** The stream from its beginning, without end: records past `RECORDS` are of no use. */
export function* yardstickStream(): Generator<YardstickRecord, never> {
  const next = mulberry32(SEED)
  const zipf = zipfRanks(100_000, 1.1)
  for (let index = 0; ; index++) {
    const draws = [next(), next(), next(), next(), next(), next(), next()]
    yield recordAt(index, draws, zipf)
  }
}

function recordAt(index: number, draws: readonly number[], zipf: (draw: number) => number): YardstickRecord {
  const [d1 = 0, d2 = 0, d3 = 0, d4 = 0, d5 = 0, d6 = 0] = draws
  const nominalMs = START_MS + Math.floor((index * SPAN_MS) / RECORDS)
  const account = accountOf(d1 % 1_000, d2, nominalMs, zipf)
  return {
    eventId: eventIdOf(index),
    accountId: `acct-${String(account).padStart(6, '0')}`,
    timeMs: nominalMs - delayMs(d3),
    clientAddress: addressOf(account, d4),
    gpuSeconds: ((256 + (d6 % 3_841)) / 1_024) * (account >= 62_000 && account < 62_200 ? 32 : 1),
    templateHash: hex128(account * 16 + templateOf(account, d5)),
  }
}

function accountOf(kind: number, draw: number, nominalMs: number, zipf: (draw: number) => number): number {
  if (kind < 880) return zipf(draw)
  if (kind < 920) return 60_000 + (draw % 300)
  if (kind < 960) return 61_000 + (draw % 300)
  if (kind < 980) return 62_000 + (draw % 200)
  return 63_000 + Math.floor((nominalMs - START_MS) / 60_000) * 4 + (draw % 4)
}

export function delayMs(draw: number): number {
  const kind = draw % 1_000
  if (kind === 0) return 31_000 + ((draw >>> 10) % 120_000)
  return kind <= 10 ? 1 + ((draw >>> 10) % 20_000) : 0
}

export function addressOf(account: number, draw: number): string {
  const pool = account < 100 ? 32 : account >= 60_000 && account < 60_300 ? 1_000 : 4
  const hash = mix(Math.imul(account, 1_000_003) + (draw % pool))
  return `10.${(hash >>> 16) & 255}.${(hash >>> 8) & 255}.${hash & 255}`
}

function templateOf(account: number, draw: number): number {
  const template = draw & 15
  if (account < 61_000 || account >= 61_300) return template
  return template < (account % 2 === 1 ? 13 : 15) ? 0 : (draw >>> 8) & 15
}

function eventIdOf(index: number): string {
  const id = hex128(index + 1)
  return [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-')
}

function hex128(base: number): string {
  return [0, 0x40000000, 0x80000000, 0xc0000000]
    .map((offset) =>
      mix(base + offset)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('')
}

export function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** The smallest rank whose cumulated weight is above the draw's share of all. */
export function zipfRanks(ranks: number, exponent: number): (draw: number) => number {
  const cumulated = new Float64Array(ranks)
  let sum = 0
  for (let rank = 0; rank < ranks; rank++) cumulated[rank] = sum += Math.pow(rank + 1, -exponent)
  return (draw) => {
    const wanted = (draw / 4_294_967_296) * sum
    let low = 0
    let high = ranks
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((cumulated[middle] ?? 0) > wanted) high = middle
      else low = middle + 1
    }
    return low
  }
}
