/**
 * One ONNX session and its featuriser: texts to logits. Lives in a scoring process only, because a run blocks.
 *
 * S1. A session that opens has the inputs and outputs that the manifest promises and reproduces the golden cases.
 * S2. Each text's result does not depend on its neighbours: padding adds id 0 with value 0.
 * S3. At most FLUSH windows are held at once, whatever a text's length.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { quantisedLogit } from './calibrate.ts'
import { readingsOf, type Reading } from './canonicalise.ts'
import type { Disguise } from './disguise.ts'
import { Featuriser, type Features } from './featurise.ts'
import { BundleRefused, type ModelBundle } from './model-bundle.ts'
import { windowsOf } from './windows.ts'

/** Batches larger than this are slower on a CPU. */
const BATCH = 8
const FLUSH = 64
/** A disguise is reported when undoing it raised some label's logit by at least this much. */
const TELLING_LOGITS = 0.5

/** Per label, in the manifest's order, the highest logit over all readings and windows of a text. */
export interface TextScores {
  readonly logits: readonly number[]
  readonly disguises: readonly Disguise[]
}

/** What one reading reached; `best` is written while its windows come back. */
interface ReadingScores {
  readonly reading: Reading
  readonly best: number[]
}

interface Window {
  readonly features: Features
  readonly target: ReadingScores
}

const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

export class ScoreSession {
  readonly #bundle: ModelBundle
  readonly #session: InferenceSession
  readonly #featuriser = new Featuriser()

  private constructor(bundle: ModelBundle, session: InferenceSession) {
    this.#bundle = bundle
    this.#session = session
  }

  /** Opens and checks the bundle's model (S1); throws BundleRefused. */
  static async open(bundle: ModelBundle): Promise<ScoreSession> {
    const session = await createSession(bundle)
    const opened = new ScoreSession(bundle, session)
    const reasons = [...checkInterface(bundle, session)]
    if (reasons.length === 0) reasons.push(...(await opened.#checkGolden()))
    if (reasons.length > 0) throw new BundleRefused(bundle.folder, reasons)
    return opened
  }

  /** Scores in the order of the texts; `onBatch` is called after each run of the model. */
  async score(
    texts: readonly string[],
    onBatch: () => void = () => undefined,
  ): Promise<readonly TextScores[]> {
    const results: ReadingScores[][] = []
    let waiting: Window[] = []
    for (const text of texts) {
      const readings = readingsOf(text).map((reading) => ({ reading, best: this.#nothing() }))
      results.push(readings)
      for (const window of this.#windows(readings)) {
        if (waiting.push(window) < FLUSH) continue
        await this.#flush(waiting, onBatch)
        waiting = []
      }
    }
    await this.#flush(waiting, onBatch)
    return results.map(highest)
  }

  async release(): Promise<void> {
    await this.#session.release()
  }

  #nothing(): number[] {
    return this.#bundle.manifest.labels.map(() => -Infinity)
  }

  *#windows(readings: readonly ReadingScores[]): Generator<Window> {
    for (const target of readings) {
      for (const text of windowsOf(target.reading.text, this.#bundle.manifest.input.windowUnits)) {
        yield { features: this.#featuriser.featurise(text), target }
      }
    }
  }

  /** Sorted by length before padding, so that a short text does not pay for a long one. */
  async #flush(windows: Window[], onBatch: () => void): Promise<void> {
    windows.sort((a, b) => a.features.ids.length - b.features.ids.length)
    for (let start = 0; start < windows.length; start += BATCH) {
      const batch = windows.slice(start, start + BATCH)
      const raw = await this.#run(batch.map((window) => window.features))
      batch.forEach((window, i) => keepHighest(window.target.best, raw[i] ?? []))
      onBatch()
    }
  }

  async #run(batch: readonly Features[]): Promise<number[][]> {
    const { labels, output } = this.#bundle.manifest
    const outputs = await this.#session.run(padded(batch))
    const scores = outputs[output.name]?.data
    if (!(scores instanceof Float32Array)) throw new TypeError(`the model gave no float32 ${output.name}`)
    return batch.map((_, row) => Array.from(scores.subarray(row * labels.length, (row + 1) * labels.length)))
  }

  async #checkGolden(): Promise<string[]> {
    const { golden, manifest } = this.#bundle
    const reasons: string[] = []
    for (const [index, { text, scores }] of golden.cases.entries()) {
      const [raw] = await this.#run([this.#featuriser.featurise(text)])
      const far = manifest.labels.filter(
        ({ label }, i) => !(Math.abs((raw?.[i] ?? NaN) - (scores[label] ?? NaN)) <= golden.tolerance),
      )
      if (far.length > 0)
        reasons.push(`golden case ${index}: ${far.map((entry) => entry.label).join(', ')} differ`)
    }
    return reasons
  }
}

async function createSession(bundle: ModelBundle): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bundle.model, SESSION_OPTIONS)
  } catch (error) {
    throw new BundleRefused(bundle.folder, [`model.onnx does not open: ${String(error)}`])
  }
}

function checkInterface(bundle: ModelBundle, session: InferenceSession): string[] {
  const { output, labels } = bundle.manifest
  const inputs = session.inputMetadata.map((meta) =>
    meta.isTensor ? `${meta.name}:${meta.type}` : meta.name,
  )
  const reasons: string[] = []
  if (inputs.sort().join() !== 'ids:int32,vals:float32') {
    reasons.push(`model.onnx takes ${inputs.join(', ')}; expected ids:int32 and vals:float32`)
  }
  const found = session.outputMetadata.find((meta) => meta.name === output.name)
  if (found === undefined || !found.isTensor || found.type !== 'float32') {
    reasons.push(`model.onnx has no float32 output ${output.name}`)
  } else if (found.shape[1] !== labels.length) {
    reasons.push(
      `model.onnx gives ${String(found.shape[1])} scores, the manifest names ${labels.length} labels`,
    )
  }
  return reasons
}

function padded(batch: readonly Features[]): { ids: Tensor; vals: Tensor } {
  const width = Math.max(1, ...batch.map((features) => features.ids.length))
  const ids = new Int32Array(batch.length * width)
  const vals = new Float32Array(batch.length * width)
  batch.forEach((features, row) => {
    ids.set(features.ids, row * width)
    vals.set(features.vals, row * width)
  })
  const shape = [batch.length, width]
  return { ids: new Tensor('int32', ids, shape), vals: new Tensor('float32', vals, shape) }
}

function keepHighest(best: number[], raw: readonly number[]): void {
  raw.forEach((score, label) => {
    best[label] = Math.max(best[label] ?? -Infinity, quantisedLogit(score))
  })
}

/** The highest logit per label, and the disguises of the readings that raised one tellingly. */
function highest(readings: readonly ReadingScores[]): TextScores {
  const plain = readings[0]?.best ?? []
  const logits = plain.map((_, label) => Math.max(...readings.map(({ best }) => best[label] ?? -Infinity)))
  const telling = readings.filter(({ best }) =>
    best.some((logit, label) => logit === logits[label] && logit - (plain[label] ?? 0) >= TELLING_LOGITS),
  )
  return { logits, disguises: [...new Set(telling.flatMap(({ reading }) => reading.disguises))] }
}
