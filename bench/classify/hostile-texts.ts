/**
 * A megabyte (10^6 bytes of UTF-8) of each kind of text that was made to keep a canonicaliser busy. Harmless: what is
 * hidden is a line about a harbour. The same every time.
 */
import { seeded } from './texts.ts'

export const HOSTILE_BYTES = 1_000_000
const PHRASE = 'please write a short poem about the old harbour '

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const base64OfBytes = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const percent = (text: string): string => hex(text).replace(/../g, '%$&')
const tags = (text: string): string =>
  Array.from(text, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')
const selectors = (text: string): string =>
  Array.from(Buffer.from(text), (byte) =>
    String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16),
  ).join('')
const rotated = (text: string): string =>
  text.replace(/[a-z]/gi, (letter) => {
    const first = letter <= 'Z' ? 65 : 97
    return String.fromCharCode(((letter.charCodeAt(0) - first + 13) % 26) + first)
  })

/** `piece` again and again, until it is a megabyte. */
function repeated(piece: string): string {
  return cutToBytes(piece.repeat(Math.ceil(HOSTILE_BYTES / Buffer.byteLength(piece))))
}

function cutToBytes(text: string): string {
  return Buffer.from(text).subarray(0, HOSTILE_BYTES).toString('utf8')
}

/** Pieces that differ, until they are a megabyte. */
function generated(piece: (random: () => number) => string): string {
  const random = seeded(20261127)
  const pieces: string[] = []
  let bytes = 0
  while (bytes < HOSTILE_BYTES) {
    const next = piece(random)
    pieces.push(next)
    bytes += Buffer.byteLength(next)
  }
  return cutToBytes(pieces.join(''))
}

function oneOf(letters: string, random: () => number): string {
  return letters.charAt(Math.floor(random() * letters.length))
}

function word(random: () => number, letters: string, length: number): string {
  return Array.from({ length }, () => oneOf(letters, random)).join('')
}

function bytes(random: () => number, size: number): string {
  return Array.from({ length: size }, () => String.fromCharCode(Math.floor(random() * 256))).join('')
}

function nestedBase64(): string {
  let nested = PHRASE.repeat(100)
  while (nested.length < HOSTILE_BYTES) nested = base64(nested)
  return nested.slice(0, HOSTILE_BYTES)
}

/** As much in each layer as is looked into, and hardest to read in the last. */
function nestedWithinBounds(): string {
  const leet = HOSTILE_TEXTS['leetspeak']?.().slice(0, 90_000) ?? ''
  return repeated(
    `${base64(hex(leet.slice(0, 30_000)))} ${percent(base64(leet.slice(30_000)))} ${PHRASE.repeat(9_000)}`,
  )
}

const LEET = 'a1e3o0s5t7b8g9i!4@$'

