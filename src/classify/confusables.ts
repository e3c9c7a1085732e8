/**
 * Letters of other alphabets that look like Latin ones (a small part of Unicode's confusables, UTS #39), folded only
 * in words that mix alphabets: a Russian sentence stays Russian.
 *
 * F1. As long as it was; linear time, whatever the length of a word.
 */
import { characterKinds, LETTER, NUMBER } from './characters.ts'
import { ALL_UNITS, codeAt, tableOfAscii, textOf, unitsOf, unitsOfCode, type Units } from './units.ts'

/** Letters, and what each of them looks like. */
export const LOOK_ALIKES: readonly (readonly [string, string])[] = [
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

/** What each UTF-16 unit becomes. */
const FOLD = foldTable()

function foldTable(): Uint16Array {
  const table = Uint16Array.from({ length: 0x10000 }, (_, unit) => unit)
  for (const [from, to] of LOOK_ALIKES)
    for (let at = 0; at < from.length; at++) table[from.charCodeAt(at)] = to.charCodeAt(at)
  return table
}

const FIRST_STRANGER = 0x250
/** ASCII that is neither letter nor digit. */
const IS_BREAK = tableOfAscii((unit) => (/[A-Za-z0-9]/.test(String.fromCharCode(unit)) ? 0 : 1))

/** Whether no word goes on behind a unit, whatever stands around it. */
export function isBreak(unit: number): boolean {
  return IS_BREAK[unit] === 1
}

const IS_STRANGER = Uint8Array.from({ length: ALL_UNITS }, (_, unit) => (isStranger(unit) ? 1 : 0))

/** Letters, signs and marks of which a look-alike may be one: a text without any has none to fold. */
export function isStranger(unit: number): boolean {
  return (unit >= FIRST_STRANGER && unit <= 0x58f) || (unit >= 0x2100 && unit <= 0x214f) || unit === 0xb66
}

/** Latin look-alikes in words that also hold a Latin letter become that letter; all else stays. Words without a stranger are not read. */
export function foldConfusables(text: string): string {
  const units = unitsOf(text)
  let isFolded = false
  for (let at = 0, stranger = strangerFrom(units, 0); stranger < units.length;) {
    for (at = afterBreak(units, at, stranger); at <= stranger;) {
      const end = wordEnd(units, at)
      if (end < 0) {
        isFolded = true
        foldBetween(units, at, -end)
      }
      at = Math.max(Math.abs(end), at + 1)
    }
    stranger = strangerFrom(units, at)
  }
  return isFolded ? textOf(units) : text
}

/** The first stranger from `start` on; behind the text where there is none. */
function strangerFrom(text: Units, start: number): number {
  let at = start
  while (at < text.length && IS_STRANGER[text[at] ?? 0] === 0) at++
  return at
}

/** Behind the last unit between `start` and `end` that no word holds: whatever stands before it, words begin anew there. */
function afterBreak(text: Units, start: number, end: number): number {
  let at = end
  while (at > start && IS_BREAK[text[at - 1] ?? 0] === 0) at--
  return at
}

/**
 * Where the letters and digits at `start` end; where a stranger that is neither (a mark, a sign) follows them, that one and
 * the letters and digits behind it belong to them. Negative for a mixed word: one with a stranger and a Latin letter.
 */
function wordEnd(text: Units, start: number): number {
  const kinds = characterKinds()
  let hasStranger = false
  let hasLatin = false
  let isJoined = false
  let at = start
  while (at < text.length) {
    const code = codeAt(text, at)
    if (code < 0x80) {
      if ((kinds.of(code) & (LETTER | NUMBER)) === 0) break
      if (code >= 65) hasLatin = true
      at++
      continue
    }
    const isInside = (kinds.of(code) & (LETTER | NUMBER)) !== 0
    const isStrange = isStranger(code)
    if (!isInside && (!isStrange || isJoined)) break
    if (!isInside) isJoined = true
    if (isStrange) hasStranger = true
    at += unitsOfCode(code)
  }
  return hasStranger && hasLatin ? -at : at
}

function foldBetween(units: Units, start: number, end: number): void {
  for (let at = start; at < end; at++) units[at] = FOLD[units[at] ?? 0] ?? 0
}
