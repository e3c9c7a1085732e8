/**
 * Looks for many phrases at once, each unit of a text looked at once: an automaton whose states are made when a text first
 * comes to them (Thompson, "Regular expression search algorithm", Communications of the ACM, 1968).
 *
 * S1. A phrase begins where a word does. It ends where a word does, or as soon as it is said where its rule says so. Either
 *     case of letters is the same, as for a regular expression with the flag i.
 * S2. One step a unit, whatever the text, and nothing to decide but whether something is found: where words end is the sender's to
 *     choose, so that no processor could foresee it. States are as many as the phrases have, whoever asks.
 */
import { CLASSES, classOf, isOfWord, parsePhrase, type Phrase } from './phrase.ts'
import type { Units } from './units.ts'

export interface PhraseRule {
  readonly phrase: string
  /** What is told when it is found: a bit below the sixteenth. */
  readonly bit: number
  /** Whether a word may go on behind it. */
  readonly endsAnywhere?: boolean
}

/** A step of a phrase: on with a unit of these classes, or without one; or the end of a rule's phrase. */
interface Step {
  readonly classes: readonly number[]
  readonly next: number
  readonly without: readonly number[]
  readonly rule: PhraseRule | null
}

/** Where a text may be in all phrases at once. */
interface State {
  readonly steps: readonly number[]
  /** Of phrases that end here if no word goes on. */
  readonly endingBits: number
}

const STRIDE = 64
const UNKNOWN = 0
/** The row of the first state: nothing was read. */
const BEGIN = STRIDE
const SPACE = 32
const SPACE_CLASS = classOf(SPACE)

export class PhraseScanner {
  readonly #steps: Step[] = []
  /** Where phrases begin. */
  readonly #begins: readonly number[]
  readonly #states: State[] = [{ steps: [], endingBits: 0 }]
  readonly #numbers = new Map<string, number>()
  /**
   * A row a state: the row of the state after a class, at `row + class`; UNKNOWN where that was never asked for, and with a minus
   * where something is found on the way.
   */
  #table = new Int32Array(STRIDE * 64)
  /** What is found on the way to a state. */
  #bits = new Uint16Array(64)
  /** Where the text that is looked at has come to. */
  #row = BEGIN

  constructor(rules: readonly PhraseRule[]) {
    if (CLASSES > STRIDE) throw new Error('more classes than a row of the table has')
    this.#begins = rules.map((rule) =>
      this.#add(parsePhrase(rule.phrase), this.#step({ classes: [], next: 0, without: [], rule })),
    )
    this.#stateOf(this.#begins, 0)
  }

  /** Asks `see` for each place where phrases end, with their bits; it may say that this is enough. */
  scan(text: Units, see: (bits: number) => boolean): void {
    this.#row = BEGIN
    for (let at = this.#walk(text, 0); at < text.length; at = this.#walk(text, at + 1))
      if (!this.#arrive(classOf(text[at] ?? SPACE), see)) return
    // The end of a text is as good as a space.
    this.#arrive(SPACE_CLASS, see)
  }

  /** On from `start` while it is known that nothing is found; where that ends. */
  #walk(text: Units, start: number): number {
    const table = this.#table
    let row = this.#row
    let at = start
    for (; at < text.length; at++) {
      const next = table[row + classOf(text[at] ?? SPACE)] ?? UNKNOWN
      if (next <= 0) break
      row = next
    }
    this.#row = row
    return at
  }

  /** On by a unit of that class; false where `see` has seen enough. */
  #arrive(classNumber: number, see: (bits: number) => boolean): boolean {
    const known = this.#table[this.#row + classNumber] ?? UNKNOWN
    const next = known === UNKNOWN ? this.#after(this.#row, classNumber) : known
    this.#row = Math.abs(next)
    return next > 0 || !see(this.#bits[this.#row / STRIDE] ?? 0)
  }

  #step(step: Step): number {
    return this.#steps.push(step) - 1
  }

  /** The steps of a phrase, from its last to its first; `next` is what follows. */
  #add(phrase: Phrase, next: number): number {
    if (phrase.kind === 'unit') return this.#step({ classes: phrase.classes, next, without: [], rule: null })
    if (phrase.kind === 'all')
      return phrase.parts.reduceRight((behind, part) => this.#add(part, behind), next)
    if (phrase.kind === 'any') return this.#fork(phrase.options.map((option) => this.#add(option, next)))
    return this.#addTimes(phrase.part, phrase.least, phrase.most, next)
  }

  #addTimes(part: Phrase, least: number, most: number, next: number): number {
    let behind = next
    if (most === Infinity) {
      const without = [next]
      behind = this.#fork(without)
      without.push(this.#add(part, behind))
    } else for (let more = least; more < most; more++) behind = this.#fork([this.#add(part, behind), next])
    for (let times = 0; times < least; times++) behind = this.#add(part, behind)
    return behind
  }

  #fork(without: readonly number[]): number {
    return this.#step({ classes: [], next: 0, without, rule: null })
  }

  /** What the table says from now on of a unit of that class behind the state of that row. */
  #after(row: number, classNumber: number): number {
    const { steps = [], endingBits = 0 } = this.#states[row / STRIDE] ?? {}
    const isWord = isOfWord(classNumber)
    const reached = steps.flatMap((at) => {
      const step = this.#steps[at]
      return step?.classes.includes(classNumber) === true ? [step.next] : []
    })
    const after = this.#stateOf(isWord ? reached : [...reached, ...this.#begins], isWord ? 0 : endingBits)
    const isFound = (this.#bits[after] ?? 0) !== 0
    return (this.#table[row + classNumber] = isFound ? -after * STRIDE : after * STRIDE)
  }

  /** The number of the state of these steps and all that they reach without a unit. */
  #stateOf(begins: readonly number[], endedBits: number): number {
    const steps = new Set(begins)
    for (const at of steps) for (const next of this.#steps[at]?.without ?? []) steps.add(next)
    const units = [...steps].filter((at) => (this.#steps[at]?.classes.length ?? 0) > 0).sort((a, b) => a - b)
    const rules = [...steps].flatMap((at) => this.#steps[at]?.rule ?? [])
    const endingBits = bitsOf(rules.filter(({ endsAnywhere }) => endsAnywhere !== true))
    const bits = endedBits | bitsOf(rules.filter(({ endsAnywhere }) => endsAnywhere === true))
    const key = `${units.join()} ${endingBits} ${bits}`
    return this.#numbers.get(key) ?? this.#newState(key, { steps: units, endingBits }, bits)
  }

  #newState(key: string, state: State, bits: number): number {
    const number = this.#states.push(state) - 1
    if (number === this.#bits.length) this.#grow()
    this.#bits[number] = bits
    this.#numbers.set(key, number)
    return number
  }

  #grow(): void {
    const table = new Int32Array(this.#table.length * 2)
    const bits = new Uint16Array(this.#bits.length * 2)
    table.set(this.#table)
    bits.set(this.#bits)
    this.#table = table
    this.#bits = bits
  }
}

function bitsOf(rules: readonly PhraseRule[]): number {
  return rules.reduce((bits, { bit }) => bits | bit, 0)
}
