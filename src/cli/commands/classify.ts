/**
 * `bailiff classify`: JSON lines of texts in, one line of scores each out, in order, through the very pipeline that
 * `run` has. What a platform tries the default model with, or its own, on its own data; no server is needed.
 */
import type { Classifier } from '../../classify/classifier.ts'
import type { LiveModel } from '../../classify/score-protocol.ts'
import { NO_SCORING_OBSERVER, type ScoringObserver } from '../../classify/scorer.ts'
import type { Verdict } from '../../domain/verdict.ts'
import { eventsOf, readClassifyLine, saidOf, type ClassifyLine } from '../classify-lines.ts'
import { hashKeyOf } from '../compose/hash-key.ts'
import { openClassifier } from '../compose/open-classifier.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'
import { linesOf, type Line } from '../lines.ts'

export interface ClassifyOptions {
  /** Folder of a model bundle; null for the one of the settings. */
  readonly model: string | null
  /** Every segment's scores too. */
  readonly segments: boolean
}

/** Lines that are classified together, and characters, whichever comes first. */
const BATCH_LINES = 256
const BATCH_CHARACTERS = 262_144

export async function classify(
  context: CommandContext,
  files: readonly string[],
  options: ClassifyOptions,
): Promise<number> {
  const { settings } = context
  const hashKey = hashKeyOf(settings)
  const bundleFolder = options.model ?? settings.modelFolder
  const scoring = { ...settings.scoring, observer: tellingOfProviders(context) }
  const classifier = await openClassifier({ bundleFolder, hashKey, scoring })
  const classifying = new Classifying(context, classifier, options.segments)
  try {
    for (const file of files.length === 0 ? ['-'] : files) {
      for await (const line of linesOf(file)) await classifying.take(file, line)
    }
    return await classifying.end()
  } finally {
    await classifier.close()
  }
}

/** Whoever wished for a GPU is told when another provider does the work. */
function tellingOfProviders({ stderr }: CommandContext): ScoringObserver {
  const opened = (models: readonly LiveModel[]): void => {
    for (const { id, provider, passedOver } of models) {
      for (const { provider: wished, reason } of passedOver)
        stderr.line(`${id} runs on ${provider}, not on ${wished}: ${reason}`)
    }
  }
  return { ...NO_SCORING_OBSERVER, opened }
}

/** A line that could be read, or what was wrong with it: it has its place among what is told either way. */
interface Taken {
  readonly number: number
  readonly line: ClassifyLine | null
  readonly problem: string
}

class Classifying {
  readonly #context: CommandContext
  readonly #classifier: Classifier
  readonly #segments: boolean
  #batch: Taken[] = []
  #characters = 0
  /** The batch before, which is still being scored while this one is read. */
  #telling: Promise<void> = Promise.resolve()
  /** Of all files: every line is an account of its own, so that none is told what another was. */
  #lines = 0
  #texts = 0
  #refused = 0

  constructor(context: CommandContext, classifier: Classifier, segments: boolean) {
    this.#context = context
    this.#classifier = classifier
    this.#segments = segments
  }

  async take(file: string, { text, number }: Line): Promise<void> {
    const read = readClassifyLine(text)
    if (!read.ok) this.#refuse(file, number, read.problem)
    this.#batch.push(
      read.ok ? { number, line: read.line, problem: '' } : { number, line: null, problem: read.problem },
    )
    this.#characters += text.length
    if (this.#batch.length >= BATCH_LINES || this.#characters >= BATCH_CHARACTERS) await this.#flush()
  }

  async end(): Promise<number> {
    await this.#flush()
    await this.#telling
    this.#context.stderr.line(`${this.#texts} lines classified, ${this.#refused} refused`)
    return this.#refused > 0 ? EXIT.failed : EXIT.ok
  }

  /** At most one batch is scored while another is read: what comes faster than it can be scored waits in its file. */
  async #flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#characters = 0
    await this.#telling
    this.#telling = this.#tell(batch)
    this.#telling.catch(() => undefined)
  }

  async #tell(batch: readonly Taken[]): Promise<void> {
    const first = this.#lines
    this.#lines += batch.length
    const events = batch.map(({ line }, at) => (line === null ? [] : eventsOf(line, first + at)))
    const verdicts = [...(await this.#classifier.classify(events.flat()))]
    for (const [at, taken] of batch.entries()) {
      const own = verdicts.splice(0, events[at]?.length ?? 0).flat()
      this.#context.print(JSON.stringify(this.#said(taken, own)))
    }
    this.#texts += batch.filter(({ line }) => line !== null).length
    this.#context.stderr.status(`${this.#texts} lines classified`)
  }

  #said({ line, number, problem }: Taken, verdicts: readonly Verdict[]): object {
    if (line === null) return { line: number, error: problem }
    return saidOf(line, verdicts, this.#segments)
  }

  #refuse(file: string, number: number, problem: string): void {
    this.#refused++
    this.#context.stderr.line(`${file === '-' ? 'standard input' : file}:${number}: ${problem}`)
  }
}
