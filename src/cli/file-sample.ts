/**
 * Lines as `replay` takes them, given to samples record by record, as what our own stages make of them: requests and
 * responses are the usage that `meter` tells and the verdicts that `classify` tells, telemetry is the pressure of its minutes.
 */
import type { Classifier } from '../classify/classifier.ts'
import type { InferenceEvent } from '../classify/segment.ts'
import { eventFromLine, type EventLine } from '../codec/json.ts'
import { TOPIC_GUARDS } from '../codec/topics.ts'
import type { Meter } from '../meter/meter.ts'
import type { DataSample } from '../topology/blind-spots.ts'
import { give, SAMPLED, takeEvent } from './data-sample.ts'
import { CommandError } from './exit.ts'
import { linesOf } from './lines.ts'

const MINUTE_MS = 60_000
/** Events that are classified at once. */
const BATCH = 200

export interface FileStages {
  readonly meter: Meter
  /** Null: texts are not looked at. */
  readonly classifier: Classifier | null
  /** Of so many requests and responses the texts are looked at; all else of every line. */
  readonly mostTexts: number
}

/** Throws CommandError at the first line that is no event. */
export async function sampleFile(
  file: string,
  stages: FileStages,
  samples: readonly DataSample[],
): Promise<void> {
  const sampling = new FileSampling(stages, samples)
  for await (const { text, number } of linesOf(file)) {
    const event = eventFromLine(text, number)
    if (!event.ok) throw new CommandError(`${file}: ${event.problem}`)
    await sampling.take(event.value)
  }
  await sampling.end()
}

class FileSampling {
  readonly #stages: FileStages
  readonly #samples: readonly DataSample[]
  readonly #minutes = new Map<string, number>()
  #waiting: InferenceEvent[] = []
  #texts = 0

  constructor(stages: FileStages, samples: readonly DataSample[]) {
    this.#stages = stages
    this.#samples = samples
  }

  async take({ topic, value }: EventLine): Promise<void> {
    const { meter } = this.#stages
    for (const one of SAMPLED) if (one === topic) this.#each((sample) => give(one, value, sample))
    if (topic === 'gpu.telemetry.v1' && TOPIC_GUARDS[topic].accepts(value))
      this.#pressure(value.poolId, value.sampledAtMs)
    if (topic === 'inference.requests.v1' && TOPIC_GUARDS[topic].accepts(value)) {
      const body = meter.arrived(value)
      this.#each((sample) => takeEvent({ kind: 'usage', body }, sample))
      await this.#text(value)
    }
    if (topic === 'inference.responses.v1' && TOPIC_GUARDS[topic].accepts(value)) {
      const body = meter.completed(value)
      this.#each((sample) => takeEvent({ kind: 'usage', body }, sample))
      await this.#text(value)
    }
  }

  async end(): Promise<void> {
    const events = this.#waiting
    this.#waiting = []
    for (const verdicts of (await this.#stages.classifier?.classify(events)) ?? [])
      for (const body of verdicts) this.#each((sample) => takeEvent({ kind: 'verdict', body }, sample))
  }

  #each(give: (sample: DataSample) => void): void {
    for (const sample of this.#samples) give(sample)
  }

  /** One a minute of a pool, as `capacity` tells it. */
  #pressure(poolId: string, sampledAtMs: number): void {
    const minute = Math.floor(sampledAtMs / MINUTE_MS)
    if (this.#minutes.get(poolId) === minute) return
    this.#minutes.set(poolId, minute)
    this.#each((sample) => sample.takePressure())
  }

  async #text(event: InferenceEvent): Promise<void> {
    if (this.#stages.classifier === null || this.#texts >= this.#stages.mostTexts) return
    this.#texts++
    this.#waiting.push(event)
    if (this.#waiting.length >= BATCH) await this.end()
  }
}
