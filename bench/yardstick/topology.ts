/**
 * The yardstick's job as a topology of ours: the logic of `usage` over features and conditions of `topology.yaml`,
 * responses in, signals out as the job wants them written.
 */
import { readFileSync } from 'node:fs'
import type { KeyState } from '../../src/detect/key-state.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { signalIds } from '../../src/detect/signal-ids.ts'
import { ListBoard } from '../../src/detect/list-board.ts'
import { PoolBoard } from '../../src/detect/pool-board.ts'
import type { UsageEvent } from '../../src/detect/usage-event.ts'
import { NO_GAP_WATCH, usageLogic } from '../../src/detect/usage-logic.ts'
import type { Signal } from '../../src/domain/signal.ts'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import type { Decoded, Topology } from '../../src/engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../../src/engine/record.ts'
import type { CompiledTopology } from '../../src/topology/model.ts'
import { readTopology } from '../../src/topology/read-topology.ts'
import { readResponse, type Response } from './response.ts'

export const RESPONSES = 'bench.responses'
export const SIGNALS = 'bench.signals'
const LATENESS_MS = 30_000

/** What an observer of the run wants to know. */
export interface Marks {
  /** These records of one partition are about to be processed, or their signals to be folded. */
  readonly taken: (records: readonly SourceRecord[]) => void
  readonly signal: () => void
}

/** Where the job reads and writes. */
export interface JobTopics {
  readonly responses: string
  readonly signals: string
}

const YARDSTICK_TOPICS: JobTopics = { responses: RESPONSES, signals: SIGNALS }

/** `name` keeps runs apart: group, transactional ids and keys in the store are made of it. */
export function yardstickTopology(
  name: string,
  dropRepeats: boolean,
  marks: Marks,
  topics: JobTopics = YARDSTICK_TOPICS,
): Topology<KeyState, UsageEvent> {
  const compiled = compiledTopology()
  return {
    name,
    stateVersion: 1,
    edition: 0,
    sources: [
      {
        topic: topics.responses,
        latenessMs: LATENESS_MS,
        maxFutureMs: Number.MAX_SAFE_INTEGER,
        lateTopic: null,
        deadLetterTopic: 'bench.dead-letters',
        compacted: false,
      },
    ],
    outputs: [topics.signals],
    logic: (_partition, former) =>
      usageLogic(compiled, former, {
        prepare: (records) => {
          if (records.length > 0) marks.taken(records)
          return Promise.resolve()
        },
        decode,
        signalOutput: (signal) => {
          marks.signal()
          return signalOutput(signal, topics.signals)
        },
        readSignal: () => {
          throw new Error('A signal is in the log that the store does not know: the run did not begin empty.')
        },
        board: new PoolBoard(),
        lists: new ListBoard(),
        weeklyHash: NO_JITTER,
        signalId: signalIds({ id: 'k1', secret: Buffer.from('a key for tests alone') }),
        policyVersion: 1,
        bundleSha256: 'b'.repeat(64),
        onDetectorOff: (detectorId, error) => {
          throw new Error(`${detectorId} threw`, { cause: error })
        },
        gaps: NO_GAP_WATCH,
        dropRepeats,
      }),
  }
}

function compiledTopology(): CompiledTopology {
  const { topology, problems } = readTopology(
    'yardstick',
    readFileSync(new URL('topology.yaml', import.meta.url), 'utf8'),
  )
  if (topology === null) throw new Error(problems.map((problem) => problem.message).join('\n'))
  return topology
}

function decode(record: SourceRecord): Decoded<UsageEvent> {
  const response = record.value === null ? null : readResponse(record.value)
  if (response === null) {
    return {
      outcome: 'rejected',
      rejection: { stage: 'deserialize', reason: 'notWireFormat', detail: 'not a response of schema 1' },
    }
  }
  const { accountId, timeMs } = response
  return { outcome: 'event', key: accountId, timeMs, body: { kind: 'usage', body: usageRecord(response) } }
}

/** Its event id stands where the request's would, so that the signal can point at the record. */
function usageRecord(response: Response): UsageRecord {
  return {
    phase: 'completed',
    eventId: response.eventId,
    requestId: response.eventId,
    accountId: response.accountId,
    keyId: '',
    organizationId: null,
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    model: '',
    poolId: null,
    serverAddress: null,
    occurredAtMs: response.timeMs,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadInputTokens: 0,
    gpuSeconds: response.gpuSeconds,
    gpuSecondsEstimated: false,
    status: 'ok',
    finishReason: 'stop',
    queueTimeMs: null,
    durationMs: null,
    retryAfterMs: null,
    billed: null,
    clientAddressHash: response.clientAddress,
    clientNetworkHash: null,
    userAgentHash: response.templateHash,
    hashKeyId: '',
  }
}

/** A signal as the job wants it. For harvest the value is the template's share, not its count. */
function signalOutput(signal: Signal, topic: string): OutputRecord {
  const { accountId } = signal.actor
  const detector = signal.detectorId.slice('yard.'.length)
  const value = {
    id: `${detector}:${accountId}:${signal.episode}`,
    detector,
    accountId,
    hour: signal.episode,
    ts: signal.occurredAtMs,
    eventId: signal.pointers[0]?.requestId,
    value: signal.evidence[0]?.value,
  }
  return { topic, key: accountId, value: Buffer.from(JSON.stringify(value)), headers: {} }
}
