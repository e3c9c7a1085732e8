/**
 * How a set of counts that has grown too large stays bounded: the median count is taken from all, and what falls to
 * nothing is forgotten.
 *
 * Sources: Misra, Gries, "Finding repeated elements", 1982; that merging keeps the bound: Agarwal, Cormode, Huang,
 * Phillips, Wei, Yi, "Mergeable summaries", 2012 (it is Space-Saving told from below).
 */
import { Counts } from './counts.ts'

export interface Halved {
  readonly kept: Counts
  /** What was taken from each of those that were kept. */
  readonly taken: number
}

export function withoutRarerHalf(counts: Counts): Halved {
  const all: number[] = []
  counts.forEach((_hash, count) => all.push(count))
  const taken = all.sort((a, b) => a - b)[all.length >> 1] ?? 0
  const kept = new Counts()
  counts.forEach((hash, count) => {
    if (count > taken) kept.add(hash, count - taken)
  })
  return { kept, taken }
}
