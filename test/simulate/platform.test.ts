/** The platform as a whole: what the demo, the benchmarks and `bailiff simulate` rely on. */
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AccountState } from '../../src/domain/account.ts'
import type { InferenceResponse } from '../../src/domain/inference.ts'
import { allHonestLines } from '../../src/simulate/honest-texts.ts'
import { allMalwareLines } from '../../src/simulate/malware-texts.ts'
import { ABUSE_KINDS, createPlatform, type Platform } from '../../src/simulate/platform.ts'
import type { SimulatedEvent } from '../../src/simulate/simulated-event.ts'

const START_MS = Date.UTC(2026, 0, 14, 9)
const SMALL = { startMs: START_MS, accounts: 150, requestsPerHour: 30_000, durationMs: 600_000 }

function digestOf(platform: Platform): string {
  const hash = createHash('sha256')
  for (const event of platform.events()) hash.update(JSON.stringify(event))
  return hash.digest('hex')
}

describe('determinism', () => {
  it('the same seed gives the same events, another seed others', () => {
    const digest = digestOf(createPlatform({ seed: 11, ...SMALL }))
    expect(digestOf(createPlatform({ seed: 11, ...SMALL }))).toBe(digest)
    expect(digestOf(createPlatform({ seed: 12, ...SMALL }))).not.toBe(digest)
  })

  it('events can be walked twice', () => {
    const platform = createPlatform({ seed: 11, ...SMALL })
    expect(digestOf(platform)).toBe(digestOf(platform))
  })

  it('one customer’s luck is not another’s: an honest platform’s regulars are those of an abused one', () => {
    const named = (abuse: Platform) =>
      abuse.accounts.find((account) => account.accountId === 'acct-00007')?.createdAtMs
    expect(named(createPlatform({ seed: 11, ...SMALL, abuse: [] }))).toBe(
      named(createPlatform({ seed: 11, ...SMALL })),
    )
  })
})