export const HOSTILE_TEXTS: Readonly<Record<string, () => string>> = {
  'one letter': () => repeated('a'),
  'zero width': () => repeated('a\u200b'),
  'zero width in words': () => repeated(PHRASE.replaceAll('o', 'o\u200b')),
  tags: () => repeated(tags(PHRASE)),
  'tags apart': () => repeated(`a${tags('b')}`),
  'variation selectors': () => repeated(`a${selectors(PHRASE)}`),
  'bidirectional marks': () => repeated('a\u202eb\u202c'),
  confusables: () => repeated('please wrіte а shоrt рoem '),
  'confusables in one word': () => repeated('aе'),
  base64: () => repeated(base64(PHRASE.repeat(40))),
  'nested base64': nestedBase64,
  'nested within bounds': nestedWithinBounds,
  'wrapped base64': () => repeated(`${base64(PHRASE.repeat(4)).slice(0, 76)}\n`),
  'many small base64 runs': () => generated((random) => `${base64(word(random, LEET + 'qrz', 12))} `),
  'almost base64': () => generated((random) => `${word(random, 'abcXYZ019', 15)}.`),
  hex: () => repeated(hex(PHRASE)),
  'hex with commas': () => repeated('0x68, 0x61, '),
  percent: () => repeated(percent(PHRASE)),
  'bare percent signs': () => repeated('%'),
  'percent pairs apart': () => repeated('%41a'),
  escapes: () => repeated(Array.from(PHRASE, (c) => `\\u00${hex(c)}`).join('')),
  'entities without an end': () => repeated('&#'),
  rot13: () => repeated(`${rotated(PHRASE)}\n`),
  'rot13 in one line': () => repeated(rotated(PHRASE)),
  'combining marks': () => repeated('e\u0301\u0302\u0303\u0304\u0305'),
  leetspeak: () => generated((random) => `${word(random, LEET, 3 + Math.floor(random() * 10))} `),
  'leetspeak of words': () => repeated('pl3as3 wr1te a sh0rt p03m ab0ut th3 0ld h4rb0ur '),
  'ones only': () => repeated('a1'),
  'ones for many words': () => repeated('a!1!1!1!1!1!1!1!1!1!1!1 '),
  'spelt out': () => repeated(`${[...PHRASE.replaceAll(' ', '')].join(' ')}  `),
  'spelt out in one run': () => repeated('h a r b o u r '),
  'spelt out with strange gaps': () =>
    generated((random) => oneOf('abcdefghij', random) + oneOf(' .-_*', random)),
  'short lines': () => repeated('na\n'),
  'lines like code': () => repeated('if\n'),
  'full width': () => repeated('ｐｌｅａｓｅ '),
  'rotated base64': () => repeated(`${rotated(base64(PHRASE.repeat(40)))} `),
  'rotated hex': () => repeated(`${rotated(hex(PHRASE))}. `),
  'bytes in base64': () => generated((random) => `${base64OfBytes(bytes(random, 24))} `),
  'bytes in wrapped base64': () => generated((random) => `${base64OfBytes(bytes(random, 57))}\n`),
  'percent in hex in base64': () => repeated(`${base64(hex(percent(PHRASE)))} `),
  'percent of many bytes': () => repeated(percent('Сегодня хорошая погода ')),
  'entities of many bytes': () => repeated('&#x421;&#1086;&#128522;'),
  'scripts by turns': () => repeated('aбcδeжgηiйkλ '),
  'scripts by turns in one word': () => repeated('aбcδeжgηiйkλ'),
  'brackets in brackets': () => `${'[{"a":'.repeat(90_000)}1${'}]'.repeat(230_000)}`,
  'one long token': () => generated((random) => word(random, 'abcdefghijklmnopqrstuvwxyz0123456789', 64)),
  'one word a line': () =>
    generated((random) => `${word(random, 'aeinorst', 1 + Math.floor(random() * 6))}\n`),
  'white space': () => repeated(' \t\n\u00a0'),
  'letters and marks by turns': () =>
    generated((random) => `${oneOf('aeio', random)}${oneOf('\u0301\u0327\u0345', random)}`),
  'spelt out in rotated letters': () => repeated(`${[...rotated(PHRASE.replaceAll(' ', ''))].join('-')} `),
  'leetspeak in one token': () => generated((random) => word(random, LEET, 24) + oneOf(' .', random)),
  'selectors by threes': () => repeated('a\ufe01\ufe02\ufe03'),
  'flags and tags': () => repeated('\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}\u{e0061}'),
  'mail addresses': () => repeated('a.b@c.example, '),
  'random bytes': () => generated((random) => String.fromCharCode(Math.floor(random() * 256))),
  'random units': () =>
    generated((random) => String.fromCodePoint(Math.floor(random() * 0xd7ff)).toWellFormed()),
  emoji: () => repeated('👩‍👩‍👧❤️🏴󠁧󠁢󠁥󠁮󠁧󠁿'),
  'another script': () => repeated('Сегодня хорошая погода, и мы идём гулять. '),
  'quotation marks': () => repeated(`"'`),
  'schemes alone': () => repeated('https://'),
  'dots behind a scheme': () => repeated(`http://${'.'.repeat(299)}a`),
  'one host again and again': () => repeated('http://a.b/ '),
  prose: () => repeated(PHRASE),
}
