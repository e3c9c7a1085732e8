/**
 * Windows as their users meet them: records go into `usage` on the engine and the memory log, values come out as
 * the evidence of signals. Nothing here knows how windows are kept.
 *
 * A value is asked for by an event of a collection of its own, at any time and under any API key: each question
 * has a detector of its own, which the account's quota switches on, so that no episode stands in the way.
 */
import type { KeyState } from '../../src/detect/key-state.ts'
import { NO_JITTER } from '../../src/detect/jitter.ts'
import { signalIds } from '../../src/detect/signal-ids.ts'
import { ListBoard } from '../../src/detect/list-board.ts'
import { PoolBoard } from '../../src/detect/pool-board.ts'
import type { UsageEvent } from '../../src/detect/usage-event.ts'
import { NO_GAP_WATCH, usageLogic } from '../../src/detect/usage-logic.ts'
import type { Signal } from '../../src/domain/signal.ts'
import type { UsageRecord } from '../../src/domain/usage-record.ts'
import type { Verdict } from '../../src/domain/verdict.ts'
import type { Decoded, Source, Topology } from '../../src/engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../../src/engine/record.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import type { Runner } from '../../src/engine/runner.ts'
import type { CompiledTopology } from '../../src/topology/model.ts'
import { ACCOUNT, accountOf, detector, topologyOf, usageRecord, verdictOf } from '../detect/harness.ts'
import { createHarness, drain, recordsOf, startRunner, type Harness } from '../support/engine-harness.ts'

const USAGE = 'inference.usage.v1'
const VERDICTS = 'inference.verdicts.v1'
const ACCOUNTS = 'accounts.state.v1'
const QUESTIONS = 'accounts.events.v1'
const SIGNALS = 'abuse.signals.v1'

export interface RunOptions {
  readonly lateness: string
  readonly maxFutureMs: number
  /** How many questions can be asked. */
  readonly questions: number
  readonly dropRepeats: boolean
  /** More of the topology: further detectors, then further keys. */
  readonly more: string
}

const DEFAULTS: RunOptions = {
  lateness: '30s',
  maxFutureMs: 600_000,
  questions: 24,
  dropRepeats: false,
  more: '',
}

/** Whose features are read, and under which API key. */
export interface Asking {
  readonly accountId: string
  readonly keyId: string | null
}

/** Feature to value; what is unknown is not there. */
export type Values = Readonly<Record<string, number>>

export class WindowRun {
  readonly signals: Signal[] = []
  /** Late events that the observer was told of. */
  lateCounted = 0
  readonly #options: RunOptions
  readonly #events: { readonly key: string; readonly timeMs: number; readonly body: UsageEvent }[] = []
  readonly #harness: Harness = createHarness()
  #topology: Topology<KeyState, UsageEvent>
  #runner: Runner | null = null
  #asked = 0

