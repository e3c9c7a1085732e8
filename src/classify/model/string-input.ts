/** The text itself, for a model that takes strings (one column or none). */
import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { windowsOf } from '../windows.ts'
import type { StringInputEntry } from './manifest.ts'
import { inputProblems, type Encoded, type Feeds, type ModelInput } from './model-input.ts'

interface StringWindow extends Encoded {
  readonly text: string
}

export class StringInput implements ModelInput<StringWindow> {
  readonly cpuLimits = { items: 8, tokens: 65_536, runTokens: 65_536 }
  readonly #entry: StringInputEntry
  #rank = 1

  constructor(entry: StringInputEntry) {
    this.#entry = entry
  }

  problems(inputs: readonly InferenceSession.ValueMetadata[]): readonly string[] {
    const [meta] = inputs
    if (meta?.isTensor === true) this.#rank = meta.shape.length
    return inputProblems(inputs, { [this.#entry.name]: ['string'] })
  }

  pieces(text: string): Iterable<string> {
    return windowsOf(text, this.#entry.windowUnits)
  }

  encode(pieces: readonly string[]): Promise<readonly (readonly StringWindow[])[]> {
    return Promise.resolve(pieces.map((text) => [{ text, length: text.length }]))
  }

  feeds(batch: readonly StringWindow[]): Feeds {
    const texts = batch.map(({ text }) => text)
    const shape = this.#rank === 2 ? [texts.length, 1] : [texts.length]
    return { [this.#entry.name]: new Tensor('string', texts, shape) }
  }
}
