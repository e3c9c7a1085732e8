/**
 * Letters of other alphabets that look like Latin ones (a small part of Unicode's confusables, UTS #39), folded only
 * in words that mix alphabets: a Russian sentence stays Russian.
 */
const LOOK_ALIKES: readonly (readonly [string, string])[] = [
  ['аӕɑα', 'aaaa'],
  ['еєҽℯ', 'eeee'],
  ['оοօ୦', 'oooo'],
  ['рρ', 'pp'],
  ['сϲ', 'cc'],
  ['уγу', 'yyy'],
  ['хχ', 'xx'],
  ['іιӏı', 'iili'],
  ['ѕյһԁ', 'sjhd'],
  ['ԛԝѵν', 'qwvv'],
  ['кκтτмп', 'kkttmn'],
  ['вԍнգզ', 'bghqq'],
  ['АΑВΒЕΕ', 'AABBEE'],
  ['КΚМΜНΗ', 'KKMMHH'],
  ['ОΟРΡСϹ', 'OOPPCC'],
  ['ТΤХΧУΥ', 'TTXXYY'],
  ['ІΙЈЅΝΖ', 'IIJSNZ'],
  ['ոսհɡ', 'nuhg'],
]

const FOLD = new Map(
  LOOK_ALIKES.flatMap(([from, to]) => [...from].map((letter, i) => [letter, to[i] ?? letter] as const)),
)
const WORD_WITH_STRANGERS = /[\p{L}\p{N}]*[\u0250-\u058f\u2100-\u214f\u0b66][\p{L}\p{N}]*/gu

/** Latin look-alikes in words that also hold a Latin letter become that letter; all else stays. */
export function foldConfusables(text: string): string {
  return text.replace(WORD_WITH_STRANGERS, (word) => (/[A-Za-z]/.test(word) ? foldWord(word) : word))
}

function foldWord(word: string): string {
  let folded = ''
  for (const letter of word) folded += FOLD.get(letter) ?? letter
  return folded
}