  /** `features`: lines of the topology's `features`. */
  constructor(features: string, options: Partial<RunOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options }
    this.#topology = this.#run(questionsAbout(features, this.#options))
    for (const topic of [USAGE, VERDICTS, ACCOUNTS, QUESTIONS]) {
      this.#harness.log.createTopic(topic, 1)
      this.#harness.log.createTopic(`late.${topic}`, 1)
      this.#harness.log.createTopic(`dlq.${topic}`, 1)
    }
    this.#harness.log.createTopic(SIGNALS, 1)
  }

  /** One completed request; `appendedMs` is the log's own time of it. Gives the number that `late` tells. */
  usage(timeMs: number, more: Partial<UsageRecord> = {}, appendedMs = timeMs): number {
    const body = usageRecord(timeMs, this.#events.length, more)
    return this.#append(USAGE, { kind: 'usage', body }, timeMs, appendedMs, body.accountId)
  }

  verdict(timeMs: number, more: Partial<Verdict> = {}, appendedMs = timeMs): number {
    const body = verdictOf(timeMs, this.#events.length, more)
    return this.#append(VERDICTS, { kind: 'verdict', body }, timeMs, appendedMs, body.accountId)
  }

  /** The features as an event of that time and key reads them. */
  async read(timeMs: number, who: Partial<Asking> = {}): Promise<Values> {
    const { accountId, keyId } = { accountId: ACCOUNT, keyId: 'key-1', ...who }
    await this.settle()
    const question = this.#asked++
    const quota = { ...accountOf({}).quota, requestsPerHour: question }
    this.#append(ACCOUNTS, { kind: 'account', body: accountOf({ accountId, quota }) }, 0, timeMs, accountId)
    await this.settle()
    const eventId = `question-${question}`
    const body = {
      eventId,
      accountId,
      kind: 'outage',
      occurredAtMs: timeMs,
      keyId,
      sanctionId: null,
      resource: null,
    } as const
    this.#append(QUESTIONS, { kind: 'accountEvent', body }, timeMs, timeMs, accountId)
    await this.settle()
    const answer = this.signals.find(({ detectorId }) => detectorId === questionId(question))
    if (answer === undefined) throw new Error('no answer; ask for more `questions`')
    return Object.fromEntries(answer.evidence.map(({ name, value }) => [name, value]))
  }

  /** Until all that was appended is processed and committed. */
  async settle(): Promise<void> {
    this.#runner ??= await this.#start()
    await drain(this.#harness.log, this.#runner)
  }

  /** Stops the task; it goes on with what the store holds, under other features where some are given. */
  async restart(features?: string): Promise<void> {
    await this.settle()
    await this.#runner?.stop()
    this.#runner = null
    if (features !== undefined) this.#topology = this.#run(questionsAbout(features, this.#options))
  }

  /** Lets the clock on the wall go on. */
  pass(ms: number): void {
    this.#harness.clock.advanceTo(this.#harness.clock.now() + ms)
  }

  /** The numbers of the events that were late. */
  async late(): Promise<readonly number[]> {
    return this.#numbersIn(`late.${USAGE}`)
  }

  /** The numbers of the events that were refused. */
  async refused(): Promise<readonly number[]> {
    return this.#numbersIn(`dlq.${USAGE}`)
  }

  async #start(): Promise<Runner> {
    const observer = { ...silentObserver, late: () => void this.lateCounted++ }
    return startRunner({ ...(await this.#harness.services()), observer }, this.#topology)
  }

  async #numbersIn(topic: string): Promise<readonly number[]> {
    await this.settle()
    return (await recordsOf(this.#harness.log, topic)).map(numberOf)
  }

  #append(topic: string, body: UsageEvent, timeMs: number, appendedMs: number, key: string): number {
    const number = this.#events.push({ key, timeMs, body }) - 1
    const record = { key: Buffer.from(key), value: Buffer.from(String(number)), headers: {} }
    this.#harness.log.append(topic, record, appendedMs)
    return number
  }

  #run(topology: CompiledTopology): Topology<KeyState, UsageEvent> {
    const source = (topic: string, latenessMs: number): Source => ({
      topic,
      latenessMs,
      maxFutureMs: this.#options.maxFutureMs,
      lateTopic: `late.${topic}`,
      deadLetterTopic: `dlq.${topic}`,
      compacted: false,
    })
    return {
      name: 'usage',
      stateVersion: 1,
      edition: 0,
      sources: [
        source(ACCOUNTS, Infinity),
        source(USAGE, topology.latenessMs),
        source(VERDICTS, topology.latenessMs),
        source(QUESTIONS, Infinity),
      ],
      outputs: [SIGNALS],
      logic: (_partition, former) =>
        usageLogic(topology, former, {
          prepare: () => Promise.resolve(),
          decode: (record) => this.#decode(record),
          signalOutput: (signal) => this.#tell(signal),
          readSignal: () => null,
          board: new PoolBoard(),
          lists: new ListBoard(),
          weeklyHash: NO_JITTER,
          signalId: signalIds({ id: 'k1', secret: Buffer.from('a key for tests alone') }),
          policyVersion: 1,
          bundleSha256: 'b'.repeat(64),
          onDetectorOff: (id, error) => {
            throw error instanceof Error ? error : new Error(id)
          },
          gaps: NO_GAP_WATCH,
          dropRepeats: this.#options.dropRepeats,
        }),
    }
  }

  #decode(record: SourceRecord): Decoded<UsageEvent> {
    const event = this.#events[numberOf(record)]
    return event === undefined ? { outcome: 'skipped' } : { outcome: 'event', ...event }
  }

  #tell(signal: Signal): OutputRecord {
    this.signals.push(signal)
    return { topic: SIGNALS, key: signal.actor.accountId, value: null, headers: {} }
  }
}

function questionsAbout(features: string, { lateness, questions, more }: RunOptions): CompiledTopology {
  const names = [...features.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name)
  const rest = `once: 1h, actor: account, evidence: [${names.join(', ')}]`
  const detectors = Array.from({ length: questions }, (_, at) =>
    detector(questionId(at), `asked_1s > 0 && account.quota.requestsPerHour == ${at}`, rest),
  )
  const asked = '  asked_1s: { count: accountEvents, window: 1s }'
  return topologyOf(
    `features:\n${asked}\n${features}\ndetectors:\n${detectors.join('\n')}\n${more}`,
    lateness,
  )
}

function questionId(question: number): string {
  return `question.n${question}`
}

function numberOf({ value }: SourceRecord): number {
  return Number(value?.toString())
}
