/**
 * A small topology for the engine's own tests: sums numbers per key and minute, emits one record per key and
 * minute when the sum passes a limit (`alarm`), one when a stream timer says that the minute is over (`close`),
 * and one when a wall timer says that an alarm is five minutes old (`remind`). What must come out of any
 * sequence of records can be computed by hand; test/support/tally-reference.ts does.
 */
import {
  UNDIVIDED,
  type Context,
  type Decoded,
  type Event,
  type StateCodec,
  type TaskLogic,
  type Topology,
} from '../../src/engine/logic.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { ObjectShelf } from '../../src/engine/shelf.ts'

export const TALLY_TOPICS = { numbers: 'numbers.v1', words: 'words.v1', out: 'tally.v1' } as const
const MINUTE_MS = 60_000
const REMIND_AFTER_MS = 5 * MINUTE_MS

type Said = 'alarm' | 'close' | 'remind'

export interface Tally {
  /** Sum per minute number; a changed minute is in `dirty`. */
  readonly sums: Map<number, number>
  /** `<said>:<minute>` of what has been emitted. */
  readonly said: Set<string>
  readonly dirty: Set<number>
}

export interface Amount {
  readonly id: string
  readonly atMs: number
  readonly amount: number
}

const SAID: readonly Said[] = ['alarm', 'close', 'remind']

export const tallyCodec: StateCodec<Tally> = {
  create: () => ({ sums: new Map(), said: new Set(), dirty: new Set() }),
  decode: (_key, cells) => {
    const tally: Tally = { sums: new Map(), said: new Set(), dirty: new Set() }
    for (const [slot, value] of cells) {
      const minute = Number(slot.split(':')[1])
      const [sum = '0', ...said] = value.toString().split('!')
      tally.sums.set(minute, Number(sum))
      for (const one of said) tally.said.add(`${one}:${minute}`)
    }
    return tally
  },
  changes: (tally, write) => {
    for (const minute of tally.dirty) {
      const slot = { name: `1m:${minute}`, expiresAtMs: (minute + 11) * MINUTE_MS }
      const said = SAID.filter((one) => tally.said.has(`${one}:${minute}`))
      write(slot, Buffer.from([tally.sums.get(minute) ?? 0, ...said].join('!')))
    }
    tally.dirty.clear()
  },
  shelf: () => new ObjectShelf(),
  sizeBytes: (tally) => 64 + 32 * tally.sums.size,
  release: () => undefined,
}

export interface TallyOptions {
  readonly limit: number
  /** Emit a closing record by a stream timer at the end of each minute. */
  readonly closing: boolean
  /** Emit a reminder of each alarm by a wall timer. */
  readonly reminding?: boolean
  /** Closings bear no id: that one stands in the log is told by the commit that it came of alone. */
  readonly nameless?: boolean
}

export function tallyLogic(options: TallyOptions): TaskLogic<Tally, Amount> {
  return {
    state: tallyCodec,
    layout: UNDIVIDED,
    prepare: () => Promise.resolve(),
    decode: decodeAmount,
    process: (event, tally, context) => add(event, tally, context, options),
    onTimer: (timer, tally, context) => {
      const { said, minute } = parseId(timer.name)
      // What a wall timer finds depends on how far the sources have come by then: it says no sum.
      const detail = said === 'close' ? String(tally.sums.get(minute) ?? 0) : ''
      if (said !== null) say(said, timer.key, minute, tally, context, { ...options, detail })
    },
    fold: (record) => fold(record, options),
  }
}

export function tallyTopology(
  options: TallyOptions,
  sources: readonly string[] = [TALLY_TOPICS.numbers],
): Topology<Tally, Amount> {
  return {
    name: 'tally',
    stateVersion: 1,
    edition: 0,
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
  if (options.closing && !tally.said.has(`close:${minute}`)) {
    const dueMs = (minute + 1) * MINUTE_MS
    context.setTimer({ kind: 'stream', key: event.key, name: `close:${minute}`, dueMs })
  }
  const alarm = { ...options, detail: event.body.id }
  if (sum <= options.limit || !say('alarm', event.key, minute, tally, context, alarm)) return
  if (options.reminding === true) setReminder(event.key, minute, context)
}

/** Once per key and minute; false where it has been said before. */
function say(
  said: Said,
  key: string,
  minute: number,
  tally: Tally,
  context: Context,
  { detail, nameless = false }: { readonly detail: string; readonly nameless?: boolean },
): boolean {
  if (tally.said.has(`${said}:${minute}`)) return false
  tally.said.add(`${said}:${minute}`)
  tally.dirty.add(minute)
  const id = `${said}:${key}:${minute}`
  const headers = nameless && said === 'close' ? {} : { ce_id: id }
  context.emit({ topic: TALLY_TOPICS.out, key, value: Buffer.from(`${id}=${detail}`), headers })
  return true
}

function setReminder(key: string, minute: number, context: Context): void {
  const dueMs = minute * MINUTE_MS + REMIND_AFTER_MS
  context.setTimer({ kind: 'wall', key, name: `remind:${minute}`, dueMs })
}

function parseId(id: string): { readonly said: Said | null; readonly minute: number } {
  const parts = id.split(':')
  return { said: SAID.find((one) => one === parts[0]) ?? null, minute: Number(parts.at(-1)) }
}

/** What has been emitted is taken as said, and what was to follow from it still follows. */
function fold(record: SourceRecord, options: TallyOptions): ReturnType<TaskLogic<Tally, Amount>['fold']> {
  const id = (record.value?.toString() ?? '').split('=')[0] ?? ''
  const { said, minute } = parseId(id)
  const key = id.split(':')[1] ?? ''
  if (said === null) return null
  return {
    key,
    apply: (tally, context) => {
      tally.said.add(`${said}:${minute}`)
      tally.dirty.add(minute)
      if (said !== 'alarm') context.clearTimer(key, `${said}:${minute}`)
      else if (options.reminding === true) setReminder(key, minute, context)
    },
  }
}
