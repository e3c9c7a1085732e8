/** What conditions know of an account's standing: of how much, how many strikes, and after a takeover too. */
import { describe, expect, it } from 'vitest'
import { snoozeId } from '../../src/domain/ids.ts'
import { Facts } from '../../src/detect/facts.ts'
import { standingView } from '../../src/detect/standing-view.ts'
import {
  detector,
  Drive,
  HOUR_MS,
  MINUTE_MS,
  NO_STANDING,
  sanctionOf,
  START_MS,
  strikeOf,
  topologyOf,
} from './harness.ts'

const topology = topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
detectors:
${detector('test.again', 'requests_1h >= 1 && standing.strikes >= 2', 'once: 1h, evidence: [standing.strikes]')}
${detector('test.closed', 'requests_1h >= 1 && standing.restricted', 'once: 1h, evidence: [requests_1h]')}
${detector('test.open', 'requests_1h >= 1 && !standing.restricted', 'once: 1h, evidence: [requests_1h]')}
${detector('test.snoozed', 'requests_1h >= 1 && standing.snoozed', 'once: 1h, evidence: [requests_1h]')}
${detector('test.clear', 'requests_1h >= 1 && standing.strikes == 0', 'once: 1h, evidence: [requests_1h]')}
`)

const fired = (drive: Drive): readonly string[] => drive.signals.map(({ detectorId }) => detectorId).sort()

describe('what is kept of a standing', () => {
  it('is what takes something, and the strikes that count longest, however many there are', () => {
    const warnings = Array.from({ length: 40 }, () => sanctionOf({ act: 'warning' }))
    const { sanctions } = standingView({ ...NO_STANDING, active: [...warnings, sanctionOf({})] })
    expect(sanctions).toHaveLength(1)
    const strikes = Array.from({ length: 40 }, (_, at) =>
      strikeOf({ sanctionId: `s${at}`, strikeOrdinal: at + 1, expiresAtMs: START_MS + at }),
    )
    const { strikesUntilMs } = standingView({ ...NO_STANDING, strikes })
    expect(strikesUntilMs).toEqual(Array.from({ length: 32 }, (_, at) => START_MS + 39 - at))
  })
})

describe('a condition on standing', () => {
  it('knows that an account of which enforcement has told nothing stands under nothing', () => {
    expect(fired(new Drive(topology).usage(START_MS))).toEqual(['test.clear', 'test.open'])
  })

  it('holds from the time of the sanction to its end, after a takeover as before', () => {
    const active = [sanctionOf({ effectiveAtMs: START_MS + MINUTE_MS, endsAtMs: START_MS + HOUR_MS })]
    const drive = new Drive(topology).standing({ active }).reload()
    expect(fired(drive.usage(START_MS))).not.toContain('test.closed')
    expect(fired(drive.usage(START_MS + MINUTE_MS))).toContain('test.closed')
    const later = new Drive(topology).standing({ active }).usage(START_MS + HOUR_MS)
    expect(fired(later)).toEqual(['test.clear', 'test.open'])
  })

  it('counts a strike that another measure replaced once, and keeps the count over a takeover', () => {
    const warning = strikeOf({ sanctionId: 'warning', issuedAtMs: START_MS - HOUR_MS, endedAtMs: START_MS })
    const harder = strikeOf({ sanctionId: 'harder', act: 'suspension', issuedAtMs: START_MS })
    const other = strikeOf({ sanctionId: 'other', strikeOrdinal: 2, issuedAtMs: START_MS })
    const one = new Drive(topology).standing({ strikes: [warning, harder] }).reload()
    expect(fired(one.usage(START_MS))).not.toContain('test.again')
    const two = new Drive(topology).standing({ strikes: [warning, harder, other] }).reload()
    expect(fired(two.usage(START_MS))).toContain('test.again')
    expect(two.signals[0]?.evidence).toEqual([{ name: 'standing.strikes', value: 2 }])
  })

  it('knows for which detector findings are snoozed, until the end by the event’s own time, and after a takeover', () => {
    const snoozes = [{ id: snoozeId('test.snoozed'), untilMs: START_MS + HOUR_MS }]
    const drive = new Drive(topology).standing({ snoozes }).reload().usage(START_MS)
    expect(fired(drive)).toContain('test.snoozed')
    const read = drive.signals.find(({ detectorId }) => detectorId === 'test.snoozed')?.readings
    expect(read).toContainEqual({ name: 'standing.snoozed', value: 1, text: null, error: 0 })
    const later = new Drive(topology).standing({ snoozes }).usage(START_MS + HOUR_MS)
    expect(fired(later)).not.toContain('test.snoozed')
    const other = new Drive(topology).standing({
      snoozes: [{ id: snoozeId('test.open'), untilMs: START_MS + HOUR_MS }],
    })
    expect(fired(other.usage(START_MS))).not.toContain('test.snoozed')
    const ended = new Drive(topology).standing({ snoozes }).standing(null).usage(START_MS)
    expect(fired(ended)).not.toContain('test.snoozed')
  })

  it('does not know strikes of which a standing says nothing', () => {
    const drive = new Drive(topology).standing({ strikes: null }).reload().usage(START_MS)
    expect(fired(drive)).toEqual(['test.open'])
  })

  it('does not know strikes where the state was written before they were kept', () => {
    const facts = new Facts()
    const stored = { account: null, fired: [], waiting: [], sanctions: [sanctionOf({})] }
    facts.restore(Buffer.from(JSON.stringify(stored)))
    expect(facts.standing).toEqual({ sanctions: [sanctionOf({})], strikesUntilMs: null, snoozes: null })
  })
})
