/** What grants free: a part of the account, up to a cap; and what they do not. */
import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/domain/account.ts'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import { detector, Drive, grantOf, HOUR_MS, MINUTE_MS, pressure, START_MS, topologyOf } from './harness.ts'

const of = (drive: Drive, id: string) => drive.signals.filter(({ detectorId }) => detectorId === id)
const at = (minute: number, seconds: number) => START_MS + minute * MINUTE_MS + seconds * 1_000
const tell = (drive: Drive, minute: number) => {
  drive.board.apply(pressure(minute), { topic: 'abuse.pool-pressure.v1', partition: 0, offset: minute })
}

describe('a grant for a part of the account', () => {
  const asking = topologyOf(`
features:
  ungranted_1h: { count: usage, where: '!account.grants.scraping', window: 1h }
detectors:
${detector('test.ungranted', 'ungranted_1h >= 2 && !account.grants.scraping', 'once: 1h, evidence: [ungranted_1h]')}
`)
  const granted = (more: Partial<Grant>) => new Drive(asking).account({ grants: [grantOf('scraping', more)] })

  it.each([
    ['project', { projectId: 'granted' }, { projectId: 'other' }],
    ['key', { keyId: 'granted' }, { keyId: 'other' }],
    ['capability', { model: 'granted' }, { model: 'other' }],
  ] as const)('frees that %s, and what it does is not held against the others', (level, inside, outside) => {
    const drive = granted({ scope: { level, id: 'granted' } })
    for (let at = 0; at < 5; at++) drive.usage(START_MS, inside)
    drive.usage(START_MS, outside)
    expect(of(drive, 'test.ungranted')).toEqual([])
    drive.usage(START_MS, outside)
    expect(of(drive, 'test.ungranted')).toHaveLength(1)
  })

  it('is unknown where the request does not say which part it is of', () => {
    const drive = granted({ scope: { level: 'project', id: 'granted' } })
    for (let at = 0; at < 5; at++) drive.usage(START_MS, { projectId: null })
    expect(of(drive, 'test.ungranted')).toEqual([])
  })

  it('is asked again of the project that acted, where a grant is for another one', () => {
    const asking = topologyOf(`
pool: { window: 2m }
features: { onPool_10m: { sum: usage.gpuSeconds, by: poolId, window: 10m } }
detectors:
${detector('test.ungranted', 'pool.saturatedMinutes >= 2 && onPool_10m > 10.0 && !account.grants.dedicatedCapacity', 'once: 1h, evidence: [onPool_10m]')}
`)
    const scope = { level: 'project', id: 'granted' } as const
    const drive = new Drive(asking).account({ grants: [grantOf('dedicatedCapacity', { scope })] })
    tell(drive, 0)
    drive.usage(at(2, 5), { gpuSeconds: 20, projectId: 'granted' })
    drive.usage(at(2, 6), { gpuSeconds: 20, projectId: 'other' })
    tell(drive, 1)
    drive.fire(at(4, 0))
    expect(drive.signals).toHaveLength(1)
  })
})

describe('a grant with a cap', () => {
  const asking = topologyOf(`
features:
  ungranted_1h: { count: usage, where: '!account.grants.scraping', window: 1h }
detectors:
${detector('test.ungranted', 'ungranted_1h >= 1 && !account.grants.scraping', 'once: 1m, evidence: [ungranted_1h]')}
${detector('test.capped', 'ungranted_1h >= 0 && account.grantCaps.scraping == 3.0', 'once: 1h, evidence: [ungranted_1h]')}
`)
  const capped = () => new Drive(asking).account({ grants: [grantOf('scraping', { capRequestsPerHour: 3 })] })
  const use = (drive: Drive, times: number, atMs: number, status: UsageRecord['status'] = 'ok') => {
    for (let at = 0; at < times; at++) drive.usage(atMs, { status })
  }

  it('frees so many requests of a clock hour, also after a reload; what was turned away is none of them', () => {
    const drive = capped()
    use(drive, 9, START_MS, 'rate_limited')
    use(drive, 2, START_MS)
    drive.reload()
    use(drive, 1, START_MS)
    expect(of(drive, 'test.ungranted')).toEqual([])
    use(drive, 1, START_MS)
    expect(of(drive, 'test.ungranted')).toHaveLength(1)
  })

  it('counts a request once, however many grants it is within, and the greatest cap holds', () => {
    const grants = [1, 3].map((capRequestsPerHour) => grantOf('scraping', { capRequestsPerHour }))
    const drive = new Drive(asking).account({ grants })
    use(drive, 3, START_MS)
    expect(of(drive, 'test.ungranted')).toEqual([])
    use(drive, 1, START_MS)
    expect(of(drive, 'test.ungranted')).toHaveLength(1)
  })

  it('begins anew with each hour', () => {
    const drive = capped()
    for (let hour = 0; hour < 4; hour++) use(drive, 3, START_MS + hour * HOUR_MS)
    expect(of(drive, 'test.ungranted')).toEqual([])
  })

  it('tells conditions its cap', () => {
    expect(of(capped().usage(START_MS), 'test.capped')).toHaveLength(1)
  })
})
