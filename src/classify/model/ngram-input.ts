/** Hashed n-grams, the default model's input: ids and values, padded with id 0 of value 0. */
import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { Featuriser, type Features } from '../featurise.ts'
import { windowsOf } from '../windows.ts'
import type { NgramInputEntry } from './manifest.ts'
import { inputProblems, type Encoded, type Feeds, type ModelInput } from './model-input.ts'

interface NgramWindow extends Encoded {
  readonly features: Features
}

export class NgramInput implements ModelInput<NgramWindow> {
  readonly cpuLimits = { items: 8, tokens: 65_536, runTokens: 65_536 }
  readonly #windowUnits: number
  readonly #featuriser = new Featuriser()

  constructor({ windowUnits }: NgramInputEntry) {
    this.#windowUnits = windowUnits
  }

  problems(inputs: readonly InferenceSession.ValueMetadata[]): readonly string[] {
    return inputProblems(inputs, { ids: ['int32'], vals: ['float32'] })
  }

  pieces(text: string): Iterable<string> {
    return windowsOf(text, this.#windowUnits)
  }

  encode(pieces: readonly string[]): Promise<readonly (readonly NgramWindow[])[]> {
    return Promise.resolve(
      pieces.map((piece) => {
        const features = this.#featuriser.featurise(piece)
        return [{ features, length: features.ids.length }]
      }),
    )
  }

  feeds(batch: readonly NgramWindow[], width: number): Feeds {
    const ids = new Int32Array(batch.length * width)
    const vals = new Float32Array(batch.length * width)
    batch.forEach(({ features }, row) => {
      ids.set(features.ids, row * width)
      vals.set(features.vals, row * width)
    })
    const shape = [batch.length, width]
    return { ids: new Tensor('int32', ids, shape), vals: new Tensor('float32', vals, shape) }
  }
}
