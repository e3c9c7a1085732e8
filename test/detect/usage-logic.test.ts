/** What becomes a signal, how often, about whom, and what never does. */
import { describe, expect, it } from 'vitest'
import { RECENT_EVENTS } from '../../src/detect/recent-ids.ts'
import type { Verdict } from '../../src/domain/verdict.ts'
import {
  accountOf,
  detector,
  Drive,
  grantOf,
  HOUR_MS,
  MINUTE_MS,
  pressure,
  START_MS,
  topologyOf,
} from './harness.ts'

const topology = topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
  ofKey_10m: { count: usage, by: keyId, window: 10m }
  harmful_24h: { distinct: verdicts.simHash, where: 'malware >= 0.9', window: 24h }
detectors:
${detector('test.volume', 'requests_1h >= 3', 'once: 1h, evidence: [requests_1h]')}
${detector('test.key', 'ofKey_10m >= 3', 'once: 10m, evidence: [ofKey_10m]')}
${detector('test.quota', 'requests_1h > 0.01 * account.quota.requestsPerHour', 'once: 1h, evidence: [requests_1h]')}
${detector('test.content', 'harmful_24h >= 2 && !account.grants.redTeam', 'once: 24h, evidence: [harmful_24h]')}
`)

const of = (drive: Drive, id: string) => drive.signals.filter(({ detectorId }) => detectorId === id)
const harmful: Partial<Verdict> = { scores: [{ label: 'malware', score: 0.95, logLikelihoodRatio: 3 }] }

describe('a condition that holds', () => {
  it('becomes one signal per actor and episode, and one more in the next', () => {
    const drive = new Drive(topology)
    for (let at = 0; at < 10; at++) drive.usage(START_MS + at * MINUTE_MS)
    expect(of(drive, 'test.volume')).toHaveLength(1)
    drive.usage(START_MS + HOUR_MS)
    expect(of(drive, 'test.volume').map(({ episode }) => episode - START_MS / HOUR_MS)).toEqual([0, 1])
  })

  it('never rests on texts that nothing could score', () => {
    const drive = new Drive(topology).account({})
    for (const simHash of ['a', 'b', 'c']) drive.verdict(START_MS, { scored: false, scores: [], simHash })
    expect(of(drive, 'test.content')).toEqual([])
  })

  it('does not fire one event short of it', () => {
    expect(of(new Drive(topology).usage(START_MS).usage(START_MS), 'test.volume')).toEqual([])
  })

  it('tells who, when, how sure, by which figures, and where the proof lies', () => {
    const drive = new Drive(topology)
      .usage(START_MS)
      .usage(START_MS + 1)
      .usage(START_MS + 2)
    expect(of(drive, 'test.volume')[0]).toMatchObject({
      mode: 'live',
      actor: { accountId: 'acct-1', level: 'account', id: 'acct-1' },
      confidence: 0.5,
      occurredAtMs: START_MS + 2,
      windowStartMs: START_MS + 2 - HOUR_MS,
      evidence: [{ name: 'requests_1h', value: 3 }],
      pointers: [{ requestId: 'request-2', topic: 'inference.usage.v1', partition: 3, offset: 2 }],
      capability: null,
      policyVersion: 7,
      bundleSha256: 'b'.repeat(64),
    })
  })

  it('tells of each request with which template it was asked, as far as verdicts know', () => {
    const drive = new Drive(topology).account({})
    drive.verdict(START_MS, { ...harmful, simHash: 'a', askedTemplateHash: 'asked', templateHash: 'own' })
    drive.verdict(START_MS + 1, { ...harmful, simHash: 'b', askedTemplateHash: null, templateHash: 'own' })
    expect(of(drive, 'test.content')[0]?.pointers.map(({ templateHash }) => templateHash)).toEqual([
      'own',
      'asked',
    ])
    expect(
      of(drive.usage(START_MS).usage(START_MS).usage(START_MS), 'test.volume')[0]?.pointers,
    ).toMatchObject([{ templateHash: null }])
  })

  it('keeps all that the condition read, the unknown as unknown', () => {
    const either = topologyOf(`
