/** The platform of the acceptance run: frozen, repeatable, with every abuser and look-alike in it. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { abusersOf, createWorld, EVASION_LEVELS, WORLD_VERSION } from '../../src/simulate/acceptance/world.ts'
import type { SimulatedEvent } from '../../src/simulate/simulated-event.ts'

const START_MS = Date.UTC(2026, 5, 1)
const HOSTS = {
  hashKeyId: 'test',
  hash: (host: string) => createHash('sha256').update(host).digest('hex').slice(0, 16),
}
const SMALL = {
  hosts: HOSTS,
  version: WORLD_VERSION,
  seed: 4,
  startMs: START_MS,
  days: 12,
  accounts: 20,
  requestsPerDay: 500,
}
const MINUTE_MS = 60_000
const PAY_FOR_CARE = [
  'exhaustion.gpu-hog',
  'scraping.bulk-harvest',
  'scraping.systematic',
  'scraping.url-pipeline',
  'circumvention.key-rotation',
]

/** Changes with the world's version and with nothing else. */
const FROZEN: Readonly<Record<number, string>> = {
  2: '75ea0b24139085f429c398b3133d08a34927cd7ab4ed329e315e7c90ab38294f',
  3: 'cf8df255bf7adb5240a6a98bae5db0a42aa2ce9d0af4f025bde64bc716a9ae92',
  4: 'b5d5e8748be039ae57880b57483dd282f41adca9cb7961d8d4acd24450c26b62',
}

const world = createWorld(SMALL)
const events = [...world.events()]
const ended = events.flatMap((event) => (event.topic === 'inference.responses.v1' ? [event.value] : []))

describe('the world of the acceptance run', () => {
  it('is the one that its version names', () => {
    expect(digestOf(events)).toBe(FROZEN[WORLD_VERSION])
  })

  it.each([2, 3] as const)('can still be had as it was in version %i', (version) => {
    expect(digestOf([...createWorld({ ...SMALL, version }).events()])).toBe(FROZEN[version])
  })

  it('tells of every account which hosts are its own, and of each reader of pages whose they are', () => {
    expect(world.accounts.filter(({ ownHosts }) => ownHosts?.hostHashes.length !== 2)).toEqual([])
    const own = (accountId: string) => {
      const told = world.accounts.find((one) => one.accountId === accountId)?.ownHosts?.hostHashes ?? []
      const texts = events.flatMap((event) =>
        event.topic === 'inference.requests.v1' && event.value.accountId === accountId
          ? (event.value.inputMessages?.[0]?.text ?? [])
          : [],
      )
      const hosts = texts.flatMap((text) => /https:\/\/([^/]+)/.exec(text)?.[1] ?? [])
      expect(hosts.length, accountId).toBeGreaterThan(50)
      return hosts.filter((host) => told.includes(HOSTS.hash(host))).length / hosts.length
    }
    expect(own('acct-readsItsOwnSites')).toBe(1)
    expect(own('acct-answersOnItsPages')).toBe(1)
    for (const name of ['searchesWithSources', 'scraping-url-pipeline-0']) expect(own(`acct-${name}`)).toBe(0)
  })

  it('has an abuser of every kind and level, who does something while it lasts and nothing outside', () => {
    expect(world.truths).toHaveLength(Object.keys(abusersOf(WORLD_VERSION)).length * EVASION_LEVELS.length)
    for (const truth of world.truths.filter((one) => !one.victim)) {
      const times = ended.flatMap((one) => (one.accountId === truth.accountId ? [one.requestedAtMs] : []))
      expect(times.length, truth.accountId).toBeGreaterThan(10)
      expect(Math.min(...times)).toBeGreaterThanOrEqual(truth.abuseBeganAtMs - MINUTE_MS)
      expect(Math.max(...times)).toBeLessThanOrEqual(truth.abuseEndedAtMs)
    }
  })

  it('has abusers whose throughput falls with their evasion', () => {
    const served = (detectorId: string, evasion: number) => {
      const truth = world.truths.find((one) => one.detectorId === detectorId && one.evasion === evasion)
      const own = ended.filter((one) => one.accountId === truth?.accountId)
      if (truth?.gain === 'gpuSeconds') return own.reduce((sum, one) => sum + (one.gpuSeconds ?? 0), 0)
      return own.filter((one) => one.status === 'ok').length
    }
    for (const detectorId of PAY_FOR_CARE)
      expect(served(detectorId, 1), detectorId).toBeLessThan(0.75 * served(detectorId, 0))
  })

  it('has takers who are crude with one wording and far over what they bought, and who are neither with care', () => {
    for (const kind of ['systematic', 'url-pipeline']) {
      const [crude, careful] = [0, 3].map((level) => {
        const accountId = `acct-scraping-${kind}-${level}`
        const prompts = events.flatMap((event) =>
          event.topic === 'inference.requests.v1' && event.value.accountId === accountId
            ? (event.value.inputMessages?.[0]?.text ?? [])
            : [],
        )
        const plan = world.accounts.find((one) => one.accountId === accountId)
        expect(plan?.grants).toEqual([])
        const { abuseBeganAtMs = 0, abuseEndedAtMs = 0 } =
          world.truths.find((one) => one.accountId === accountId) ?? {}
        const perHour = prompts.length / ((abuseEndedAtMs - abuseBeganAtMs) / 3_600_000)
        const openings = new Set(prompts.map((prompt) => prompt.slice(0, 4))).size
        return { openings, overQuota: perHour / (plan?.quota.requestsPerHour ?? Infinity) }
      })
      expect(crude?.openings, kind).toBe(1)
      expect(crude?.overQuota, kind).toBeGreaterThan(5)
      expect(careful?.openings, kind).toBeGreaterThan(4)
      expect(careful?.overQuota, kind).toBeLessThan(2.6)
    }
  })

  it('has a nightly job that is refused so often that it sends more than three times its quota', () => {
    const nightly = ended.filter((one) => one.accountId === 'acct-nightlyAtItsQuota')
    const hour = nightly.filter(({ requestedAtMs: at }) => Math.floor((at - START_MS) / 3_600_000) === 26)
    const quota = world.accounts.find((one) => one.accountId === 'acct-nightlyAtItsQuota')?.quota
      .requestsPerHour
    expect(hour.length).toBeGreaterThan(3 * (quota ?? Infinity))
    expect(hour.filter((one) => one.status === 'ok').length).toBeLessThanOrEqual((quota ?? 0) + 20)
  })
})

/** Of every tenth event: whatever changes one of them changes the times and places of others. */
/** A field that events have from now on, and that says nothing here, makes no other world. */
function saidOnly(_: string, value: unknown): unknown {
  return value === null ? undefined : value
}

function digestOf(all: readonly SimulatedEvent[]): string {
  const hash = createHash('sha256')
  for (let at = 0; at < all.length; at += 10) hash.update(JSON.stringify(all[at], saidOnly))
  return hash.digest('hex')
}
