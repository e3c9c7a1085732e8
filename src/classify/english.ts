/**
 * English by its function words: enough to tell English from a cipher of it, not from every other language.
 *
 * F1. Words are read by a table, one look a unit and nothing to decide at any: where words end is the sender's to choose, so that
 *     no processor could foresee it.
 */
import { LETTERS, letterOf, tableOfAscii, type Units } from './units.ts'

const ROTATION = 13
const FUNCTION_WORDS =
  'a about all an and any are as at be but by can could do does for from give had has have he her his how i if in is ' +
  'it its make me more my no not of on or our please she so some that the their them then there these they this to ' +
  'up us was we what when which who why will with would write you your'

/** By UTF-16 units, the numbers of letters: 1 to 26, 0 for what is none and ends a word. */
const LETTER_NUMBERS = tableOfAscii((unit) => letterOf(unit) + 1)
/** A row of the table: what ends a word, then the letters. A power of two. */
const STRIDE = 32
/** Between words. */
const BETWEEN = 0
/** In a word that no function word begins like. */
const STRANGE = STRIDE
/** A word ends here; it is a function word as it is; it is one when its letters are rotated by half of the alphabet. */
const IS_WORD = 1
const IS_FUNCTION_WORD = 2
const IS_ROTATED_WORD = 4

/** Rows stand for what was read of a word, each known by where it begins. */
class WordTable {
  /** Where the row behind a row and the number of a letter begins. */
  readonly next: Uint16Array
  /** What is told by the unit of that number behind that row. */
  readonly told: Uint8Array

  constructor(words: readonly string[]) {
    const mostRows = 2 + 2 * words.reduce((letters, word) => letters + word.length, 0)
    this.next = new Uint16Array(mostRows * STRIDE).fill(STRANGE)
    this.told = new Uint8Array(mostRows * STRIDE)
    this.next[BETWEEN] = BETWEEN
    this.#endWord(STRANGE, IS_WORD)
    let rows = 2
    const keep = (letters: readonly number[], kind: number): void => {
      let row = BETWEEN
      for (const letter of letters) {
        const at = row + letter + 1
        if (this.next[at] === STRANGE) this.#endWord((this.next[at] = STRIDE * rows++), IS_WORD)
        row = this.next[at] ?? STRANGE
      }
      this.#endWord(row, kind)
    }
    for (const word of words) {
      const letters = Array.from(word, (letter) => letterOf(letter.charCodeAt(0)))
      keep(letters, IS_FUNCTION_WORD)
      keep(
        letters.map((letter) => (letter + ROTATION) % LETTERS),
        IS_ROTATED_WORD,
      )
    }
  }

  #endWord(row: number, kind: number): void {
    this.next[row] = BETWEEN
    this.told[row] = (this.told[row] ?? 0) | kind
  }
}

const TABLE = new WordTable(FUNCTION_WORDS.split(' '))

export interface EnglishCount {
  /** That are letters only. */
  readonly words: number
  /** How many of them are English function words. */
  readonly functionWords: number
  /** How many are when their letters are rotated by 13. */
  readonly rotatedWords: number
}

/** Counts the words between `start` and `end`. */
export function countEnglish(text: Units, start = 0, end = text.length): EnglishCount {
  const { next, told } = TABLE
  let words = 0
  let functionWords = 0
  let rotatedWords = 0
  let row = BETWEEN
  for (let at = start; at < end; at++) {
    const step = row + (LETTER_NUMBERS[text[at] ?? 0] ?? 0)
    const found = told[step] ?? 0
    words += found & IS_WORD
    functionWords += (found & IS_FUNCTION_WORD) >> 1
    rotatedWords += found >> 2
    row = next[step] ?? BETWEEN
  }
  const last = told[row] ?? 0
  return {
    words: words + (last & IS_WORD),
    functionWords: functionWords + ((last & IS_FUNCTION_WORD) >> 1),
    rotatedWords: rotatedWords + (last >> 2),
  }
}