features: { requests_1h: { count: usage, window: 1h } }
detectors:
${detector('test.all', `requests_1h >= 1 && (account.tier == "free" || account.quota.tokensPerHour > 1)`, 'once: 1h, evidence: [requests_1h]')}
`)
    const drive = new Drive(either).account({ tier: 'free' }).usage(START_MS)
    expect(of(drive, 'test.all')[0]?.readings).toEqual([
      { name: 'requests_1h', value: 1, text: null, error: 0 },
      { name: 'account.tier', value: null, text: 'free', error: null },
      { name: 'account.quota.tokensPerHour', value: null, text: null, error: null },
    ])
  })

  it('names the key where all evidence is by key, each key apart', () => {
    const drive = new Drive(topology)
    for (const keyId of ['a', 'b', 'a', 'b', 'a', 'b']) drive.usage(START_MS, { keyId })
    expect(of(drive, 'test.key').map(({ actor }) => actor)).toEqual([
      { accountId: 'acct-1', level: 'key', id: 'a' },
      { accountId: 'acct-1', level: 'key', id: 'b' },
    ])
  })

  it('has an id that the same cause always has', () => {
    const drives = [1, 2].map(() => new Drive(topology).usage(START_MS).usage(START_MS).usage(START_MS))
    const ids = drives.map((drive) => drive.signals.map(({ id }) => id))
    expect(ids[0]).toEqual(ids[1])
    expect(ids[0]?.[0]).toBe('067bbcaf-ea4f-8f67-b4f2-8556b6862a87')
  })

  it('points at the verdicts that were counted, and at the model to which it may be narrowed', () => {
    const drive = new Drive(topology).account({})
    drive.verdict(START_MS, { ...harmful, simHash: 'a' })
    drive.verdict(START_MS + HOUR_MS, { scores: [], simHash: 'x' })
    drive.reload()
    drive.verdict(START_MS + 2 * HOUR_MS, { ...harmful, simHash: 'b' })
    expect(of(drive, 'test.content')[0]?.pointers.map(({ requestId }) => requestId)).toEqual([
      'request-3',
      'request-1',
    ])
    expect(of(drive, 'test.content')[0]?.capability).toBe('coder-large')
  })

  it('points at no request where what happened to the account completed it', () => {
    const feature = 'features:\n  failed_24h: { count: accountEvents, window: 24h }\n'
    const when = detector('test.event', 'failed_24h >= 1', 'once: 1h, evidence: [failed_24h]')
    const drive = new Drive(topologyOf(`${feature}detectors:\n${when}`)).accountEvent(
      START_MS,
      'ageCheckFailed',
    )
    expect(drive.signals[0]).toMatchObject({ detectorId: 'test.event', pointers: [] })
  })
})

describe('what is unknown', () => {
  it('never fires: an account without a snapshot, a quota that is not told', () => {
    const drive = new Drive(topology)
    for (let at = 0; at < 5; at++) drive.usage(START_MS)
    expect(of(drive, 'test.quota')).toEqual([])
    const quota = { ...accountOf({}).quota, requestsPerHour: null }
    drive.account({ quota }).usage(START_MS)
    expect(of(drive, 'test.quota')).toEqual([])
    drive.account({}).usage(START_MS)
    expect(of(drive, 'test.quota')).toHaveLength(1)
  })

  it('is unknown again once the platform has removed the account', () => {
    const drive = new Drive(topology).account({}).account(null).reload()
    for (let at = 0; at < 5; at++) drive.usage(START_MS)
    expect(of(drive, 'test.quota')).toEqual([])
  })

  it('is not guessed for grants either', () => {
    const drive = new Drive(topology)
    for (const simHash of ['a', 'b', 'c']) drive.verdict(START_MS, { ...harmful, simHash })
    expect(of(drive, 'test.content')).toEqual([])
  })
})

describe('grants', () => {
  it('hold until they expire', () => {
    const grant = grantOf('redTeam', { expiresAtMs: START_MS + HOUR_MS })
    const drive = new Drive(topology).account({ grants: [grant] })
    for (const simHash of ['a', 'b']) drive.verdict(START_MS, { ...harmful, simHash })
    expect(of(drive, 'test.content')).toEqual([])
    drive.verdict(START_MS + HOUR_MS, { ...harmful, simHash: 'c' })
    expect(of(drive, 'test.content')).toHaveLength(1)
  })
})

describe('repeats', () => {
  it('of an event id change nothing, also after a reload; an arrival is no repeat of its end', () => {
    const drive = new Drive(topology).usage(START_MS, { eventId: 'same' })
    drive.usage(START_MS, { eventId: 'same' }).reload().usage(START_MS, { eventId: 'same' })
    drive.usage(START_MS, { eventId: 'same', phase: 'arrived' }).usage(START_MS)
    expect(of(drive, 'test.volume')).toEqual([])
    drive.usage(START_MS)
    expect(of(drive, 'test.volume')).toHaveLength(1)
  })

  it('are known among the last events of the hour, oldest first to go, also after a reload', () => {
    const quiet = topologyOf('features: { requests_1h: { count: usage, window: 1h } }')
    const drive = new Drive(quiet)
    const send = (event: number) => void drive.usage(START_MS, { eventId: `e${event}` })
    const changes = (event: number): boolean => {
      drive.commit()
      send(event)
      let changed = false
      drive.logic.state.changes(drive.state, () => (changed = true))
      return changed
    }
    for (let event = 0; event < RECENT_EVENTS + 5; event++) send(event)
    drive.reload()
    expect([changes(5), changes(RECENT_EVENTS + 4)]).toEqual([false, false])
    expect(changes(1_000)).toBe(true)
    expect([changes(6), changes(RECENT_EVENTS + 4)]).toEqual([false, false])
    expect(changes(5)).toBe(true)
  })

  it('count where the sources cannot repeat', () => {
    const drive = new Drive(topology, { dropRepeats: false })
    for (let at = 0; at < 3; at++) drive.usage(START_MS, { eventId: 'same' })
    expect(of(drive, 'test.volume')).toHaveLength(1)
  })
})

describe('modes', () => {
  const withMode = (mode: string) =>
    topologyOf(`
