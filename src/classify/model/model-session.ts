/**
 * One model, open: texts to the logits of its labels. Lives in a scoring process only, because a run blocks.
 *
 * S1. A model that opens has the inputs and outputs that its manifest promises and reproduces its golden cases.
 * S2. Each text's result does not depend on its neighbours: padding is masked, or weighs nothing.
 * S3. At most FLUSH pieces of text are encoded at once, whatever a text's length.
 */
import { batchesOf, bucketOf, type BatchLimits } from './batches.ts'
import { BundleRefused, type ModelBundle } from './bundle.ts'
import { quantisedLogit } from './calibrate.ts'
import type { Manifest } from './manifest.ts'
import type { Encoded, ModelInput } from './model-input.ts'
import { ModelOutput } from './model-output.ts'
import { NgramInput } from './ngram-input.ts'
import { NoProvider, openOnnx, type OpenOnnx, type PassedOver, type Provider } from './open-onnx.ts'
import { StringInput } from './string-input.ts'
import { TokenInput } from './token-input.ts'

const FLUSH = 64
/** A GPU wants its 16 thousand tokens at once. */
const GPU_LIMITS: BatchLimits = { items: 256, tokens: 16_384, runTokens: 16_384 }

/** An open model, whatever it takes. */
export interface ModelSession {
  readonly manifest: Manifest
  readonly provider: Provider
  readonly passedOver: readonly PassedOver[]
  /** Per text and label the highest logit over its windows; `onBatch` is called after each run. */
  score(texts: readonly string[], onBatch: () => void): Promise<readonly (readonly number[])[]>
  release(): Promise<void>
}

/** Opens and checks the bundle's model (S1) on the first provider that works; throws BundleRefused. */
export async function openModel(bundle: ModelBundle, providers: readonly Provider[]): Promise<ModelSession> {
  const { input } = bundle.manifest
  switch (input.kind) {
    case 'hashed-ngrams':
      return openWith(bundle, new NgramInput(input), providers)
    case 'strings':
      return openWith(bundle, new StringInput(input), providers)
    case 'token-ids':
      return openWith(
        bundle,
        await openTokens(bundle, () => TokenInput.open(input, bundle.tokenizer ?? '')),
        providers,
      )
  }
}

async function openTokens(bundle: ModelBundle, open: () => Promise<TokenInput>): Promise<TokenInput> {
  try {
    return await open()
  } catch (error) {
    throw new BundleRefused(bundle.folder, [`tokenizer.json does not open: ${String(error)}`])
  }
}

async function openWith<W extends Encoded>(
  bundle: ModelBundle,
  input: ModelInput<W>,
  providers: readonly Provider[],
): Promise<ModelSession> {
  const onnx = await openSession(bundle, providers)
  const opened = new WindowedModel(bundle, input, onnx)
  const reasons = await opened.problems()
  if (reasons.length === 0) return opened
  await opened.release()
  throw new BundleRefused(bundle.folder, reasons)
}

async function openSession(bundle: ModelBundle, providers: readonly Provider[]): Promise<OpenOnnx> {
  try {
    return await openOnnx(bundle.model, providers)
  } catch (error) {
    if (!(error instanceof NoProvider)) throw error
    throw new BundleRefused(bundle.folder, [`model.onnx does not open: ${error.message}`])
  }
}

class WindowedModel<W extends Encoded> implements ModelSession {
  readonly #bundle: ModelBundle
  readonly #input: ModelInput<W>
  readonly #output: ModelOutput
  readonly #onnx: OpenOnnx
  readonly #limits: BatchLimits

  constructor(bundle: ModelBundle, input: ModelInput<W>, onnx: OpenOnnx) {
    this.#bundle = bundle
    this.#input = input
    this.#output = new ModelOutput(bundle.manifest)
    this.#onnx = onnx
    this.#limits = onnx.provider === 'cpu' ? input.cpuLimits : GPU_LIMITS
  }

  get manifest(): Manifest {
    return this.#bundle.manifest
  }

  get provider(): Provider {
    return this.#onnx.provider
  }

  get passedOver(): readonly PassedOver[] {
    return this.#onnx.passedOver
  }

  /** S1. */
  async problems(): Promise<readonly string[]> {
    const { inputMetadata, outputMetadata } = this.#onnx.session
    const reasons = [...this.#input.problems(inputMetadata), ...this.#output.problems(outputMetadata)]
    return reasons.length > 0 ? reasons : await this.#goldenProblems()
  }

  async score(texts: readonly string[], onBatch: () => void): Promise<readonly (readonly number[])[]> {
    const best = texts.map(() => this.manifest.labels.map(() => -Infinity))
    let pieces: { readonly text: string; readonly best: number[] }[] = []
    for (const [at, text] of texts.entries()) {
      for (const piece of this.#input.pieces(text)) {
        if (pieces.push({ text: piece, best: best[at] ?? [] }) < FLUSH) continue
        await this.#flush(pieces, onBatch)
        pieces = []
      }
    }
    await this.#flush(pieces, onBatch)
    return best
  }

  async release(): Promise<void> {
    await this.#onnx.session.release()
  }

  async #flush(pieces: readonly { text: string; best: number[] }[], onBatch: () => void): Promise<void> {
    const encoded = await this.#input.encode(pieces.map((piece) => piece.text))
    const windows = pieces.flatMap(({ best }, at) => (encoded[at] ?? []).map((window) => ({ window, best })))
    const lengths = windows.map(({ window }) => window.length)
    for (const indices of batchesOf(lengths, this.#limits)) {
      const batch = indices.map((index) => windows[index]).filter((one) => one !== undefined)
      const rows = await this.#run(batch.map(({ window }) => window))
      batch.forEach(({ best }, row) => keepHighest(best, rows[row] ?? []))
      onBatch()
    }
  }

  /** Probabilities, row by row. */
  async #run(batch: readonly W[]): Promise<readonly (readonly number[])[]> {
    const longest = Math.max(1, ...batch.map((window) => window.length))
    const width = this.provider === 'cpu' ? longest : bucketOf(longest)
    const outputs = await this.#onnx.session.run(this.#input.feeds(batch, width), [this.#output.name])
    return this.#output.probabilities(outputs[this.#output.name]?.data, batch.length)
  }

  async #goldenProblems(): Promise<readonly string[]> {
    const { golden, manifest } = this.#bundle
    const reasons: string[] = []
    for (const [index, { text, scores }] of golden.cases.entries()) {
      const [found = []] = await this.#probabilities(text)
      const far = manifest.labels.filter(
        ({ label }, at) => !(Math.abs((found[at] ?? NaN) - (scores[label] ?? NaN)) <= golden.tolerance),
      )
      if (far.length > 0)
        reasons.push(`golden case ${index}: ${far.map(({ label }) => label).join(', ')} differ`)
    }
    return reasons
  }

  /** Of the first window: golden cases are short. */
  async #probabilities(text: string): Promise<readonly (readonly number[])[]> {
    const [windows = []] = await this.#input.encode([text])
    return this.#run(windows.slice(0, 1))
  }
}

function keepHighest(best: number[], probabilities: readonly number[]): void {
  probabilities.forEach((probability, label) => {
    best[label] = Math.max(best[label] ?? -Infinity, quantisedLogit(probability))
  })
}
