/** Whom a finding of the whole account names, where one key, project or end user carries it. */
import { describe, expect, it } from 'vitest'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import { detector, Drive, grantOf, HOUR_MS, START_MS, topologyOf } from './harness.ts'

const topology = topologyOf(`
maxSubKeys: 4
features:
  requests_1h: { count: usage, window: 1h }
  tokens_1h: { sum: usage.outputTokens, window: 1h }
  ofKey_1h: { count: usage, by: keyId, window: 1h }
  tokensOfKey_1h: { sum: usage.outputTokens, by: keyId, window: 1h }
  ofEndUser_1h: { count: usage, by: endUserId, window: 1h }
detectors:
${detector('test.key', 'requests_1h >= 10', 'once: 1h, evidence: [requests_1h], narrowTo: [ofKey_1h]')}
${detector('test.both', 'requests_1h >= 10 && tokens_1h > 0', 'once: 1h, evidence: [requests_1h], narrowTo: [ofKey_1h, tokensOfKey_1h], narrowShare: 0.9')}
${detector('test.user', 'requests_1h >= 10', 'once: 1h, evidence: [requests_1h], narrowTo: [ofKey_1h, ofEndUser_1h]')}
`)

/** So many requests of each, in turn as they stand; the last one completes what the conditions wait for. */
function after(...requests: readonly (readonly [times: number, Partial<UsageRecord>])[]): Drive {
  const drive = new Drive(topology).account({})
  return asked(drive, ...requests)
}

function asked(
  drive: Drive,
  ...requests: readonly (readonly [times: number, Partial<UsageRecord>])[]
): Drive {
  for (const [times, more] of requests) for (let n = 0; n < times; n++) drive.usage(START_MS, more)
  return drive
}

function named(drive: Drive, id = 'test.key'): readonly string[] {
  return drive.signals
    .filter(({ detectorId }) => detectorId === id)
    .map(({ actor }) => `${actor.level} ${actor.id}`)
}

describe('a finding of the account', () => {
  it('names the key that has the stated share, and no key below it', () => {
    expect(named(after([2, { keyId: 'other' }], [8, { keyId: 'thief' }]))).toEqual(['key thief'])
    expect(named(after([3, { keyId: 'other' }], [7, { keyId: 'thief' }]))).toEqual(['account acct-1'])
  })

  it('names the account where the event that completes it is of another key', () => {
    expect(named(after([9, { keyId: 'thief' }], [1, { keyId: 'other' }]))).toEqual(['account acct-1'])
  })

  it('needs the share of each figure that is looked at', () => {
    const much = { keyId: 'other', outputTokens: 1_000 }
    expect(named(after([1, much], [9, { keyId: 'thief' }]), 'test.both')).toEqual(['account acct-1'])
    expect(named(after([1, { keyId: 'other' }], [9, { keyId: 'thief' }]), 'test.both')).toEqual(['key thief'])
  })

  it('names the account where there are more keys than are kept: what is unknown carries nothing', () => {
    const keys = ['a', 'b', 'c', 'd'].map((keyId) => [1, { keyId }] as const)
    expect(named(after(...keys, [30, { keyId: 'thief' }]))).toEqual(['account acct-1'])
  })

  it('narrows to end users of resellers alone, whose word they are', () => {
    const user = { keyId: 'k', endUserId: 'u7' }
    expect(named(after([10, user]), 'test.user')).toEqual(['key k'])
    const reseller = new Drive(topology).account({ grants: [grantOf('reseller')] })
    expect(named(asked(reseller, [10, user]), 'test.user')).toEqual(['endUser u7'])
  })

  it('is one of the account in an episode, whoever carries it, and one more in the next', () => {
    const drive = after([10, { keyId: 'thief' }]).reload()
    expect(named(asked(drive, [10, { keyId: 'other' }]))).toEqual(['key thief'])
    for (let n = 0; n < 10; n++) drive.usage(START_MS + HOUR_MS, { keyId: 'other' })
    expect(named(drive)).toEqual(['key thief', 'key other'])
  })

  it('is that also where only the log still knows of it', () => {
    const drive = after([10, { keyId: 'thief' }])
    drive.state = drive.logic.state.create('acct-1')
    drive.fold(drive.signals.findIndex(({ detectorId }) => detectorId === 'test.key'))
    asked(drive, [10, { keyId: 'other' }])
    expect(named(drive)).toEqual(['key thief'])
  })

  it("tells beside what the condition read how much is the key's own", () => {
    const [signal] = after([2, { keyId: 'other' }], [8, { keyId: 'thief' }]).signals
    expect(signal?.readings).toEqual([
      { name: 'requests_1h', value: 10, text: null, error: 0 },
      { name: 'ofKey_1h', value: 8, text: null, error: 0 },
    ])
  })
})
