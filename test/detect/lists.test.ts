/** Lists of accounts that people publish, as conditions read them. */
import { describe, expect, it } from 'vitest'
import type { Control } from '../../src/domain/control.ts'
import { ACCOUNT, detector, Drive, HOUR_MS, pressure, START_MS, topologyOf } from './harness.ts'

const topology = topologyOf(`
pool: { window: 1m }
lists: { partners: those who may, watched: those who are looked at }
features:
  requests_1h: { count: usage, window: 1h }
detectors:
${detector('test.listed', 'requests_1h >= 1 && lists.watched', 'once: 1m, evidence: [requests_1h]')}
${detector('test.exempt', 'requests_1h >= 1 && !lists.partners', 'once: 1m, evidence: [requests_1h]')}
${detector('test.without', 'requests_1h >= 1', 'once: 1m, evidence: [requests_1h]')}
${detector('test.pressed', 'requests_1h >= 1 && lists.watched && pool.saturatedMinutes >= 1', 'once: 1m, evidence: [requests_1h]')}
`)
const TOPIC = 'bailiff.control.v1'

function published(name: string, accountIds: readonly string[], more: Partial<Control> = {}): Control {
  return {
    id: `list/${name}`,
    version: 1,
    issuedBy: 'ann',
    issuedAtMs: START_MS,
    reason: 'agreed',
    expiresAtMs: START_MS + HOUR_MS,
    policy: null,
    killSwitch: null,
    list: { name, accountIds },
    signature: null,
    ...more,
  }
}

/** What fires on the next request after these words, the newest last. */
function firedAfter(words: readonly Control[], timeMs = START_MS): readonly string[] {
  const drive = new Drive(topology)
  for (const [offset, word] of words.entries())
    drive.lists.apply(word, { topic: TOPIC, partition: 0, offset })
  drive.usage(timeMs)
  return drive.signals.map(({ detectorId }) => detectorId).filter((id) => id !== 'test.without')
}

describe('a list', () => {
  it('is unknown where nobody has published it, whatever is asked of it', () => {
    expect(firedAfter([])).toEqual([])
  })

  it('tells who is on it, and by that who is not', () => {
    expect(firedAfter([published('watched', ['other', ACCOUNT])])).toEqual(['test.listed'])
    expect(firedAfter([published('watched', ['other'])])).toEqual([])
    expect(firedAfter([published('partners', [ACCOUNT])])).toEqual([])
    expect(firedAfter([published('partners', [])])).toEqual(['test.exempt'])
  })

  it('is unknown from when it has run out, by the time of the event', () => {
    const list = published('partners', [])
    expect(firedAfter([list], START_MS + HOUR_MS - 1)).toEqual(['test.exempt'])
    expect(firedAfter([list], START_MS + HOUR_MS)).toEqual([])
    expect(firedAfter([{ ...list, expiresAtMs: null }], START_MS + 9 * HOUR_MS)).toEqual(['test.exempt'])
  })

  it('is what its highest version says, whole, in whatever order they come', () => {
    const first = published('watched', [ACCOUNT])
    const second = published('watched', ['other'], { version: 2 })
    expect(firedAfter([first, second])).toEqual([])
    expect(firedAfter([second, first])).toEqual([])
    expect(firedAfter([first, { ...second, version: 1 }])).toEqual(['test.listed'])
  })

  it('is named in the signals that it had a part in, with what it told, and in no others', () => {
    const drive = new Drive(topology)
    drive.board.apply(pressure(-1), { topic: 'abuse.pool-pressure.v1', partition: 0, offset: 1 })
    drive.lists.apply(published('watched', [ACCOUNT]), { topic: TOPIC, partition: 0, offset: 4 })
    drive.usage(START_MS, { poolId: 'pool-1' })
    const told = Object.fromEntries(drive.signals.map((one) => [one.detectorId, one]))
    const offsets = { [`${TOPIC}/0`]: 5 }
    expect(told['test.listed']?.broadcastOffsets).toEqual(offsets)
    expect(told['test.listed']?.readings).toContainEqual({
      name: 'lists.watched',
      value: 1,
      text: null,
      error: 0,
    })
    expect(told['test.pressed']?.broadcastOffsets).toEqual({ ...offsets, ...drive.board.offsets() })
    expect(Object.keys(drive.board.offsets())).toHaveLength(1)
    expect(told['test.without']?.broadcastOffsets).toEqual({})
  })
})
