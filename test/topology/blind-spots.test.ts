import { describe, expect, it } from 'vitest'
import { DataSample } from '../../src/topology/blind-spots.ts'
import { accountOf, detector, START_MS, topologyOf, usageRecord, verdictOf } from '../detect/harness.ts'

const topology = topologyOf(`
pool: { window: 10m }
lists: { partners: those who may }
features:
  requests_1h: { count: usage, window: 1h }
  addresses_1h: { distinct: usage.clientAddressHash, window: 1h }
  retryAfter_1h: { max: usage.retryAfterMs, window: 1h }
  listed_1h: { count: verdicts, where: 'mediaClause == "prohibited.csam"', window: 1h }
  outages_1h: { count: accountEvents, where: 'kind == "outage"', window: 1h }
  foreign_1h: { distinct: verdicts.foreignHostHash, window: 1h }
  endUsers_1h: { distinct: usage.endUserId, window: 1h }
detectors:
${detector('test.volume', 'requests_1h > 1', 'once: 1h, evidence: [requests_1h]')}
${detector('test.addresses', 'addresses_1h > 1', 'once: 1h, evidence: [addresses_1h]')}
${detector('test.waits', 'retryAfter_1h > 1.0', 'once: 1h, evidence: [requests_1h]')}
${detector('test.listed', 'listed_1h > 1', 'once: 1h, evidence: [listed_1h]')}
${detector('test.quota', 'requests_1h > account.quota.requestsPerHour', 'once: 1h, evidence: [requests_1h]')}
${detector('test.guarded', 'requests_1h > 1 && outages_1h == 0', 'once: 1h, evidence: [requests_1h]')}
${detector('test.outages', 'requests_1h > 1 && outages_1h > 0', 'once: 1h, evidence: [requests_1h]')}
${detector('test.few', 'requests_1h > 1 && endUsers_1h < 5', 'once: 1h, evidence: [requests_1h]')}
${detector('test.many', 'requests_1h > 1 && endUsers_1h > 5', 'once: 1h, evidence: [requests_1h]')}
${detector('test.foreign', 'foreign_1h > 1', 'once: 1h, evidence: [foreign_1h]')}
${detector('test.exempt', 'requests_1h > 1 && !lists.partners', 'once: 1h, evidence: [requests_1h]')}
${detector('test.pool', 'requests_1h > 1 && pool.saturatedMinutes > 1', 'once: 1h, evidence: [requests_1h]')}
`)

const usage = (sample: DataSample, more: Parameters<typeof usageRecord>[2], accountId = 'acct-1') =>
  sample.takeEvent('usage', accountId, usageRecord(START_MS, 0, more))

function sights(sample: DataSample): Readonly<Record<string, string>> {
  return Object.fromEntries(
    topology.detectors.map((one) => {
      const { sight, gaps } = sample.diagnose(one)
      const told = gaps.map(({ source, name, known }) => `${name ?? source} ${known}`)
      return [one.id, [sight, ...told].join(', ')]
    }),
  )
}

describe('a detector', () => {
  it('is blind without records of what it reads, and says which', () => {
    expect(sights(new DataSample(topology))).toMatchObject({
      'test.volume': 'blind, inference.usage.v1 0',
      'test.listed': 'blind, inference.verdicts.v1 0',
      'test.pool': 'blind, inference.usage.v1 0, abuse.pool-pressure.v1 0',
    })
  })

  it('is blind where a field is never known, degraded where it often is not, live else', () => {
    const sample = new DataSample(topology)
    usage(sample, { clientAddressHash: null })
    expect(sights(sample)['test.addresses']).toBe('blind, clientAddressHash 0')
    usage(sample, { clientAddressHash: 'a' })
    expect(sights(sample)['test.addresses']).toBe('degraded, clientAddressHash 0.5')
    for (let at = 0; at < 8; at++) usage(sample, { clientAddressHash: 'a' })
    expect(sights(sample)['test.addresses']).toBe('live')
    expect(sights(sample)['test.volume']).toBe('live')
  })

  it('is no worse for a field whose occasion has not come', () => {
    const sample = new DataSample(topology)
    usage(sample, { status: 'ok', retryAfterMs: null })
    sample.takeEvent('verdicts', 'acct-1', verdictOf(START_MS, 0, {}))
    expect(sights(sample)).toMatchObject({ 'test.waits': 'live', 'test.listed': 'live' })
    usage(sample, { status: 'rate_limited', retryAfterMs: null })
    expect(sights(sample)['test.waits']).toBe('blind, retryAfterMs 0')
  })

  it('goes on without a source that only guards, and not without one that it needs something of', () => {
    const sample = new DataSample(topology)
    usage(sample, {})
    expect(sights(sample)).toMatchObject({
      'test.guarded': 'degraded, accounts.events.v1 0',
      'test.outages': 'blind, accounts.events.v1 0',
    })
  })

  it('goes on without a field that only guards, and not without one that it needs something of', () => {
    const sample = new DataSample(topology)
    usage(sample, { endUserId: null })
    expect(sights(sample)).toMatchObject({
      'test.few': 'degraded, endUserId 0',
      'test.many': 'blind, endUserId 0',
    })
  })

  it('that reads the account needs accounts that are told, with what it reads', () => {
    const sample = new DataSample(topology)
    usage(sample, {})
    usage(sample, {}, 'acct-2')
    sample.takeAccount(accountOf({ quota: { ...accountOf({}).quota, requestsPerHour: null } }))
    expect(sights(sample)['test.quota']).toBe('blind, account.quota.requestsPerHour 0, accounts.state.v1 0.5')
  })

  it('that reads the pool needs its pressure, and events that name it', () => {
    const sample = new DataSample(topology)
    usage(sample, { poolId: null })
    sample.takePressure()
    expect(sights(sample)['test.pool']).toBe('blind, poolId 0')
  })

  it('that asks for a list is blind while it is unknown, and no judge where nobody looked at lists', () => {
    const [known, unknown, unasked] = [true, false, null].map((isKnown) => {
      const sample = new DataSample(topology)
      usage(sample, {})
      if (isKnown !== null) sample.takeList('partners', isKnown)
      return sights(sample)['test.exempt']
    })
    expect([known, unknown, unasked]).toEqual(['live', 'blind, lists.partners 0', 'live'])
  })

  it("that asks whose hosts a text names needs the hosts, and the account's own", () => {
    const sample = new DataSample(topology)
    const verdict = { templateHash: 't', hostHashes: ['a'], hostCount: 1 }
    sample.takeEvent('verdicts', 'acct-1', verdictOf(START_MS, 0, verdict))
    expect(sights(sample)['test.foreign']).toBe('blind, accounts.state.v1 0')
    sample.takeAccount(accountOf({}))
    expect(sights(sample)['test.foreign']).toBe('blind, account.ownHosts 0')
    sample.takeAccount(accountOf({ ownHosts: { hashKeyId: 'h1', hostHashes: [] } }))
    expect(sights(sample)['test.foreign']).toBe('degraded, account.ownHosts 0.5')
    sample.takeEvent('verdicts', 'acct-1', verdictOf(START_MS, 1, { ...verdict, hostCount: null }))
    expect(sights(sample)['test.foreign']).toBe('degraded, hostCount 0.5, account.ownHosts 0.5')
  })
})
