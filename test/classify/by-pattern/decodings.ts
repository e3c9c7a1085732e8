/** What is encoded in a text, by patterns; see readings.ts. */
import type { Decoded } from '../../../src/classify/decode.ts'
import type { Disguise } from '../../../src/classify/disguise.ts'

const BASE64_RUN = /^[A-Za-z0-9+/_-]{16,}={0,2}$/
/** Lines that are long enough go on in the next. */
const WRAPPED_BASE64_RUN = /(?:[A-Za-z0-9+/_-]|(?<=[A-Za-z0-9+/]{60})\r?\n(?=[A-Za-z0-9+/]{4}))+={0,2}/g
const HEX_RUN = /(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s,:]{0,2}){8,}/g
const PERCENT_RUN = /(?:%[0-9a-fA-F]{2})+/g
const ESCAPE = /\\u([0-9a-fA-F]{4})|&#x([0-9a-fA-F]{2,6});|&#([0-9]{2,7});/g
const LEAST_PRINTABLE_SHARE = 0.9
const LEAST_ROT13_WORDS = 4
const LEAST_ROTATED_BYTES = 24

/** Everything that decodes: payloads alone for base64, hex and rot13, the text in place for escapes. */
export function decodeAll(text: string): readonly Decoded[] {
  const decoded: Decoded[] = [
    alone('base64', base64Payloads(text)),
    alone('hex', hexPayloads(text)),
    { disguise: 'percent', text: unescapePercent(text), payload: escapedStretches(text, percentAsText) },
    { disguise: 'escapes', text: unescapeCodes(text), payload: escapedStretches(text, unescapeCodes) },
    alone('rot13', rot13Lines(text)),
    alone('rot13', rotatedBase64(text)),
    alone('rot13', rotatedHex(text)),
  ]
  return decoded.filter((candidate) => candidate.text !== '' && candidate.text !== text)
}

function alone(disguise: Disguise, payload: string): Decoded {
  return { disguise, text: payload, payload }
}

/** Of each line, what reaches from the first word that held an escape to the last, undone. */
function escapedStretches(text: string, unescape: (line: string) => string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const words = [...line.matchAll(/[^\t-\r ]+/g)].filter(([word]) => unescape(word) !== word)
      const [first, last] = [words.at(0), words.at(-1)]
      if (first === undefined || last === undefined) return []
      return [unescape(line.slice(first.index, last.index + last[0].length))]
    })
    .join('\n')
}

function base64Payloads(text: string): string {
  return readable(base64Runs(text).map((run) => bytesOf(run)))
}

/** B1: runs that read as text only when they are rotated. */
function rotatedBase64(text: string): string {
  return base64Runs(text)
    .filter((run) => isRotatedRun(run))
    .map((run) => rot13(run.replace(/=+$/, '')))
    .join('\n\n')
}

function isRotatedRun(run: string): boolean {
  const bytes = bytesOf(rot13(run))
  return !isText(bytesOf(run)) && bytes.length >= LEAST_ROTATED_BYTES && isText(bytes)
}

/** Runs, and each line of those that say nothing as a whole, rotated or not. */
function base64Runs(text: string): readonly string[] {
  return matches(text, WRAPPED_BASE64_RUN)
    .filter((run) => BASE64_RUN.test(unwrapped(run)))
    .flatMap((run) => (isText(bytesOf(run)) || isRotatedRun(run) ? [run] : linesOf(run)))
}

function bytesOf(run: string): Buffer {
  return Buffer.from(unwrapped(run), 'base64')
}

function unwrapped(run: string): string {
  return run.replace(/[\r\n]/g, '')
}

/** Each line of a run that says nothing as a whole. */
function linesOf(run: string): readonly string[] {
  return run.split(/\r?\n/).filter((line) => BASE64_RUN.test(line))
}

function hexPayloads(text: string): string {
  const runs = matches(text, HEX_RUN).map((run) => run.replace(/0x|\\x|[\s,:]/g, ''))
  return readable(runs.map((run) => Buffer.from(run, 'hex')))
}

/** Stretches of what may stand in rotated runs of hex, with rotated digits beside decimal ones. */
function rotatedHex(text: string): string {
  const found = matches(text, /[0-9n-sN-S\s,:\\k]{48,}/g)
    .filter((stretch) => (stretch.match(/(?<=[0-9])[n-s]|[n-s](?=[0-9])/gi)?.length ?? 0) >= 4)
    .map((stretch) => `${rot13(stretch)}.`)
    .join('')
  return hexPayloads(found) === '' ? '' : found
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([run]) => run)
}

function readable(payloads: readonly Buffer[]): string {
  return payloads
    .filter(isText)
    .map((bytes) => bytes.toString('utf8'))
    .join('\n\n')
}

function isText(bytes: Buffer): boolean {
  return bytes.length >= 8 && isPrintable(bytes.toString('utf8'))
}

/** D3: letters, digits, punctuation, white space and the invisible make up at least nine tenths; there is a word, or one is smuggled. */
function isPrintable(text: string): boolean {
  const strange = text.match(/[^\p{L}\p{M}\p{N}\p{P}\p{Zs}\p{Emoji}\p{Cf}$+<=>^`|~\s]/gu)?.length ?? 0
  if (strange > (1 - LEAST_PRINTABLE_SHARE) * text.length) return false
  const smuggling = text.match(/[\u{e0000}-\u{e007f}\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu)?.length ?? 0
  return smuggling >= 4 || /[\p{L}\p{N}]\p{Cf}*[\p{L}\p{N}]/u.test(text)
}

function unescapePercent(text: string): string {
  if ((text.match(PERCENT_RUN)?.length ?? 0) < 2 && !/(?:%[0-9a-fA-F]{2}){4}/.test(text)) return ''
  return percentAsText(text)
}

function percentAsText(text: string): string {
  return text.replace(PERCENT_RUN, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
}

function unescapeCodes(text: string): string {
  return text.replace(ESCAPE, (whole, unit?: string, hex?: string, decimal?: string) => {
    const code = decimal === undefined ? parseInt(unit ?? hex ?? '', 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

/** Lines that read as English only after rotation; line by line, so that an honest preface hides nothing. */
function rot13Lines(text: string): string {
  return text
    .split(/[\r\n]+/)
    .filter(isRotated)
    .map(rot13)
    .join('\n')
}

function isRotated(line: string): boolean {
  const plain = countEnglish(line)
  if (plain.words < LEAST_ROT13_WORDS || plain.functionWords > plain.words / 10) return false
  if ((line.match(/[^A-Za-z0-9+/=]/g)?.length ?? 0) < LEAST_ROT13_WORDS - 1) return false
  const rotated = countEnglish(rot13(line))
  return rotated.functionWords >= 2 && rotated.functionWords >= rotated.words / 5
}

function rot13(text: string): string {
  return text.replace(/[A-Za-z]/g, (letter) => {
    const base = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
  })
}

const FUNCTION_WORDS = new Set(
  (
    'a about all an and any are as at be but by can could do does for from give had has have he her his how i if in is ' +
    'it its make me more my no not of on or our please she so some that the their them then there these they this to ' +
    'up us was we what when which who why will with would write you your'
  ).split(' '),
)

/** Words that are letters only, and how many of them are English function words. */
function countEnglish(text: string): { readonly words: number; readonly functionWords: number } {
  let words = 0
  let functionWords = 0
  for (const [word] of text.matchAll(/[A-Za-z]+/g)) {
    words++
    if (word.length <= 6 && FUNCTION_WORDS.has(word.toLowerCase())) functionWords++
  }
  return { words, functionWords }
}
