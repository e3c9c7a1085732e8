/** What `usage` makes of episodes while its lost store is rebuilt (usage-logic.ts, U6). */
import { describe, expect, it } from 'vitest'
import { detector, Drive, HOUR_MS, MINUTE_MS, START_MS, topologyOf } from './harness.ts'

const topology = topologyOf(`
features:
  requests_1h: { count: usage, window: 1h }
detectors:
${detector('test.volume', 'requests_1h >= 3', 'once: 1h, evidence: [requests_1h]')}
`)

/** Three requests of one episode in a rebuild at that time. */
function rebuiltAt(nowMs: number): Drive {
  const drive = new Drive(topology)
  drive.rebuilding = true
  drive.nowMs = nowMs
  for (let at = 0; at < 3; at++) drive.usage(START_MS + at * MINUTE_MS)
  return drive
}

describe('an episode of which nobody was told', () => {
  it.each([START_MS + 3 * MINUTE_MS, START_MS + HOUR_MS - 1])(
    'that still lasts at %d is told by the next event after the rebuild',
    (nowMs) => {
      const drive = rebuiltAt(nowMs)
      expect(drive.signals).toEqual([])
      drive.rebuilding = false
      drive.usage(START_MS + 4 * MINUTE_MS)
      expect(drive.signals.map(({ episode }) => episode)).toEqual([START_MS / HOUR_MS])
    },
  )

  it('that is over is counted, and no later event tells of it', () => {
    const drive = rebuiltAt(START_MS + HOUR_MS)
    // Counted; the engine withholds it.
    expect(drive.signals).toHaveLength(1)
    drive.rebuilding = false
    drive.usage(START_MS + 4 * MINUTE_MS)
    expect(drive.signals).toHaveLength(1)
  })
})
