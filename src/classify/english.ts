/** English by its function words: enough to tell English from a cipher of it, not from every other language. */
const FUNCTION_WORDS = new Set(
  (
    'a about all an and any are as at be but by can could do does for from give had has have he her his how i if in is ' +
    'it its make me more my no not of on or our please she so some that the their them then there these they this to ' +
    'up us was we what when which who why will with would write you your'
  ).split(' '),
)

/** Words that are letters only, and how many of them are English function words. */
export function countEnglish(text: string): { readonly words: number; readonly functionWords: number } {
  let words = 0
  let functionWords = 0
  for (const [word] of text.matchAll(/[A-Za-z]+/g)) {
    words++
    if (word.length <= 6 && FUNCTION_WORDS.has(word.toLowerCase())) functionWords++
  }
  return { words, functionWords }
}
