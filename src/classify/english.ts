/** English by its function words: enough to tell English from a cipher of it, not from every other language. */
import { LETTERS, letterOf, type Units } from './units.ts'

const LONGEST = 6
const FUNCTION_WORDS = new Set(
  (
    'a about all an and any are as at be but by can could do does for from give had has have he her his how i if in is ' +
    'it its make me more my no not of on or our please she so some that the their them then there these they this to ' +
    'up us was we what when which who why will with would write you your'
  )
    .split(' ')
    .map((word) => [...word].reduce((key, letter) => keyOf(key, letterOf(letter.charCodeAt(0))), 0)),
)

/** A number for a word of up to six letters, letter by letter: no string a word. */
function keyOf(before: number, letter: number): number {
  return before * 32 + letter + 1
}

/**
 * Words that are letters only, between `start` and `end`, and how many of them are English function words, with every letter
 * moved on by `rotation`.
 */
export function countEnglish(
  text: Units,
  start = 0,
  end = text.length,
  rotation = 0,
): { readonly words: number; readonly functionWords: number } {
  let words = 0
  let functionWords = 0
  let length = 0
  let key = 0
  for (let at = start; at <= end; at++) {
    const letter = at < end ? letterOf(text[at] ?? 0) : -1
    if (letter >= 0) {
      if (++length <= LONGEST) key = keyOf(key, (letter + rotation) % LETTERS)
    } else if (length > 0) {
      words++
      if (length <= LONGEST && FUNCTION_WORDS.has(key)) functionWords++
      length = 0
      key = 0
    }
  }
  return { words, functionWords }
}
