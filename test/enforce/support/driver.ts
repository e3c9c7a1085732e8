/** The logic of one task on JSON records, with timers that fire as the engine's would. */
import { NO_DELAY } from '../../../src/enforce/delay.ts'
import { encodeStandings } from '../../../src/enforce/stored-standing.ts'
import {
  accountCellCodec,
  enforcementLogic,
  type AccountCell,
  type EnforcementParts,
} from '../../../src/enforce/enforcement-logic.ts'
import type { EnforcementInput } from '../../../src/enforce/event.ts'
import type { EnforcementOutput } from '../../../src/enforce/publication.ts'
import { UNDIVIDED, type Context, type Timer } from '../../../src/engine/logic.ts'
import type { OutputRecord, SourceRecord } from '../../../src/engine/record.ts'
import { ACCOUNT, policy, SANCTION_IDS, T0 } from './fixtures.ts'

export interface Heard {
  readonly atMs: number
  readonly topic: string
  readonly input: EnforcementInput
}

/** An output and when it left. */
export interface Sent {
  readonly atMs: number
  readonly output: EnforcementOutput
}

export interface Snapshot {
  readonly cell: Buffer | null
  readonly timers: readonly Timer[]
  readonly taskState?: string | undefined
}

export class Driver {
  readonly sent: Sent[] = []
  readonly counted: string[] = []
  /** What was decided while rebuilding, and went nowhere. */
  readonly withheld: EnforcementOutput[] = []
  rebuilding = false
  cell: AccountCell
  #timers: Map<string, Timer>
  #nowMs = T0
  readonly #logic
  readonly #context: Context

  constructor(from: Snapshot = { cell: null, timers: [] }, parts: Partial<EnforcementParts> = {}) {
    const { taskState = null } = from
    const former = { layout: UNDIVIDED, newestEventMs: T0, streamTimeMs: T0, taskState }
    const given: EnforcementParts = {
      prepare: () => Promise.resolve(),
      decode: () => ({ outcome: 'skipped' }),
      output: (output) => this.#written(output),
      ownOutput: (record) => read(record),
      policy: () => POLICY,
      tasks: 1,
      enabledBy: () => [],
      switchedOff: () => false,
      sanctionIds: SANCTION_IDS,
      delayShare: NO_DELAY,
      observer: { counted: (reason) => this.counted.push(reason), issued: () => undefined },
      ...parts,
    }
    this.#logic = enforcementLogic(given, former)
    this.cell = this.#logic.state.decode(ACCOUNT, new Map(from.cell === null ? [] : [['facts', from.cell]]))
    this.#timers = new Map(from.timers.map((timer) => [timer.name, timer]))
    const now = () => this.#nowMs
    const rebuilding = () => this.rebuilding
    this.#context = {
      partition: 0,
      get nowMs() {
        return now()
      },
      streamTimeMs: 0,
      get rebuilding() {
        return rebuilding()
      },
      emit: () => undefined,
      setTimer: (timer) => void this.#timers.set(timer.name, timer),
      clearTimer: (_, name) => void this.#timers.delete(name),
    }
  }

  hear({ atMs, topic, input }: Heard): this {
    this.passTo(atMs)
    const record = recordOf(topic, atMs)
    this.#logic.process({ key: ACCOUNT, timeMs: atMs, body: input, record }, this.cell, this.#context)
    return this
  }

  passTo(atMs: number): this {
    for (let timer = this.#due(atMs); timer !== undefined; timer = this.#due(atMs)) {
      this.#timers.delete(timer.name)
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
      this.#logic.onTimer(timer, this.cell, this.#context)
    }
    this.#nowMs = Math.max(this.#nowMs, atMs)
    return this
  }

  fold(sent: readonly Sent[]): this {
    for (const { atMs, output } of sent) {
      const value = Buffer.from(JSON.stringify(output))
      this.#logic.fold({ ...recordOf(output.topic, atMs), value })?.apply(this.cell, this.#context)
    }
    return this
  }

  snapshot(): Snapshot {
    let cell: Buffer | null = null
    accountCellCodec.changes({ ...this.cell, saved: null }, (_, value) => (cell = value))
    return { cell, timers: [...this.#timers.values()], taskState: this.#logic.taskState?.() }
  }

  /** The state as it would be stored, for comparison. */
  get stored(): unknown {
    const shape: unknown = JSON.parse(encodeStandings(this.cell.standings).toString())
    return shape
  }

  outputs<T extends EnforcementOutput['topic']>(topic: T) {
    return this.sent.flatMap(({ output }) => (output.topic === topic ? [output] : []))
  }

  /** As the engine does it: timers wait while a store is rebuilt. */
  #due(atMs: number): Timer | undefined {
    if (this.rebuilding) return undefined
    return [...this.#timers.values()]
      .filter((timer) => timer.dueMs <= atMs)
      .sort((a, b) => a.dueMs - b.dueMs || (a.name < b.name ? -1 : 1))[0]
  }

  #written(output: EnforcementOutput): OutputRecord {
    if (this.rebuilding) this.withheld.push(output)
    else this.sent.push({ atMs: this.#nowMs, output })
    return { topic: output.topic, key: ACCOUNT, value: null, headers: {} }
  }
}

const POLICY = policy()

function recordOf(topic: string, atMs: number): SourceRecord {
  return { topic, partition: 0, offset: 0, appendTimeMs: atMs, key: null, value: null, headers: {} }
}

function read(record: SourceRecord): EnforcementOutput | null {
  return record.value === null ? null : (JSON.parse(record.value.toString()) as EnforcementOutput)
}
