/** What a model gives, as one probability for each label of its manifest. */
import type { InferenceSession } from 'onnxruntime-node'
import type { LabelEntry, Manifest } from './manifest.ts'

export class ModelOutput {
  readonly #manifest: Manifest
  readonly #columns: readonly string[]
  /** Per label the places of its columns. */
  readonly #places: readonly (readonly number[])[]

  constructor(manifest: Manifest) {
    this.#manifest = manifest
    this.#columns = manifest.output.columns ?? manifest.labels.map((entry) => entry.label)
    this.#places = manifest.labels.map((entry) => this.#placesOf(entry))
  }

  get name(): string {
    return this.#manifest.output.name
  }

  problems(outputs: readonly InferenceSession.ValueMetadata[]): readonly string[] {
    const found = outputs.find((meta) => meta.name === this.name)
    if (found === undefined || !found.isTensor || found.type !== 'float32') {
      return [`model.onnx has no float32 output ${this.name}`]
    }
    const width = found.shape.at(-1)
    if (typeof width !== 'number' || width === this.#columns.length) return []
    return [`model.onnx gives ${width} scores, the manifest names ${this.#columns.length}`]
  }

  /** Row by row, per label in the manifest's order. */
  probabilities(data: unknown, rows: number): readonly (readonly number[])[] {
    const width = this.#columns.length
    if (!(data instanceof Float32Array) || data.length !== rows * width) {
      throw new TypeError(`the model gave no ${rows} x ${width} float32 ${this.name}`)
    }
    return Array.from({ length: rows }, (_, row) =>
      this.#labelled(this.#activated(data.subarray(row * width, (row + 1) * width))),
    )
  }

  #placesOf({ label, from }: LabelEntry): readonly number[] {
    return (from ?? [label]).map((name) => this.#columns.indexOf(name))
  }

  #activated(row: Float32Array): ArrayLike<number> {
    const { activation, gives } = this.#manifest.output
    if (gives === 'probabilities') return row
    return activation === 'sigmoid' ? Array.from(row, sigmoid) : softmax(row)
  }

  /** Exclusive columns add up; others do not, and the highest counts. */
  #labelled(row: ArrayLike<number>): readonly number[] {
    const exclusive = this.#manifest.output.activation === 'softmax'
    return this.#places.map((places) => {
      const values = places.map((place) => row[place] ?? NaN)
      return exclusive ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values)
    })
  }
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}

function softmax(row: Float32Array): readonly number[] {
  const highest = Math.max(...row)
  const powers = Array.from(row, (logit) => Math.exp(logit - highest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}