describe('the demo’s hour', () => {
  const platform = createPlatform({ seed: 1, startMs: START_MS })
  const events: SimulatedEvent[] = []
  const responses: InferenceResponse[] = []

  beforeAll(() => {
    for (const event of platform.events()) events.push(event)
    for (const event of events) if (event.topic === 'inference.responses.v1') responses.push(event.value)
  })

  const of = (accountId: string) => responses.filter((response) => response.accountId === accountId)
  const account = (accountId: string) => found(platform.accounts.find((one) => one.accountId === accountId))
  const samples = (poolId: string) =>
    events.flatMap((event) =>
      event.topic === 'gpu.telemetry.v1' && event.key === poolId ? [event.value] : [],
    )
  const rejected = (accountId: string) => of(accountId).filter((one) => one.status === 'rate_limited')
  const happened = (accountId: string) =>
    events.flatMap((event) =>
      event.topic === 'accounts.events.v1' && event.key === accountId ? [event.value.kind] : [],
    )

  it('has at least 2,000 accounts and 200,000 events, and not many more', () => {
    expect(platform.accounts.length).toBeGreaterThanOrEqual(2_000)
    expect(events.length).toBeGreaterThan(200_000)
    expect(events.length).toBeLessThan(260_000)
  })

  it('comes in the order of append times, event times a little before', () => {
    const disorder = events.filter((event, at) => event.appendTimeMs < (events[at - 1]?.appendTimeMs ?? 0))
    expect(disorder).toEqual([])
    const lags = events.flatMap((event) =>
      event.topic === 'inference.requests.v1' ? [event.appendTimeMs - event.value.requestedAtMs] : [],
    )
    expect(Math.min(...new Set(lags))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...new Set(lags))).toBeLessThanOrEqual(40)
  })

  it('begins with the state of every account', () => {
    const first = events.slice(0, platform.accounts.length)
    expect(first.every((event) => event.topic === 'accounts.state.v1')).toBe(true)
    expect(new Set(first.map((event) => event.key)).size).toBe(platform.accounts.length)
  })

  it('ends every request exactly once, after it came', () => {
    const came = new Map<string, number>()
    for (const event of events) {
      if (event.topic === 'inference.requests.v1') came.set(event.value.requestId, event.value.requestedAtMs)
    }
    expect(responses).toHaveLength(came.size)
    expect(new Set(responses.map((response) => response.requestId)).size).toBe(came.size)
    const early = responses.filter((one) => one.completedAtMs < (came.get(one.requestId) ?? Infinity))
    expect(early).toEqual([])
  })

  it('has a pool’s telemetry four times a minute, whose activity is the GPU time of its requests', () => {
    for (const poolId of new Set(responses.map((response) => response.poolId ?? ''))) {
      const told = samples(poolId)
      expect(told).toHaveLength(240)
      const active = told.reduce((sum, one) => sum + one.gpuActiveRatio * one.gpuCount * one.sampleSeconds, 0)
      const billed = responses
        .filter((one) => one.poolId === poolId && one.completedAtMs < START_MS + 3_600_000)
        .reduce((sum, one) => sum + (one.gpuSeconds ?? 0), 0)
      expect(active / billed).toBeGreaterThan(0.9)
      expect(active / billed).toBeLessThan(1.1)
    }
  })

  it('makes others wait where the hog is, and only then', () => {
    const began = found(platform.truth.find((one) => one.detectorId === 'exhaustion.gpu-hog')).abuseBeganAtMs
    const [before, after] = [
      samples('us-large-2').filter((one) => one.sampledAtMs < began),
      samples('us-large-2').filter((one) => one.sampledAtMs > began + 5 * 60_000),
    ]
    expect(mean(before.map((one) => one.gpuActiveRatio))).toBeLessThan(0.6)
    expect(mean(after.map((one) => one.gpuActiveRatio))).toBeGreaterThan(0.95)
    expect(mean(after.map((one) => one.accountsWaiting ?? 0))).toBeGreaterThan(10)
    const queued = (from: number, to: number) =>
      mean(
        responses
          .filter((one) => one.poolId === 'us-large-2' && one.requestedAtMs >= from && one.requestedAtMs < to)
          .flatMap((one) => one.queueTimeMs ?? []),
      )
    expect(queued(began + 600_000, began + 1_200_000)).toBeGreaterThan(20 * queued(START_MS, began))
  })

  it('keeps ordinary customers within what they bought', () => {
    const used = new Map<string, { requests: number; gpuSeconds: number; tokens: number }>()
    for (const one of responses) {
      const sum = used.get(one.accountId) ?? { requests: 0, gpuSeconds: 0, tokens: 0 }
      sum.requests++
      sum.gpuSeconds += one.gpuSeconds ?? 0
      sum.tokens += one.inputTokens + one.outputTokens
      used.set(one.accountId, sum)
    }
    const over = platform.accounts.filter(({ accountId, quota }) => {
      const sum = used.get(accountId)
      if (!/^acct-\d/.test(accountId) || sum === undefined) return false
      return (
        sum.requests > (quota.requestsPerHour ?? 0) ||
        sum.gpuSeconds > (quota.gpuSecondsPerHour ?? 0) ||
        sum.tokens > (quota.tokensPerHour ?? 0)
      )
    })
    expect(over.map((one) => one.accountId)).toEqual([])
  })

  it('lets most accounts ask something, and none of the ordinary ones be half of it', () => {
    const counts = new Map<string, number>()
    for (const one of responses) counts.set(one.accountId, (counts.get(one.accountId) ?? 0) + 1)
    expect(counts.size).toBeGreaterThan(0.6 * platform.accounts.length)
    expect(Math.max(...counts.values()) / responses.length).toBeLessThan(0.1)
  })

  it('carries text for the asked share of ordinary requests alone, and for those whose text is the matter', () => {
    const ordinary = responses.filter((one) => /^acct-\d/.test(one.accountId) && one.status === 'ok')
    const told = ordinary.filter((one) => one.outputMessages !== null).length
    expect(told / ordinary.length).toBeGreaterThan(0.09)
    expect(told / ordinary.length).toBeLessThan(0.11)
    expect(of('acct-malware').every((one) => one.outputMessages !== null)).toBe(true)
    const prompts = events.flatMap((event) =>
      event.topic === 'inference.requests.v1' && event.key === 'acct-harvest'
        ? [event.value.inputMessages]
        : [],
    )
    expect(prompts.length).toBeGreaterThan(1_000)
    expect(prompts.every((prompt) => prompt !== null)).toBe(true)
  })

  it('names an abuser of every kind, and when it began', () => {
    expect(platform.truth.map((one) => one.detectorId).toSorted()).toEqual([...ABUSE_KINDS].toSorted())
    for (const { accountId, abuseBeganAtMs } of platform.truth) {
      const first = Math.min(...of(accountId).map((one) => one.requestedAtMs))
      expect(first).toBeGreaterThanOrEqual(abuseBeganAtMs - 40)
      expect(first).toBeLessThan(abuseBeganAtMs + 5 * 60_000)
    }
  })

  it('has look-alikes that only their grant, their contract or our own fault sets apart', () => {
    expect(of('acct-nightly').length).toBeGreaterThan(3 * quota(account('acct-nightly')))
    expect(account('acct-nightly').grants.map((one) => one.kind)).toEqual(['bulkProcessing'])
    expect(of('acct-policy').length).toBeGreaterThan(2 * quota(account('acct-policy')))
    expect(new Set(rejected('acct-policy').map((one) => one.keyId)).size).toBeGreaterThanOrEqual(4)
    expect(account('acct-policy').grants.map((one) => one.kind)).toEqual(['keyRotation'])
    expect(new Set(rejected('acct-team').map((one) => one.keyId)).size).toBeGreaterThanOrEqual(4)
    expect(new Set(of('acct-team').map((one) => one.clientAddress)).size).toBe(1)
    expect(of('acct-team').length).toBeLessThan(quota(account('acct-team')))
    expect(account('acct-research').grants.map((one) => one.kind)).toEqual(['securityResearch'])
    expect(of('acct-curious').filter((one) => one.status === 'refused').length).toBeGreaterThanOrEqual(3)
  })

  it.each([
    ['acct-storm', 'outage'],
    ['acct-lowered', 'quotaChanged'],
  ])('%s runs against its limit for minutes, after %s', (accountId, fault) => {
    const times = rejected(accountId).map((one) => one.requestedAtMs)
    expect(times.length).toBeGreaterThan(600)
    expect(new Set(times.map((at) => Math.floor(at / 60_000))).size).toBeGreaterThanOrEqual(10)
    expect(happened(accountId)).toEqual([fault])
  })

  it('has a big customer that takes most of a full pool within its contract', () => {
    const [from, to] = [START_MS + 25 * 60_000, START_MS + 45 * 60_000]
    const inPool = responses.filter(
      (one) => one.poolId === 'us-large-1' && one.completedAtMs >= from && one.completedAtMs < to,
    )
    const gpu = (list: readonly InferenceResponse[]) =>
      list.reduce((sum, one) => sum + (one.gpuSeconds ?? 0), 0)
    expect(gpu(inPool.filter((one) => one.accountId === 'acct-huge')) / gpu(inPool)).toBeGreaterThan(0.45)
    expect(gpu(of('acct-huge'))).toBeLessThan(account('acct-huge').quota.gpuSecondsPerHour ?? 0)
    const full = samples('us-large-1').filter((one) => one.sampledAtMs >= from && one.sampledAtMs < to)
    expect(mean(full.map((one) => one.gpuActiveRatio))).toBeGreaterThan(0.95)
    expect(mean(full.map((one) => one.accountsWaiting ?? 0))).toBeGreaterThan(3)
  })

  it('loses GPUs in the middle of a launch', () => {
    const missing = samples('eu-large-1').filter((one) => one.gpuCount < (one.gpuCountExpected ?? 0))
    expect(missing.length).toBeGreaterThanOrEqual(40)
    expect(samples('eu-large-1').at(-1)?.gpuCount).toBe(samples('eu-large-1').at(0)?.gpuCountExpected)
  })
})