features: { requests_1h: { count: usage, window: 1h } }
detectors:
${detector('test.mode', 'requests_1h >= 1', `mode: ${mode}, once: 1h, evidence: [requests_1h]`)}
`)

  it('a shadow says so, under another id than the live one', () => {
    const shadow = new Drive(withMode('shadow')).usage(START_MS).signals[0]
    const live = new Drive(withMode('live')).usage(START_MS).signals[0]
    expect([shadow?.mode, live?.mode]).toEqual(['shadow', 'live'])
    expect(shadow?.id).not.toBe(live?.id)
  })

  it('a shadow that is promoted opens the episode again', () => {
    const drive = new Drive(withMode('shadow')).usage(START_MS)
    drive.change(withMode('live')).usage(START_MS, { eventId: 'next' })
    expect(drive.signals.map(({ mode }) => mode)).toEqual(['shadow', 'live'])
  })

  it.each([
    [0, 'shadow'],
    [1, 'canary'],
  ])('a canary that covers a share of %d is %s', (share, mode) => {
    const drive = new Drive(withMode(`canary, canaryShare: ${share}`)).usage(START_MS)
    expect(drive.signals.map((signal) => signal.mode)).toEqual([mode])
  })
})

describe('a detector that throws', () => {
  it('is switched off alone, and somebody is told once', () => {
    const [first, ...rest] = topology.detectors
    if (first === undefined) throw new Error('no detector')
    const broken = {
      ...first,
      condition: () => {
        throw new Error('broken')
      },
    }
    const off: string[] = []
    const options = { onDetectorOff: (id: string) => void off.push(id) }
    const drive = new Drive({ ...topology, detectors: [broken, ...rest] }, options)
    for (let at = 0; at < 5; at++) drive.usage(START_MS)
    expect(off).toEqual(['test.volume'])
    expect(of(drive, 'test.key')).toHaveLength(1)
  })
})

describe('an own signal that only the log knows of', () => {
  it('marks its episode as told', () => {
    const drive = new Drive(topology).usage(START_MS).usage(START_MS).usage(START_MS)
    drive.state = drive.logic.state.create('acct-1')
    drive.fold(0)
    for (let at = 0; at < 5; at++) drive.usage(START_MS)
    expect(of(drive, 'test.volume')).toHaveLength(1)
    expect(of(drive, 'test.key')).toHaveLength(2)
  })
})

describe('a pool', () => {
  const joined = topologyOf(`
pool: { window: 2m }
features:
  gpuSecondsOnPool_10m: { sum: usage.gpuSeconds, by: poolId, window: 10m }
