/**
 * Windows in batches for a model that pads: those of like length together, so that a short one does not pay for a long.
 *
 * Everything that is batched together was asked together and is answered together, so the order in here delays nobody.
 */
export interface BatchLimits {
  readonly items: number
  /** Padded: the longest of a batch times its number. One window may be longer. */
  readonly tokens: number
}

/** Indices of `lengths`, each in exactly one batch. */
export function batchesOf(lengths: readonly number[], limits: BatchLimits): readonly (readonly number[])[] {
  const shortestFirst = lengths.map((_, index) => index).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0))
  const batches: number[][] = []
  let batch: number[] = []
  for (const index of shortestFirst) {
    const padded = (lengths[index] ?? 0) * (batch.length + 1)
    if (batch.length > 0 && (batch.length >= limits.items || padded > limits.tokens)) {
      batches.push(batch)
      batch = []
    }
    batch.push(index)
  }
  return batch.length === 0 ? batches : [...batches, batch]
}

/** The next of 16, 24, 32, 48, 64, …: few shapes, each of which a GPU prepares for once. */
export function bucketOf(length: number): number {
  let bucket = 16
  while (bucket < length) bucket = Number.isInteger(Math.log2(bucket)) ? bucket * 1.5 : (bucket / 3) * 4
  return bucket
}
