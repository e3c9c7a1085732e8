/**
 * How many signals the ladder decides in a second of one core, at a million accounts that have a standing.
 *
 *   npm run bench -- decisions [--accounts 1000000] [--signals 400000]        (no server needed)
 *
 * How: standings are kept as a task keeps them (bytes in the store, an object while it is worked on). The store is a few
 * large buffers, so that a million of them are no work of the process's garbage collector, as in Redis they are not. Each signal's
 * account is drawn evenly: its standing is read from bytes, decided on, evolved, its outputs made, and written as bytes
 * again. Half of the accounts have a sanction already: half of the signals lead to a new one, which is far more than real
 * signals do; the others are held back by the ladder's rules. Signals are made before, in chunks, and not counted.
 * CPU time of the process counts, not wall time.
 *
 * Ends with 1 below 20,000 signals a second.
 *
 * Not measured: Avro, Kafka, Redis (bench latency and steady have them).
 */
import { parseArgs } from 'node:util'
import { loadBundle } from '../src/cli/compose/bundle.ts'
import { accountActor } from '../src/domain/actor.ts'
import { signalIds } from '../src/detect/signal-ids.ts'
import type { Signal } from '../src/domain/signal.ts'
import { emptyStanding, type AccountStanding } from '../src/enforce/account-standing.ts'
import { decide } from '../src/enforce/decide.ts'
import { NO_DELAY } from '../src/enforce/delay.ts'
import type { EnforcementEvent } from '../src/enforce/event.ts'
import { evolve } from '../src/enforce/evolve.ts'
import { publicationOf } from '../src/enforce/publication.ts'
import { decodeStandings, encodeStandings } from '../src/enforce/stored-standing.ts'
import { sanctionIds } from '../src/enforce/sanction-ids.ts'
import { NO_TEMPLATES } from '../src/enforce/templates.ts'
import { UNLIMITED } from '../src/enforce/terms.ts'
import { highWaterMiB } from './proc.ts'

const HASH_KEY = { id: 'k1', secret: Buffer.from('a key for benchmarks') }
const SANCTION_IDS = sanctionIds(HASH_KEY)
const signalId = signalIds(HASH_KEY)

const LEAST_PER_SECOND = 20_000
const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 10, 26)
const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000000' },
    signals: { type: 'string', default: '400000' },
  },
})
const accounts = Number(values.accounts)
const signals = Number(values.signals)
const { policy } = loadBundle('topologies')

const nameOf = (n: number): string => `acct-${String(n).padStart(8, '0')}`

function signalOf(accountId: string, atMs: number): Signal {
  const actor = accountActor(accountId)
  return {
    id: signalId('scraping.bulk-harvest', actor, atMs, false),
    detectorId: 'scraping.bulk-harvest',
    detectorVersion: 1,
    mode: 'live',
    clause: 'fair-use.scraping',
    actor,
    confidence: 0.9,
    occurredAtMs: atMs,
    windowStartMs: atMs - HOUR_MS / 2,
    windowEndMs: atMs,
    episode: atMs,
    readings: [],
    evidence: [{ name: 'requests_1h', value: 4_321 }],
    pointers: [
      {
        requestId: `request-${atMs}`,
        topic: 'inference.usage.v1',
        partition: 0,
        offset: atMs,
        templateHash: null,
      },
    ],
    capability: null,
    poolId: null,
    policyVersion: 1,
    bundleSha256: 'b'.repeat(64),
    broadcastOffsets: {},
  }
}

let published = 0

function hear(standing: AccountStanding, event: EnforcementEvent, nowMs: number): AccountStanding {
  const terms = {
    policy,
    nowMs,
    templates: NO_TEMPLATES,
    budget: UNLIMITED,
    sanctionIds: SANCTION_IDS,
    delayShare: NO_DELAY,
    enabledBy: () => [],
    switchedOff: () => false,
  }
  const outcomes = decide(standing, event, terms)
  for (const outcome of outcomes) if (publicationOf(outcome, false) !== null) published++
  return outcomes.reduce(evolve, standing)
}

function known(accountId: string): AccountStanding {
  const quota = {
    requestsPerMinute: null,
    requestsPerHour: null,
    tokensPerHour: null,
    gpuSecondsPerHour: null,
  }
  const state = {
    accountId,
    organizationId: null,
    tier: 'payAsYouGo',
    createdAtMs: START_MS - 1_000 * HOUR_MS,
    updatedAtMs: START_MS,
    quota,
    limitScope: 'account',
    grants: [],
    protected: false,
    ageVerified: null,
    ageAttested: null,
    language: null,
    ownHosts: null,
  } as const
  return hear(emptyStanding(accountId, false), { kind: 'accountState', state }, START_MS)
}

const stored = (live: AccountStanding): Buffer => encodeStandings({ live, shadow: null })

/** Bytes by number, written one behind the other; what is written anew leaves its old place unused. */
class Store {
  readonly #pages: Buffer[] = []
  readonly #at = new Float64Array(accounts)
  readonly #lengths = new Int32Array(accounts)
  #next = PAGE_BYTES

  get(n: number): Buffer {
    const at = this.#at[n] ?? 0
    const from = at % PAGE_BYTES
    return (this.#pages[Math.floor(at / PAGE_BYTES)] ?? EMPTY).subarray(from, from + (this.#lengths[n] ?? 0))
  }

  put(n: number, bytes: Buffer): void {
    if (
      (this.#next % PAGE_BYTES) + bytes.length > PAGE_BYTES ||
      this.#pages.length * PAGE_BYTES <= this.#next
    ) {
      this.#next = this.#pages.length * PAGE_BYTES
      this.#pages.push(Buffer.allocUnsafeSlow(PAGE_BYTES))
    }
    bytes.copy(this.#pages.at(-1) ?? EMPTY, this.#next % PAGE_BYTES)
    this.#at[n] = this.#next
    this.#lengths[n] = bytes.length
    this.#next += bytes.length
  }
}

const PAGE_BYTES = 64 * 1_048_576
const EMPTY = Buffer.alloc(0)

const store = new Store()
for (let n = 0; n < accounts; n++) {
  const accountId = nameOf(n)
  const standing = known(accountId)
  const sanctioned = n % 2 === 0
  const signal = signalOf(accountId, START_MS + 1)
  store.put(n, stored(sanctioned ? hear(standing, { kind: 'signal', signal }, START_MS + 1) : standing))
}
published = 0

/** Signals made at a time: their making is no part of the figure. */
const CHUNK = 10_000
const nthOf = (at: number): number => (at * 7_919_317) % accounts
const timeOf = (at: number): number => START_MS + HOUR_MS + at

let spentMicroseconds = 0
for (let from = 0; from < signals; from += CHUNK) {
  const chunk = Array.from({ length: Math.min(CHUNK, signals - from) }, (_, index) => from + index).map(
    (at) => ({
      n: nthOf(at),
      nowMs: timeOf(at),
      signal: signalOf(nameOf(nthOf(at)), timeOf(at)),
    }),
  )
  const before = process.cpuUsage()
  for (const { n, nowMs, signal } of chunk) {
    const { live } = decodeStandings(signal.actor.accountId, store.get(n))
    store.put(n, stored(hear(live, { kind: 'signal', signal }, nowMs)))
  }
  const { user, system } = process.cpuUsage(before)
  spentMicroseconds += user + system
}
const perSecond = Math.round(signals / (spentMicroseconds / 1_000_000))
console.log(
  JSON.stringify({ accounts, signals, perSecond, published, peakRssMiB: highWaterMiB(process.pid) }),
)
process.exitCode = perSecond >= LEAST_PER_SECOND ? 0 : 1
