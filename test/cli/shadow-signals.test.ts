/** Where the signals of `usage` leave: what a trial finds on a topic of its own (P11). */
import { expect, it } from 'vitest'
import { usageTopology } from '../../src/cli/compose/usage.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { ListBoard } from '../../src/detect/list-board.ts'
import { PoolBoard } from '../../src/detect/pool-board.ts'
import { signalIds } from '../../src/detect/signal-ids.ts'
import { NO_GAP_WATCH } from '../../src/detect/usage-logic.ts'
import type { Context } from '../../src/engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../../src/engine/record.ts'
import { ACCOUNT, detector, START_MS, topologyOf, usageRecord } from '../detect/harness.ts'

const flows = loadFlows()
const codec = await embeddedCodec(flows)

const logic = usageTopology({
  table: flows.table,
  codec,
  edition: 0,
  compiled: topologyOf(`
features: { requests_1h: { count: usage, window: 1h } }
detectors:
${detector('test.live', 'requests_1h >= 1', 'mode: live, once: 1h, evidence: [requests_1h]')}
${detector('test.trial', 'requests_1h >= 1', 'mode: shadow, once: 1h, evidence: [requests_1h]')}
${detector('test.canary', 'requests_1h >= 1', 'mode: canary, canaryShare: 0, once: 1h, evidence: [requests_1h]')}
`),
  policyVersion: 1,
  bundleSha256: 'b'.repeat(64),
  board: new PoolBoard(),
  lists: new ListBoard(),
  weeklyHash: NO_JITTER,
  signalId: signalIds({ id: 'k1', secret: Buffer.from('a key for tests alone') }),
  onSignal: () => undefined,
  onDetectorOff: (id) => {
    throw new Error(id)
  },
  gaps: NO_GAP_WATCH,
}).logic(0, null)

function recordAt(topic: string, value: Buffer | null): SourceRecord {
  return { topic, partition: 0, offset: 0, appendTimeMs: START_MS, key: null, value, headers: {} }
}

/** What one request leads to. */
function outputs(): readonly OutputRecord[] {
  const sent: OutputRecord[] = []
  const context: Context = {
    partition: 0,
    nowMs: START_MS,
    streamTimeMs: START_MS,
    rebuilding: false,
    emit: (output) => void sent.push(output),
    setTimer: () => undefined,
    clearTimer: () => undefined,
  }
  const body = { kind: 'usage', body: usageRecord(START_MS, 0, {}) } as const
  const record = recordAt('inference.usage.v1', null)
  logic.process({ key: ACCOUNT, timeMs: START_MS, body, record }, logic.state.create(ACCOUNT), context)
  return sent
}

it('a trial, and a canary outside of its share, leave on the shadow topic alone', () => {
  const topics = outputs().map(({ topic, value }) => {
    const decoded = codec.decode('abuse.signals.v1', { value })
    return [decoded.ok ? decoded.value.detectorId : 'unreadable', topic]
  })
  expect(Object.fromEntries(topics)).toEqual({
    'test.live': 'abuse.signals.v1',
    'test.trial': 'abuse.signals.shadow.v1',
    'test.canary': 'abuse.signals.shadow.v1',
  })
})

it('both are known again where the log alone tells of them', () => {
  const known = outputs().map(({ topic, value }) => logic.fold(recordAt(topic, value))?.key)
  expect(known).toEqual([ACCOUNT, ACCOUNT, ACCOUNT])
})
