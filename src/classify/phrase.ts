/**
 * Phrases as people write them down, a small part of what regular expressions know: letters, digits, `\d`, `\.`, `[a-z]`,
 * `(?:a|b)`, `?`, `+`, `{2,}` and `{1,2}`.
 *
 * F1. What is not understood is refused, so that no phrase means another thing than it would as a regular expression.
 */
import { tableOfAscii } from './units.ts'

export type Phrase =
  | { readonly kind: 'unit'; readonly classes: readonly number[] }
  | { readonly kind: 'all'; readonly parts: readonly Phrase[] }
  | { readonly kind: 'any'; readonly options: readonly Phrase[] }
  | { readonly kind: 'times'; readonly part: Phrase; readonly least: number; readonly most: number }

/** Units that phrases tell apart, either case of a letter being one; all others are the class behind the last. */
const TOLD_APART = `abcdefghijklmnopqrstuvwxyz0123456789_ -/.'%:`
/** So many of these are what words are made of. */
const WORD_CLASSES = 37
const OTHER = TOLD_APART.length
export const CLASSES = OTHER + 1
const CLASS_OF_UNIT = tableOfAscii((unit) => {
  const found = TOLD_APART.indexOf(String.fromCharCode(unit).toLowerCase())
  return found < 0 ? OTHER : found
}, OTHER)

/** The class of a UTF-16 unit. */
export function classOf(unit: number): number {
  return CLASS_OF_UNIT[unit] ?? OTHER
}

/** Letters, digits and the underscore. */
export function isOfWord(classNumber: number): boolean {
  return classNumber < WORD_CLASSES
}

export function parsePhrase(source: string): Phrase {
  const parser = new PhraseParser(source)
  const phrase = parser.any()
  if (!parser.isAtEnd) parser.refuse()
  return phrase
}

class PhraseParser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  get isAtEnd(): boolean {
    return this.#at === this.#source.length
  }

  refuse(): never {
    throw new Error(`no phrase: "${this.#source}", from ${this.#at}`)
  }

  any(): Phrase {
    const options = [this.#all()]
    while (this.#eat('|')) options.push(this.#all())
    const [only] = options
    return options.length === 1 && only !== undefined ? only : { kind: 'any', options }
  }

  #all(): Phrase {
    const parts: Phrase[] = []
    while (!this.isAtEnd && !this.#sees('|') && !this.#sees(')')) parts.push(this.#repeated(this.#one()))
    return { kind: 'all', parts }
  }

  #one(): Phrase {
    if (this.#eat('(?:')) {
      const phrase = this.any()
      if (!this.#eat(')')) this.refuse()
      return phrase
    }
    if (this.#eat('[')) return this.#set()
    if (this.#eat('\\d')) return unit('0123456789')
    if (this.#eat('\\.')) return unit('.')
    return unit(this.#plain())
  }

  #set(): Phrase {
    let members = ''
    while (!this.#eat(']')) {
      const first = this.#plain()
      const isRange = this.#sees('-') && this.#source[this.#at + 1] !== ']' && this.#eat('-')
      members += isRange ? between(first, this.#plain()) : first
    }
    return unit(members)
  }

  #plain(): string {
    const character = this.#source[this.#at++] ?? ''
    if (!TOLD_APART.includes(character) || '._'.includes(character)) this.refuse()
    return character
  }

  #repeated(part: Phrase): Phrase {
    if (this.#eat('?')) return { kind: 'times', part, least: 0, most: 1 }
    if (this.#eat('+')) return { kind: 'times', part, least: 1, most: Infinity }
    const counts = /^\{(\d+),(\d*)\}/.exec(this.#source.slice(this.#at))
    if (counts === null) return part
    this.#at += counts[0].length
    const most = counts[2] === '' ? Infinity : Number(counts[2])
    return { kind: 'times', part, least: Number(counts[1]), most }
  }

  #sees(text: string): boolean {
    return this.#source.startsWith(text, this.#at)
  }

  #eat(text: string): boolean {
    if (!this.#sees(text)) return false
    this.#at += text.length
    return true
  }
}

function unit(members: string): Phrase {
  return { kind: 'unit', classes: Array.from(members, (member) => classOf(member.charCodeAt(0))) }
}

function between(first: string, last: string): string {
  return TOLD_APART.slice(TOLD_APART.indexOf(first), TOLD_APART.indexOf(last) + 1)
}
