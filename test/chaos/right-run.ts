/** A run that is right, as it stands in the folder that the verifier judges: what its tests change. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { signalIds } from '../../src/detect/signal-ids.ts'
import { uuidV5 } from '../../src/domain/ids.ts'
import { sanctionIds } from '../../src/enforce/sanction-ids.ts'
import { usageRecord } from './records.ts'
import { RUN_HASH_KEY } from './verifier/ids.ts'
import { judge } from './verifier/judge.ts'
import { fileOf, type Fields } from './verifier/lines.ts'

export const SLOT_MS = 20_000
export const START_MS = 1_800_000_000_000 - (1_800_000_000_000 % SLOT_MS)
export const account = 'burst-1'
export const actor = { accountId: account, level: 'account', id: account } as const

const RUN_KEY = { id: 'k1', secret: Buffer.from(RUN_HASH_KEY) }
const IDS = sanctionIds(RUN_KEY)
export const signalId = signalIds(RUN_KEY)

function sanctionIdOf(clause: string): string {
  return IDS.of({ accountId: account, clause, step: 0, strikeOrdinal: 1, shadow: false })
}

/** Topic to its values in order; a value of null is a tombstone under the account's key. */
export type Topics = Record<string, (Fields | null)[]>

/** One account that bursts once, is restricted for ten seconds, and is free again. */
export function rightRun(): Topics {
  const signal = signalId('chaos.burst', actor, START_MS / SLOT_MS, false)
  const sanction = sanctionIdOf('chaos.burst')
  const issuedAtMs = START_MS + 9_000
  const restriction = {
    id: sanction,
    accountId: account,
    actor,
    act: 'restriction',
    scope: 'rate',
    scopeTarget: null,
    rateCeilingPerMinute: 60,
    clause: 'chaos.burst',
    reasonCode: 'chaos',
    step: 0,
    strikeOrdinal: 1,
    issuedAtMs,
    effectiveAtMs: issuedAtMs,
    endsAtMs: issuedAtMs + 10_000,
    endsSanctionId: null,
    endCause: null,
    automated: true,
    decidedBy: [],
    signalIds: [signal],
    shadow: false,
  }
  const lifting = {
    ...restriction,
    id: uuidV5('lifting', sanction),
    act: 'lifting',
    issuedAtMs: issuedAtMs + 10_050,
    endsAtMs: null,
    endsSanctionId: sanction,
    endCause: 'expired',
  }
  const events = Array.from({ length: 7 }, (_, n) => ({
    ...usageRecord({
      id: `r${n}`,
      accountId: account,
      keyId: 'k',
      model: 'burst',
      poolId: null,
      atMs: START_MS + 2_000 + n * 1_000,
    }),
  }))
  return {
    'inference.usage.v1': events,
    'abuse.signals.v1': [
      {
        id: signal,
        detectorId: 'chaos.burst',
        actor,
        occurredAtMs: START_MS + 7_000,
        pointers: [{ requestId: 'r5' }],
      },
    ],
    'abuse.preservation.v1': [{ id: uuidV5('preservation', signal), askedAtMs: issuedAtMs }],
    'abuse.sanctions.v1': [restriction, lifting],
    'abuse.standing.v1': [{ accountId: account, active: [{ sanctionId: sanction }] }, null],
  }
}

export interface Timed {
  readonly timestampMs: number
  readonly value: Fields | null
  /** The account where nothing is said. */
  readonly key?: string
}

/** The right run with another detector of the same kind. */
export function modelled(model: 'switched' | 'case'): Topics {
  const run = rightRun()
  const detector = `chaos.${model}`
  const signal = signalId(detector, actor, START_MS / SLOT_MS, false)
  const sanction = sanctionIdOf(detector)
  const [restriction, lifting] = run['abuse.sanctions.v1'] ?? []
  const common = { clause: detector, signalIds: [signal] }
  return {
    ...run,
    'inference.usage.v1': (run['inference.usage.v1'] ?? []).map((one) => ({ ...one, model })),
    'abuse.signals.v1': [{ ...run['abuse.signals.v1']?.[0], id: signal, detectorId: detector }],
    'abuse.preservation.v1': [{ ...run['abuse.preservation.v1']?.[0], id: uuidV5('preservation', signal) }],
    'abuse.sanctions.v1': [
      { ...restriction, ...common, id: sanction },
      { ...lifting, ...common, id: uuidV5('lifting', sanction), endsSanctionId: sanction },
    ],
    'abuse.standing.v1': [],
  }
}

/** Writes the topics into the folder and gives what the verifier says of them. */
export function judged(folder: string, topics: Topics): string {
  for (const [topic, values] of Object.entries(topics))
    write(
      folder,
      topic,
      values.map((value) => ({ timestampMs: 0, value })),
    )
  const { lost, doubled, wrong } = judge(folder, START_MS + 60_000)
  return `lost ${lost} doubled ${doubled} wrong ${wrong}`
}

/** Records with times of their own. */
export function write(folder: string, topic: string, records: readonly Timed[]): void {
  const lines = records.map(({ timestampMs, value, key = account }, offset) =>
    JSON.stringify({ topic, partition: 0, offset, timestampMs, key, headers: {}, value }),
  )
  mkdirSync(dirname(fileOf(folder, topic)), { recursive: true })
  writeFileSync(fileOf(folder, topic), lines.join('\n'))
}
