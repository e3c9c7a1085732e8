/**
 * `bailiff replay`: any file of input events through the same engine on the embedded log. Signals and sanctions
 * as JSON lines on standard output, a summary on standard error. The same file twice gives identical bytes (P5).
 */
import type { Classifier } from '../../classify/classifier.ts'
import { eventFromLine, type EventLine } from '../../codec/json.ts'
import { loadFlows } from '../../codec/schema-files.ts'
import type { Topic } from '../../codec/topic-types.ts'
import { loadBundle } from '../compose/bundle.ts'
import { hashKeyOf } from '../compose/hash-key.ts'
import { openClassifier } from '../compose/open-classifier.ts'
import { EmbeddedPlatform } from '../compose/embedded-platform.ts'
import { EXIT, CommandError } from '../exit.ts'
import { eventTimeMs } from '../event-time.ts'
import { linesOf } from '../lines.ts'
import type { CommandContext } from '../context.ts'
import type { Terminal } from '../terminal.ts'

export interface ReplayOptions {
  readonly classify: boolean
}

/** Output topics that are told, in the order in which they are read after each stretch. */
const TOLD = [
  'abuse.signals.v1',
  'abuse.signals.shadow.v1',
  'abuse.sanctions.v1',
  'abuse.reviews.v1',
] as const
/** Topics of facts, which are never late. */
const FACTS: ReadonlySet<Topic> = new Set<Topic>(['accounts.state.v1'])
/** A stretch ends after this much log time, or this many records. */
const STRETCH_MS = 5_000
const STRETCH_RECORDS = 2_000
/** Who comes so much after later ones is late for most sources, and is told as out of order. */
const OUT_OF_ORDER_MS = 60_000
/** Time goes on after the last record, so that what waits for the end of a minute is told too. */
const SETTLE_MS = 5 * 60_000

export async function replay(
  context: CommandContext,
  files: readonly string[],
  options: ReplayOptions,
): Promise<number> {
  const { settings } = context
  const hashKey = hashKeyOf(settings)
  const classifier = options.classify
    ? await openClassifier({ bundleFolder: settings.modelFolder, hashKey, scoring: settings.scoring })
    : null
  try {
    const replaying = new Replay(context, classifier)
    for (const file of files.length === 0 ? ['-'] : files) await replaying.file(file)
    return await replaying.end()
  } finally {
    await classifier?.close()
  }
}

class Replay {
  readonly #context: CommandContext
  readonly #terminal: Terminal
  readonly #classifier: Classifier | null
  readonly #told = new Map<Topic, number>()
  #platform: EmbeddedPlatform | null = null
  #events = 0
  #refused = 0
  #outOfOrder = 0
  #nowMs = -Infinity
  #stretchStartMs = 0
  #stretchRecords = 0

  constructor(context: CommandContext, classifier: Classifier | null) {
    this.#context = context
    this.#terminal = context.stderr
    this.#classifier = classifier
  }

  async file(file: string): Promise<void> {
    for await (const { text, number } of linesOf(file)) {
      const event = eventFromLine(text, number)
      if (event.ok) await this.#take(event.value)
      else this.#refuse(file, event.problem)
    }
  }

  async end(): Promise<number> {
    if (this.#platform === null) throw new CommandError('Nothing to replay: no events came in.')
    await this.#advance(this.#nowMs + SETTLE_MS)
    await this.#platform.stop()
    const told = TOLD.map((topic) => `${this.#told.get(topic) ?? 0} ${topic.replace(/^abuse\.|\.v1$/g, '')}`)
    this.#terminal.line(`${this.#events} events, ${this.#refused} lines refused: ${told.join(', ')}`)
    if (this.#outOfOrder > 0)
      this.#terminal.line(
        `${this.#outOfOrder} events stand more than a minute behind later ones, and most of them count as late: sort the lines by time.`,
      )
    return this.#refused > 0 ? EXIT.failed : EXIT.ok
  }

  async #take(event: EventLine): Promise<void> {
    const timeMs = event.appendTimeMs ?? eventTimeMs(event.topic, event.value) ?? this.#nowMs
    const atMs = Math.max(this.#nowMs, timeMs)
    if (timeMs < atMs - OUT_OF_ORDER_MS && !FACTS.has(event.topic)) this.#outOfOrder++
    this.#platform ??= await this.#start(atMs)
    this.#nowMs = atMs
    const full = this.#stretchRecords >= STRETCH_RECORDS
    if (full || atMs >= this.#stretchStartMs + STRETCH_MS) await this.#advance(atMs)
    this.#platform.append(event.topic, event.value, atMs, event.key)
    this.#events++
    this.#stretchRecords++
  }

  async #start(startMs: number): Promise<EmbeddedPlatform> {
    const { settings } = this.#context
    this.#stretchStartMs = startMs
    return EmbeddedPlatform.start({
      flows: loadFlows({}, settings.schemasFolder),
      bundle: loadBundle(settings.topologiesFolder),
      hashKey: hashKeyOf(settings),
      classifier: this.#classifier,
      startMs,
    })
  }

  async #advance(toMs: number): Promise<void> {
    const platform = this.#platform
    if (platform === null) return
    await platform.advance(toMs)
    this.#stretchStartMs = toMs
    this.#stretchRecords = 0
    for (const topic of TOLD) {
      for (const value of await platform.taken(topic)) {
        this.#told.set(topic, (this.#told.get(topic) ?? 0) + 1)
        this.#context.print(JSON.stringify({ topic, value }))
      }
    }
    this.#terminal.status(`${this.#events} events, at ${new Date(toMs).toISOString()}`)
  }

  #refuse(file: string, problem: string): void {
    this.#refused++
    this.#terminal.line(`${file}: ${problem}`)
  }
}