describe('a span of seconds', () => {
  it('has its share of the asked rate, though roles that come later count towards an hour of it', () => {
    const asked = { startMs: START_MS, durationMs: 2_000, requestsPerHour: 342_000 }
    let requests = 0
    for (const event of createPlatform({ seed: 1, ...asked }).events())
      if (event.topic === 'inference.requests.v1') requests++
    expect(requests).toBeGreaterThan(0.7 * 190)
    expect(requests).toBeLessThan(1.3 * 190)
  })
})

describe('evasion', () => {
  it('makes every abuser quieter than it was', () => {
    const count = (evasion: number) => {
      const platform = createPlatform({ seed: 5, ...SMALL, durationMs: 1_800_000, evasion })
      const abusers = new Set(platform.truth.map((one) => one.accountId))
      let requests = 0
      for (const event of platform.events())
        if (event.topic === 'inference.requests.v1' && abusers.has(event.key)) requests++
      return requests
    }
    expect(count(1)).toBeLessThan(0.6 * count(0))
  })
})

describe('surrogate texts', () => {
  const lines = [...allHonestLines(), ...allMalwareLines()]

  it('are short: a line names a thing and explains nothing', () => {
    expect(lines.filter((line) => line.length > 120)).toEqual([])
    expect(allMalwareLines().length).toBeLessThanOrEqual(40)
  })

  it('hold no address, no file name, no command and no code that does anything', () => {
    const operational =
      /https?:|\d+\.\d+\.\d+|\.(?:exe|dll|ps1|sh|bat|vbs)\b|powershell|cmd\b|curl|wget|import |exec|eval|socket|subprocess|0x|CVE/i
    expect(lines.filter((line) => operational.test(line))).toEqual([])
    const code = allMalwareLines().filter((line) => line.includes('```'))
    expect(code).toEqual(['```python\n# surrogate {name}\npass\n```'])
  })
})

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not there')
  return value
}

function quota({ quota: { requestsPerHour } }: AccountState): number {
  return requestsPerHour ?? Infinity
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
