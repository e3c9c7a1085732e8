/**
 * Cases of the property test that failed once, as small as they could be made, and what was wrong. They are played
 * each time, before the random ones.
 */
import type { Arrival, Case } from './tally-cases.ts'

/** The order of two sources was another one in the rebuild, and a timer for the past fired in it for the first time. */
const timerForThePast: Case = {
  sources: 2,
  options: { commitMaxDirtyKeys: 1, chunkRecords: 1, cacheMaxBytes: 150, commitIntervalMs: 0 },
  batchRecords: 1,
  commands: [
    { do: 'append', arrivals: [arrival(1, 0, 'good')] },
    { do: 'round' },
    { do: 'append', arrivals: [arrival(0, 0, 'late')] },
    { do: 'round' },
    { do: 'setBack', commits: 2 },
    { do: 'leave', who: 0 },
    { do: 'append', arrivals: [arrival(0, 0, 'good')] },
    { do: 'fate', fate: 'crash', afterHooks: 0 },
    { do: 'pump', who: 0 },
    { do: 'append', arrivals: [arrival(0, 0, 'good')] },
    { do: 'join' },
  ],
}

/** A stopped process's commit stands in a store that has forgotten its successor, who had said all of it. */
const commitFromBefore: Case = {
  sources: 1,
  options: { commitMaxDirtyKeys: 1, chunkRecords: 2, cacheMaxBytes: 150, commitIntervalMs: 0 },
  batchRecords: 2,
  commands: [
    { do: 'append', arrivals: [arrival(0, 3, 'late'), arrival(0, 0, 'good')] },
    { do: 'join' },
    { do: 'fate', fate: 'stop', afterHooks: 0 },
    { do: 'append', arrivals: [arrival(0, 3, 'good')] },
    { do: 'round' },
    { do: 'expire', who: 0 },
    { do: 'round' },
    { do: 'setBack', commits: 2 },
    { do: 'pump', who: 0 },
    { do: 'round' },
    { do: 'clock', ms: 0 },
    { do: 'pump', who: 0 },
    { do: 'append', arrivals: [arrival(0, 0, 'good')] },
  ],
}

export const FOUND_CASES: readonly Case[] = [timerForThePast, commitFromBefore]

function arrival(source: number, key: number, kind: Arrival['kind']): Arrival {
  return { source, key, kind, stepMs: 0, amount: 1, origin: null, gap: false }
}
