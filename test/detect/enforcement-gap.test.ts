/** Usage that a sanction should have closed: what counts, whom it is told of, and what is kept of whom. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ActiveSanction } from '../../src/domain/standing.ts'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import type { Logger } from '../../src/domain/logger.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import { EnforcementGaps } from '../../src/service/enforcement-gaps.ts'
import { createMetrics } from '../../src/service/metrics.ts'
import { Drive, HOUR_MS, MINUTE_MS, sanctionOf, START_MS, topologyOf, usageRecord } from './harness.ts'

const ALLOWANCE_MS = 10_000
const EFFECTIVE_MS = START_MS + HOUR_MS
const LATER_MS = EFFECTIVE_MS + HOUR_MS

const sanction = (given: Partial<ActiveSanction> = {}): ActiveSanction =>
  sanctionOf({ effectiveAtMs: EFFECTIVE_MS, endsAtMs: EFFECTIVE_MS + 72 * HOUR_MS, ...given })

describe('usage of an account', () => {
  let gaps: { readonly record: UsageRecord; readonly sanctionId: string }[]
  let drive: Drive

  beforeEach(() => {
    gaps = []
    const onGap = (record: UsageRecord, { sanctionId }: ActiveSanction): void =>
      void gaps.push({ record, sanctionId })
    drive = new Drive(topologyOf('features:\n  requests_1h: { count: usage, window: 1h }\ndetectors: []\n'), {
      gaps: { allowanceMs: ALLOWANCE_MS, onGap },
    })
  })

  const standing = (...active: ActiveSanction[]): void => void drive.standing({ active }, EFFECTIVE_MS)

  it('is a gap where it began after the sanction took effect and gateways had their time to learn of it', () => {
    standing(sanction())
    drive.usage(EFFECTIVE_MS + ALLOWANCE_MS - 1)
    expect(gaps).toEqual([])
    drive.usage(EFFECTIVE_MS + ALLOWANCE_MS, { serverAddress: 'gateway-7' })
    expect(gaps).toMatchObject([{ sanctionId: 's1', record: { serverAddress: 'gateway-7' } }])
  })

  it('is none where it was running already, or may have been', () => {
    standing(sanction())
    drive.usage(LATER_MS, { durationMs: HOUR_MS })
    drive.usage(EFFECTIVE_MS + 9 * MINUTE_MS, { durationMs: null })
    expect(gaps).toEqual([])
    drive.usage(EFFECTIVE_MS + 11 * MINUTE_MS, { durationMs: null })
    expect(gaps).toHaveLength(1)
  })

  it('is none where it was turned away, or has only arrived', () => {
    standing(sanction())
    drive.usage(LATER_MS, { status: 'refused', outputTokens: 0 })
    drive.usage(LATER_MS + 1, { status: 'error', outputTokens: 0 })
    drive.usage(LATER_MS + 2, { phase: 'arrived', status: null })
    expect(gaps).toEqual([])
    drive.usage(LATER_MS + 3, { status: 'cancelled', outputTokens: 12 })
    expect(gaps).toHaveLength(1)
  })

  it('is none from the end of the sanction on, announced or not, and after its lifting', () => {
    standing(sanction({ endsAtMs: LATER_MS }))
    drive.usage(LATER_MS)
    standing(sanction())
    drive.standing(null, LATER_MS)
    drive.usage(LATER_MS + 1)
    expect(gaps).toEqual([])
  })

  it('is none where the sanction is about another key, or closes nothing', () => {
    standing(
      sanction({ scope: 'key', scopeTarget: 'key-2', actorLevel: 'key', actorId: 'key-2' }),
      sanction({ act: 'warning', scope: 'account' }),
      sanction({ act: 'restriction', scope: 'rate', rateCeilingPerMinute: 60 }),
    )
    drive.usage(LATER_MS, { keyId: 'key-1' })
    expect(gaps).toEqual([])
    drive.usage(LATER_MS + 1, { keyId: 'key-2' })
    expect(gaps).toHaveLength(1)
  })

  it('is known to be one by whoever takes the task over, and is not told again by a rebuild', () => {
    standing(sanction())
    drive.reload()
    drive.usage(LATER_MS)
    drive.rebuilding = true
    drive.usage(LATER_MS + 1)
    expect(gaps).toHaveLength(1)
  })

  it('is kept of nobody to whom nothing is closed', () => {
    standing(sanction({ act: 'warning' }))
    drive.standing(null, LATER_MS)
    drive.commit()
    expect(drive.slots).toEqual([])
    standing(sanction())
    drive.commit()
    expect(drive.slots).toEqual(['facts'])
  })

  it('keeps the first sanctions alone, whatever the standing holds', () => {
    const many = Array.from({ length: 256 }, (_, at) =>
      sanction({ sanctionId: `s${at}`, scope: 'key', scopeTarget: `key-${at}` }),
    )
    standing(...many)
    expect(drive.state.facts?.standing.sanctions).toHaveLength(32)
    drive.reload()
    expect(drive.state.facts?.standing.sanctions).toHaveLength(32)
  })
})

describe('who lets closed usage through', () => {
  it('is counted by name: the server, else the pool, and past a hundred names together', async () => {
    const metrics = createMetrics()
    const clock = new ManualClock(0)
    const told: object[] = []
    const logger: Logger = { ...silentLogger, error: (fields) => void told.push(fields) }
    const gaps = new EnforcementGaps(ALLOWANCE_MS, metrics.enforcementGap, logger, clock)
    const one = (more: Partial<UsageRecord>): void => gaps.onGap(usageRecord(LATER_MS, 1, more), sanction())
    one({ serverAddress: 'gateway-7' })
    one({ serverAddress: 'gateway-7' })
    one({ serverAddress: null, poolId: 'a100' })
    one({ serverAddress: null, poolId: null })
    expect(told).toMatchObject([
      { consumer: 'gateway-7', sanctionId: 's1' },
      { consumer: 'pool/a100' },
      { consumer: 'unknown' },
    ])
    clock.advanceTo(60_000)
    one({ serverAddress: 'gateway-7' })
    expect(told).toHaveLength(4)
    for (let at = 0; at < 200; at++) one({ serverAddress: `minted-${at}` })
    const { values } = await metrics.enforcementGap.get()
    const byConsumer = new Map(values.map(({ labels, value }) => [labels.consumer, value]))
    expect(byConsumer.get('gateway-7')).toBe(3)
    expect(byConsumer.get('pool/a100')).toBe(1)
    expect(byConsumer.get('other')).toBe(103)
    expect(byConsumer.size).toBeLessThanOrEqual(101)
    expect(await metrics.registry.metrics()).toContain(
      'bailiff_enforcement_gap_total{consumer="gateway-7"} 3',
    )
  })
})
