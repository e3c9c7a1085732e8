/** English by its function words: enough to tell English from a cipher of it, not from every other language. */
import { LETTERS, letterOf, type Units } from './units.ts'

const LONGEST = 6
/** Many more than words, so that hardly two of them want the same. */
const SLOTS = 1024
const ROTATION = 13
const PLAIN = 1
const ROTATED = 2
const FUNCTION_WORDS =
  'a about all an and any are as at be but by can could do does for from give had has have he her his how i if in is ' +
  'it its make me more my no not of on or our please she so some that the their them then there these they this to ' +
  'up us was we what when which who why will with would write you your'

/** By ASCII units, the numbers of letters: 1 to 26, 0 for what is none. */
const LETTER_NUMBERS = Uint8Array.from({ length: 128 }, (_, unit) => letterOf(unit) + 1)

/** Words by their numbers, each in the first free slot from its own on; 0 where a slot is free. */
const KEYS = new Int32Array(SLOTS)
/** Whether the word in the slot is a function word as it is, or when its letters are rotated by half of the alphabet, or both. */
const KINDS = new Uint8Array(SLOTS)
for (const word of FUNCTION_WORDS.split(' ')) {
  const letters = Array.from(word, (letter) => letterOf(letter.charCodeAt(0)))
  keep(letters, PLAIN)
  keep(
    letters.map((letter) => (letter + ROTATION) % LETTERS),
    ROTATED,
  )
}

function keep(letters: readonly number[], kind: number): void {
  const slot = slotOf(letters.reduce((before, letter) => keyOf(before, letter + 1), 0))
  KEYS[slot] = letters.reduce((before, letter) => keyOf(before, letter + 1), 0)
  KINDS[slot] = (KINDS[slot] ?? 0) | kind
}

/** A number for a word of up to six letters, letter by letter: no string a word. */
function keyOf(before: number, letter: number): number {
  return (before << 5) | letter
}

/** Where the word of that number is, or would be. Knuth's multiplicative hash: the upper ten bits. */
function slotOf(key: number): number {
  for (let slot = Math.imul(key, 0x9e3779b1) >>> 22; ; slot = (slot + 1) % SLOTS) {
    const found = KEYS[slot] ?? 0
    if (found === key || found === 0) return slot
  }
}

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
  let words = 0
  let functionWords = 0
  let rotatedWords = 0
  let length = 0
  let key = 0
  for (let at = start; at <= end; at++) {
    const unit = at < end ? (text[at] ?? 0) : 0
    const letter = unit < 128 ? (LETTER_NUMBERS[unit] ?? 0) : 0
    if (letter > 0) {
      if (++length <= LONGEST) key = keyOf(key, letter)
    } else if (length > 0) {
      words++
      if (length <= LONGEST) {
        const kinds = KINDS[slotOf(key)] ?? 0
        functionWords += kinds & PLAIN
        rotatedWords += kinds >> 1
      }
      length = 0
      key = 0
    }
  }
  return { words, functionWords, rotatedWords }
}