detectors:
${detector(
  'test.hog',
  'pool.saturatedMinutes >= 2 && gpuSecondsOnPool_10m > account.quota.gpuSecondsPerHour',
  'once: 1h, evidence: [gpuSecondsOnPool_10m, pool.saturatedMinutes]',
)}
`)
  const heavy = { gpuSeconds: 20 }
  const told = (drive: Drive, ...minutes: number[]) => {
    for (const minute of minutes) {
      drive.board.apply(pressure(minute), { topic: 'abuse.pool-pressure.v1', partition: 0, offset: minute })
    }
  }
  const at = (minute: number, seconds = 0) => START_MS + minute * MINUTE_MS + seconds * 1_000

  it('is read over the complete minutes before the event', () => {
    const drive = new Drive(joined).account({})
    told(drive, 0, 1)
    drive.usage(at(2), heavy)
    expect(drive.signals[0]).toMatchObject({
      poolId: 'pool-1',
      broadcastOffsets: { 'abuse.pool-pressure.v1/0': 2 },
      evidence: [
        { name: 'gpuSecondsOnPool_10m', value: 20 },
        { name: 'pool.saturatedMinutes', value: 2 },
      ],
    })
  })

  it('whose last minute has not been told yet is asked again, as of the same minute', () => {
    const drive = new Drive(joined).account({})
    told(drive, 0)
    drive.usage(at(2, 5), heavy).usage(at(2, 6), heavy)
    expect(drive.signals).toEqual([])
    expect(drive.timers.size).toBe(1)
    drive.reload()
    told(drive, 1)
    drive.fire(at(4))
    expect(drive.signals.map(({ occurredAtMs }) => Math.floor(occurredAtMs / MINUTE_MS))).toEqual([
      at(2) / MINUTE_MS,
    ])
    expect(drive.signals[0]?.pointers[0]?.requestId).toBe('request-1')
    expect(drive.timers.size).toBe(0)
  })

  describe('that was waited for when the store was lost', () => {
    it('is asked again after the rebuild, which finds the minute told', () => {
      const drive = new Drive(joined)
      told(drive, 0, 1)
      drive.rebuilding = true
      drive.account({}).usage(at(2, 5), heavy)
      expect(drive.signals).toEqual([])
      drive.rebuilding = false
      drive.fire(at(4))
      expect(drive.signals).toHaveLength(1)
    })

    it('is not asked again where the log tells what came of it', () => {
      const drive = new Drive(joined).account({})
      told(drive, 0, 1)
      drive.usage(at(2, 5), heavy)
      drive.state = drive.logic.state.create('acct-1')
      drive.fold(0)
      drive.rebuilding = true
      drive.account({}).usage(at(2, 5), heavy)
      drive.rebuilding = false
      drive.fire(at(4))
      expect(drive.signals).toHaveLength(1)
    })
  })

  it('leaves out of that what came after the minute', () => {
    const drive = new Drive(joined).account({})
    told(drive, 0)
    drive.usage(at(2, 5), { gpuSeconds: 11 })
    drive.usage(at(3, 1), heavy)
    told(drive, 1)
    drive.fire(at(4))
    expect(drive.signals[0]?.evidence[0]).toEqual({ name: 'gpuSecondsOnPool_10m', value: 11 })
  })

  it('is asked as of then also when that is longer ago than the window is long', () => {
    const short = topologyOf(`
pool: { window: 2m }
features: { onPool_1m: { sum: usage.gpuSeconds, by: poolId, window: 1m } }
detectors:
${detector('test.short', 'pool.saturatedMinutes >= 2 && onPool_1m > 10.0', 'once: 1h, evidence: [onPool_1m]')}
`)
    const drive = new Drive(short)
    told(drive, 0)
    drive.usage(at(2), heavy).usage(at(7), { gpuSeconds: 0 }).reload()
    told(drive, 1)
    drive.fire(at(8))
    expect(drive.signals[0]?.evidence).toEqual([{ name: 'onPool_1m', value: 20 }])
  })

  it('is asked a bounded number of times', () => {
    const drive = new Drive(joined).account({})
    told(drive, 0)
    drive.usage(at(2), heavy)
    let asked = 0
    for (let minute = 3; minute < 30; minute++) {
      const before = [...drive.timers.values()][0]?.dueMs
      drive.fire(at(minute))
      if (before !== [...drive.timers.values()][0]?.dueMs) asked++
    }
    expect(asked).toBeGreaterThan(2)
    expect(drive.timers.size).toBe(0)
    expect(drive.signals).toEqual([])
  })

  it('registers nothing for what is unknown whatever the pool says, or false', () => {
    const drive = new Drive(joined)
    told(drive, 0)
    drive.usage(at(2), heavy)
    drive.account({}).usage(at(12, 1), { gpuSeconds: 1 })
    expect(drive.timers.size).toBe(0)
  })

  it('that was never heard of, or is not named, is unknown', () => {
    const drive = new Drive(joined)
      .account({})
      .usage(at(2), heavy)
      .usage(at(2), { ...heavy, poolId: null })
    expect([drive.signals.length, drive.timers.size]).toEqual([0, 0])
  })
})
