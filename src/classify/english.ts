/** English by its function words: enough to tell English from a cipher of it, not from every other language. */
import { LETTERS, letterOf, type Units } from './units.ts'

const LONGEST = 6
/** Many more than words, so that hardly two of them want the same. */
const SLOTS = 1024
const FUNCTION_WORDS = slotsOf(
  'a about all an and any are as at be but by can could do does for from give had has have he her his how i if in is ' +
    'it its make me more my no not of on or our please she so some that the their them then there these they this to ' +
    'up us was we what when which who why will with would write you your',
)

/** By ASCII units, the numbers of letters that are moved on so far in the alphabet: 1 to 26, 0 for what is none. */
export function lettersMovedBy(rotation: number): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, unit) => {
    const letter = letterOf(unit)
    return letter < 0 ? 0 : ((letter + rotation) % LETTERS) + 1
  })
}

const UNMOVED = lettersMovedBy(0)

/** A number for a word of up to six letters, letter by letter: no string a word. */
function keyOf(before: number, letter: number): number {
  return before * 32 + letter
}

/** The words' numbers, each in the first free slot from its own on; 0 where a slot is free. */
function slotsOf(words: string): Int32Array {
  const slots = new Int32Array(SLOTS)
  for (const word of words.split(' ')) {
    const key = [...word].reduce((before, letter) => keyOf(before, letterOf(letter.charCodeAt(0)) + 1), 0)
    let slot = slotOf(key)
    while (slots[slot] !== 0) slot = (slot + 1) % SLOTS
    slots[slot] = key
  }
  return slots
}

/** Knuth's multiplicative hash: the upper ten bits. */
function slotOf(key: number): number {
  return Math.imul(key, 0x9e3779b1) >>> 22
}

function isFunctionWord(key: number): boolean {
  for (let slot = slotOf(key); ; slot = (slot + 1) % SLOTS) {
    const found = FUNCTION_WORDS[slot] ?? 0
    if (found === key || found === 0) return found === key
  }
}

/**
 * Words that are letters only, between `start` and `end`, and how many of them are English function words, read with
 * `letters` (`lettersMovedBy`).
 */
export function countEnglish(
  text: Units,
  start = 0,
  end = text.length,
  letters = UNMOVED,
): { readonly words: number; readonly functionWords: number } {
  let words = 0
  let functionWords = 0
  let length = 0
  let key = 0
  for (let at = start; at <= end; at++) {
    const unit = at < end ? (text[at] ?? 0) : 0
    const letter = unit < 128 ? (letters[unit] ?? 0) : 0
    if (letter > 0) {
      if (++length <= LONGEST) key = keyOf(key, letter)
    } else if (length > 0) {
      words++
      if (length <= LONGEST && isFunctionWord(key)) functionWords++
      length = 0
      key = 0
    }
  }
  return { words, functionWords }
}
