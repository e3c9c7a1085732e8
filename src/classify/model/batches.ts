/**
 * Windows in batches for a model that pads: those of like length together, so that a short one does not pay for a long.
 *
 * Everything that is batched together was asked together and is answered together, so the order in here delays nobody.
 */
export interface BatchLimits {
  readonly items: number
  /** Padded: the longest of a batch times its number. One window may be longer. */
  readonly tokens: number
  /** What a run costs however little is in it, in padded tokens: where few tokens are spared, one run less is cheaper. */
  readonly runTokens: number
}

/**
 * Indices of `lengths`, each in exactly one batch: of all ways to cut them, sorted by length, within the limits the one
 * whose runs and padded tokens cost the least. A shortest path over the places to cut, of length times items steps.
 */
export function batchesOf(lengths: readonly number[], limits: BatchLimits): readonly (readonly number[])[] {
  const shortestFirst = lengths.map((_, index) => index).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0))
  const starts = cheapestStarts(
    shortestFirst.map((index) => lengths[index] ?? 0),
    limits,
  )
  const batches: number[][] = []
  for (let end = shortestFirst.length; end > 0; end = starts[end] ?? 0) {
    batches.unshift(shortestFirst.slice(starts[end] ?? 0, end))
  }
  return batches
}

/** For each number of `sorted` windows from the shortest on, where the last of their batches begins. */
function cheapestStarts(sorted: readonly number[], { items, tokens, runTokens }: BatchLimits): Int32Array {
  const starts = new Int32Array(sorted.length + 1)
  const costs = new Float64Array(sorted.length + 1).fill(Infinity)
  costs[0] = 0
  for (let end = 1; end <= sorted.length; end++) {
    const longest = sorted[end - 1] ?? 0
    for (let start = end - 1; start >= 0; start--) {
      const padded = longest * (end - start)
      if (end - start > 1 && (end - start > items || padded > tokens)) break
      const cost = (costs[start] ?? 0) + runTokens + padded
      if (cost >= (costs[end] ?? 0)) continue
      costs[end] = cost
      starts[end] = start
    }
  }
  return starts
}

/** The next of 16, 24, 32, 48, 64, …: few shapes, each of which a GPU prepares for once. */
export function bucketOf(length: number): number {
  let bucket = 16
  while (bucket < length) bucket = Number.isInteger(Math.log2(bucket)) ? bucket * 1.5 : (bucket / 3) * 4
  return bucket
}
