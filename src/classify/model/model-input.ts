/** How texts become what a model takes. One kind of input, one file beside this one. */
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { BatchLimits } from './batches.ts'

/** What of a text is scored at once; `length` is what padding makes the others pay. */
export interface Encoded {
  readonly length: number
}

export type Feeds = Readonly<Record<string, Tensor>>

export interface ModelInput<W extends Encoded> {
  /** Batches beyond which a CPU only gets slower. */
  readonly cpuLimits: BatchLimits
  /** What is wrong with a model for this input; nothing where it fits. */
  problems(inputs: readonly InferenceSession.ValueMetadata[]): readonly string[]
  /** Pieces that together cover the text and are encoded one by one. */
  pieces(text: string): Iterable<string>
  /** For each piece its windows, one or more. */
  encode(pieces: readonly string[]): Promise<readonly (readonly W[])[]>
  /** A batch padded to `width`. */
  feeds(batch: readonly W[], width: number): Feeds
}

/** What the model takes, in words. */
export function takenBy(inputs: readonly InferenceSession.ValueMetadata[]): string {
  return inputs.map((meta) => (meta.isTensor ? `${meta.name}:${meta.type}` : meta.name)).join(', ')
}

/** The difference between what the model takes and what the manifest says, as reasons. */
export function inputProblems(
  inputs: readonly InferenceSession.ValueMetadata[],
  expected: Readonly<Record<string, readonly string[]>>,
): readonly string[] {
  const names = Object.keys(expected)
  const fits = ({ name, ...meta }: InferenceSession.ValueMetadata): boolean =>
    'type' in meta && expected[name]?.includes(meta.type) === true
  if (inputs.length === names.length && inputs.every(fits)) return []
  const wanted = names.map((name) => `${name}:${(expected[name] ?? []).join(' or ')}`)
  return [`model.onnx takes ${takenBy(inputs)}; expected ${wanted.join(' and ')}`]
}
