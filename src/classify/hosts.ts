/**
 * The hosts of the addresses that a text names, each once, in order: `Read https://www.shop.example/a` names
 * shop.example.
 *
 * O1. Of addresses with a scheme, or that begin with www. Without user, port and a leading www., in lower case.
 * O2. What has no dot, or is an address of a private network, is nobody else's host and is left out.
 * O3. All of the text is read, in linear time and by units, a step for each slice of it.
 *     At most MOST_HOSTS are remembered.
 */
import { MOST_HOSTS } from '../domain/verdict.ts'
import { atOnce, SLICE_UNITS, type Steps } from './in-slices.ts'
import { PieceReader, type Units } from './units.ts'

const PREFIX = /https?:\/\/|www\./i
const PRIVATE = /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+$/
const LONGEST_AUTHORITY = 300
/** From its prefix on, as far as it is looked at. */
const LONGEST_ADDRESS = LONGEST_AUTHORITY + 'https://www.'.length
const AT_SIGN = '@'.charCodeAt(0)
const COLON = ':'.charCodeAt(0)
const DOT = '.'.charCodeAt(0)
const LETTER_H = 'h'.charCodeAt(0)
const LETTER_W = 'w'.charCodeAt(0)
const CASE = 32

/** Ends an authority: white space, quotation marks, brackets, and what a path, a query or a fragment begins with. */
const STOP = 1
/** Letters, digits and the underscore: an address does not begin with www. behind one. */
const WORD = 2
const DIGIT = 4
/** Of a sentence rather than of an address that it ends with. */
const TAIL = 8
const KINDS = kindsOfUnits()

function kindsOfUnits(): Uint8Array {
  const kinds = new Uint8Array(0x10000)
  const all = String.fromCharCode(...Array.from({ length: 0x3001 }, (_, unit) => unit), 0xfeff)
  const mark = (kind: number, units: RegExp): void => {
    for (const [unit] of all.matchAll(units))
      kinds[unit.charCodeAt(0)] = (kinds[unit.charCodeAt(0)] ?? 0) | kind
  }
  mark(STOP, /[\s"'<>/?#\\]/g)
  mark(WORD, /\w/g)
  mark(DIGIT, /\d/g)
  mark(TAIL, /[.,;:!)\]}]/g)
  return kinds
}

/** The host that a name or an address stands for, as `hostsOf` tells it of a text; null where that is none. */
export function hostOf(name: string): string | null {
  const address = /^https?:\/\//i.test(name) ? name : `https://${name}`
  return /\s/.test(address) ? null : (hostsOf(address)[0] ?? null)
}

export function hostsOf(text: string): readonly string[] {
  return atOnce(hostSteps(text))
}

export function* hostSteps(text: string): Steps<readonly string[]> {
  const reader = new HostReader(text)
  for (let at = 0; at < text.length && !reader.isFull;) {
    const end = Math.min(text.length, at + SLICE_UNITS)
    yield end - at
    at = reader.read(at, end)
  }
  return [...reader.hosts]
}

class HostReader {
  readonly hosts = new Set<string>()
  readonly #text: string
  readonly #pieces = new PieceReader()

  constructor(text: string) {
    this.#text = text
  }

  get isFull(): boolean {
    return this.hosts.size === MOST_HOSTS
  }

  /** The hosts of addresses that begin between `start` and `end`; where to read on. */
  read(start: number, end: number): number {
    const begin = Math.max(0, start - 1)
    const stretch = this.#text.slice(begin, end + LONGEST_ADDRESS)
    // Most texts name no address; that is told sooner by a pattern.
    const first = stretch.search(PREFIX)
    if (first < 0) return end
    const units = this.#pieces.read(stretch, 0, stretch.length)
    let at = Math.max(first, start - begin)
    while (at < end - begin && !this.isFull) at = this.#readAddress(stretch, units, at)
    return begin + at
  }

  /** Behind the authority of the address at `begin`; the next unit where there is none. */
  #readAddress(text: string, units: Units, begin: number): number {
    const start = afterPrefix(units, begin)
    const end = start < 0 ? start : authorityEnd(units, start)
    if (end <= start) return begin + 1
    const host = hostIn(text, units, { begin, start, end })
    if (host !== null && !PRIVATE.test(host)) this.hosts.add(host)
    return end
  }
}

/** Behind a scheme or www. at `at`; -1 where there is neither. */
function afterPrefix(text: Units, at: number): number {
  const letter = (text[at] ?? 0) | CASE
  if (letter === LETTER_W) return isBehindWord(text, at) ? -1 : afterWord(text, at, 'www.')
  if (letter !== LETTER_H) return -1
  const scheme = afterWord(text, at, 'http')
  if (scheme < 0) return -1
  const secure = afterWord(text, scheme, 's')
  return afterWord(text, secure < 0 ? scheme : secure, '://')
}

function isBehindWord(text: Units, at: number): boolean {
  return at > 0 && (kindOf(text[at - 1] ?? 0) & WORD) !== 0
}

/** Behind `word`, in letters of either case; -1 where it does not stand at `at`. */
function afterWord(text: Units, at: number, word: string): number {
  for (let of = 0; of < word.length; of++) {
    const wanted = word.charCodeAt(of)
    const unit = text[at + of] ?? 0
    if (unit !== wanted && ((unit | CASE) !== wanted || (kindOf(unit) & WORD) === 0)) return -1
  }
  return at + word.length
}

function authorityEnd(text: Units, start: number): number {
  const most = Math.min(text.length, start + LONGEST_AUTHORITY)
  let at = start
  while (at < most && (kindOf(text[at] ?? 0) & STOP) === 0) at++
  return at
}

/** What stands behind a prefix. */
interface Authority {
  /** Of the prefix. */
  readonly begin: number
  readonly start: number
  readonly end: number
}

/** O1; null where there is no dot. */
function hostIn(text: string, units: Units, { begin, start, end }: Authority): string | null {
  const user = userEnd(units, start, end)
  const first = user < 0 ? start : user
  // Of www.www.example the first one is its prefix.
  const isPrefixed = user < 0 && ((units[begin] ?? 0) | CASE) === LETTER_W
  const www = isPrefixed ? -1 : afterWord(units, first, 'www.')
  const from = www < 0 || www > end ? first : www
  const to = hostEnd(units, from, end)
  return hasDot(units, from, to) ? text.slice(from, to).toLowerCase() : null
}

/** Behind the first @; -1 where there is none. */
function userEnd(text: Units, start: number, end: number): number {
  for (let at = start; at < end; at++) if ((text[at] ?? 0) === AT_SIGN) return at + 1
  return -1
}

/** Without a port, else without what belongs to the sentence around. */
function hostEnd(text: Units, start: number, end: number): number {
  const port = before(text, start, end, DIGIT)
  if (port > start && (text[port - 1] ?? 0) === COLON && port < end) return port - 1
  return before(text, start, end, TAIL)
}

/** Where the units of that kind that end at `end` begin. */
function before(text: Units, start: number, end: number, kind: number): number {
  let at = end
  while (at > start && (kindOf(text[at - 1] ?? 0) & kind) !== 0) at--
  return at
}

function hasDot(text: Units, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((text[at] ?? 0) === DOT) return true
  return false
}

function kindOf(unit: number): number {
  return KINDS[unit] ?? 0
}
