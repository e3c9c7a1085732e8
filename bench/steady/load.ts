/**
 * The load, a process of its own: one record of every account at the order `preload`; then, from `go` on, the steady
 * stream at its rate for its time. It reads the signals too, since it knows when each record was appended. Its plan
 * (`loadPlan`) is its argument.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { quietKnownWarnings } from '../../src/cli/warnings.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { spreadOf } from '../statistics.ts'
import { consoleLogger } from '../yardstick/open-job.ts'
import { Appender, PARTITIONS } from './appender.ts'
import { loadPlan, TICK_MS, type LoadMessage, type LoadPlan } from './messages.ts'
import { Pace } from './pace.ts'
import { Parent } from './parent.ts'
import { SignalWatch } from './signal-watch.ts'
import { firstOf, SteadyStream } from './stream.ts'

/** Between two batches; a batch takes a few milliseconds more. */
const TURN_MS = 10
/** What is due after a pause goes out in batches of this many. */
const BATCH_RECORDS = 5_000
/** How long signals that must still come are waited for. */
const SIGNALS_PATIENCE_MS = 15_000

class Load {
  readonly #plan: LoadPlan
  readonly #parent: Parent<LoadMessage>
  readonly #appender: Appender
  readonly #stream: SteadyStream
  readonly #watch = new SignalWatch(() => this.#startMs + this.#plan.warmUpMs)
  readonly #lateMs: number[] = []
  #startMs = 0
  #sent = 0

  constructor(plan: LoadPlan, parent: Parent<LoadMessage>, appender: Appender) {
    this.#plan = plan
    this.#parent = parent
    this.#appender = appender
    this.#stream = new SteadyStream(plan)
  }

  get watch(): SignalWatch {
    return this.#watch
  }

  async preload(): Promise<void> {
    const { accounts } = this.#plan
    for (let from = 0; from < accounts; from += BATCH_RECORDS) {
      const count = Math.min(BATCH_RECORDS, accounts - from)
      const nowMs = Date.now()
      await this.#appender.append(Array.from({ length: count }, (_, at) => firstOf(from + at, nowMs)))
    }
    this.#parent.tell({ kind: 'preloaded', records: accounts })
  }

  async run(): Promise<void> {
    const { rate, seconds } = this.#plan
    this.#startMs = Date.now()
    this.#parent.tell({ kind: 'started', atMs: this.#startMs })
    const ticking = setInterval(() => this.#tick(), TICK_MS)
    const pace = new Pace(rate, this.#startMs)
    while (this.#sent < rate * seconds) {
      this.#lateMs.push(pace.lateMs(this.#sent, Date.now()))
      await this.#send(Math.min(pace.due(Date.now()), rate * seconds) - this.#sent)
      await wait(TURN_MS)
    }
    clearInterval(ticking)
    this.#tick()
    this.#parent.tell({ kind: 'sent', sent: this.#sent, tookMs: Date.now() - this.#startMs })
  }

  async figures(): Promise<void> {
    const endMs = Date.now() + SIGNALS_PATIENCE_MS
    const markers = () => this.#watch.markers(this.#stream.expected)
    while (markers().missing > 0 && Date.now() < endMs) await wait(TICK_MS)
    for (const { accountId, index, atMs } of this.#watch.missing(this.#stream.expected)) {
      const partition = partitionOf(Buffer.from(accountId), PARTITIONS)
      console.error(`no signal of ${accountId}, partition ${partition}: record ${index}, appended at ${atMs}`)
    }
    this.#parent.tell({
      kind: 'figures',
      turnsLateMs: spreadOf(this.#lateMs),
      latencyMs: this.#watch.latencyMs(),
      markers: markers(),
    })
  }

  async #send(due: number): Promise<void> {
    for (let left = due; left > 0;) {
      const nowMs = Date.now()
      const count = Math.min(left, BATCH_RECORDS)
      const times = await this.#appender.append(Array.from({ length: count }, () => this.#stream.next(nowMs)))
      for (const [at, appendedMs] of times.entries()) this.#watch.appended(this.#sent + at, appendedMs)
      this.#sent += count
      left -= count
    }
  }

  #tick(): void {
    this.#parent.tell({ kind: 'tick', sent: this.#sent, appended: [...this.#appender.newest] })
  }
}

async function main(plan: LoadPlan): Promise<void> {
  const parent = new Parent<LoadMessage>()
  const appender = await Appender.connect(plan.broker, plan.topics.responses)
  const log = new KafkaLog({ ...defaultKafkaLogOptions, brokers: [plan.broker] }, systemClock, consoleLogger)
  const load = new Load(plan, parent, appender)
  const follower = await log.follow([plan.topics.signals], (batch) => load.watch.read(batch))
  await parent.ordered('preload')
  await load.preload()
  await parent.ordered('go')
  await Promise.race([load.run(), follower.failed()])
  await load.figures()
  await parent.ordered('stop')
  await log.close()
  await appender.close()
  parent.leave()
}

quietKnownWarnings()
await main(loadPlan.parse(JSON.parse(process.argv[2] ?? '')))
