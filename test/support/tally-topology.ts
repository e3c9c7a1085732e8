/**
 * A small topology for the engine's own tests: sums numbers per key and minute, emits one record per key and
 * minute when the sum passes a limit, and one when a timer says that the minute is over. What must come out of
 * any sequence of records can be computed by hand.
 */
import type {
  Context,
  Decoded,
  Event,
  StateCodec,
  TaskLogic,
  Timer,
  Topology,
} from '../../src/engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../../src/engine/record.ts'

export const TALLY_TOPICS = { numbers: 'numbers.v1', words: 'words.v1', out: 'tally.v1' } as const
const MINUTE_MS = 60_000

export interface Tally {
  /** Sum per minute number; a changed minute is in `dirty`. */
  readonly sums: Map<number, number>
  readonly alarmed: Set<number>
  readonly dirty: Set<number>
}

export interface Amount {
  readonly id: string
  readonly atMs: number
  readonly amount: number
}

export const tallyCodec: StateCodec<Tally> = {
  create: () => ({ sums: new Map(), alarmed: new Set(), dirty: new Set() }),
  decode: (_key, cells) => {
    const tally: Tally = { sums: new Map(), alarmed: new Set(), dirty: new Set() }
    for (const [slot, value] of cells) {
      const minute = Number(slot.split(':')[1])
      const [sum = '0', alarmed] = value.toString().split('!')
      tally.sums.set(minute, Number(sum))
      if (alarmed !== undefined) tally.alarmed.add(minute)
    }
    return tally
  },
  changes: (tally, write) => {
    for (const minute of tally.dirty) {
      const slot = { name: `1m:${minute}`, expiresAtMs: (minute + 11) * MINUTE_MS }
      const mark = tally.alarmed.has(minute) ? '!' : ''
      write(slot, Buffer.from(`${tally.sums.get(minute) ?? 0}${mark}`))
    }
    tally.dirty.clear()
  },
  sizeBytes: (tally) => 64 + 32 * tally.sums.size,
}

export interface TallyOptions {
  readonly limit: number
  /** Emit a closing record by a stream timer at the end of each minute. */
  readonly closing: boolean
}

export function tallyLogic(options: TallyOptions): TaskLogic<Tally, Amount> {
  return {
    state: tallyCodec,
    prepare: () => Promise.resolve(),
    decode: decodeAmount,
    process: (event, tally, context) => add(event, tally, context, options),
    onTimer: (timer, tally, context) => close(timer, tally, context),
    fold: (record) => foldAlarm(record),
  }
}

export function tallyTopology(
  options: TallyOptions,
  sources: readonly string[] = [TALLY_TOPICS.numbers],
): Topology<Tally, Amount> {
  return {
    name: 'tally',
    stateVersion: 1,
    sources: sources.map((topic) => ({
      topic,
      latenessMs: 30_000,
      maxFutureMs: 600_000,
      lateTopic: `late.${topic}`,
      deadLetterTopic: `dlq.${topic}`,
      compacted: false,
    })),
    outputs: [TALLY_TOPICS.out],
    logic: () => tallyLogic(options),
  }
}

export function amountValue(amount: Amount): Buffer {
  return Buffer.from(JSON.stringify(amount))
}

function decodeAmount(record: SourceRecord): Decoded<Amount> {
  const text = record.value?.toString() ?? ''
  if (!text.startsWith('{')) {
    return {
      outcome: 'rejected',
      rejection: { stage: 'deserialize', reason: 'undecodable', detail: 'no object' },
    }
  }
  const body: unknown = JSON.parse(text)
  if (!isAmount(body)) return { outcome: 'skipped' }
  return { outcome: 'event', key: record.key?.toString() ?? '', timeMs: body.atMs, body }
}

function isAmount(value: unknown): value is Amount {
  return typeof value === 'object' && value !== null && 'amount' in value && 'atMs' in value && 'id' in value
}

function add(event: Event<Amount>, tally: Tally, context: Context, options: TallyOptions): void {
  const minute = Math.floor(event.timeMs / MINUTE_MS)
  const sum = (tally.sums.get(minute) ?? 0) + event.body.amount
  tally.sums.set(minute, sum)
  tally.dirty.add(minute)
  if (options.closing) {
    const dueMs = (minute + 1) * MINUTE_MS
    context.setTimer({ kind: 'stream', key: event.key, name: String(minute), dueMs })
  }
  if (sum <= options.limit || tally.alarmed.has(minute)) return
  tally.alarmed.add(minute)
  context.emit(tallyOutput(event.key, `alarm:${event.key}:${minute}`, event.body.id))
}

function close(timer: Timer, tally: Tally, context: Context): void {
  const minute = Number(timer.name)
  context.emit(tallyOutput(timer.key, `close:${timer.key}:${minute}`, String(tally.sums.get(minute) ?? 0)))
}

function foldAlarm(record: SourceRecord): ReturnType<TaskLogic<Tally, Amount>['fold']> {
  const [kind, key = '', minute = ''] = (record.value?.toString() ?? '').split('=')[0]?.split(':') ?? []
  if (kind !== 'alarm') return null
  return {
    key,
    apply: (tally) => {
      tally.alarmed.add(Number(minute))
      tally.dirty.add(Number(minute))
    },
  }
}

function tallyOutput(key: string, id: string, detail: string): OutputRecord {
  return { topic: TALLY_TOPICS.out, key, value: Buffer.from(`${id}=${detail}`), headers: { ce_id: id } }
}
