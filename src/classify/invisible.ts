/**
 * Characters that a reader does not see. What carries a payload is decoded to text, what merely hides is removed.
 * Linear: each of three passes looks at every unit once.
 */
import type { Disguise } from './disguise.ts'
import { letterOf, UnitWriter, type Units } from './units.ts'

const BIDI = 1
const INVISIBLE = 2
/** Invisible between Latin letters. Joiners and selectors belong to emoji and some scripts: no disguise there. */
const SUSPICIOUS = 4
/** Half of a tag or of a selector beyond the first sixteen. */
const SPECIAL = 8
/** One of the first sixteen. */
const SELECTOR = 16
/** No reader sees it. */
const REMOVED = BIDI | INVISIBLE
/** High half of U+E0000 to U+E03FF. */
const SPECIAL_HIGH = 0xdb40
const FIRST_TAG = 0xdc00
const FIRST_FLAG_TAG = 0xdc20
const LAST_TAG = 0xdc7f
const FLAG_HIGH = 0xd83c
const FLAG_LOW = 0xdff4
/** Tags behind a black flag, such as those of Scotland's, are a flag's name. */
const MOST_FLAG_TAGS = 16
/** One to three belong to an emoji. */
const LEAST_SELECTORS = 4
const KINDS = unitKinds()
const SPACE = 32
const NEW_LINE = 10

function unitKinds(): Uint8Array {
  const kinds = new Uint8Array(0x10000)
  const mark = (kind: number, ranges: readonly (readonly [number, number])[]): void => {
    for (const [first, last] of ranges)
      for (let unit = first; unit <= last; unit++) kinds[unit] = (kinds[unit] ?? 0) | kind
  }
  mark(BIDI, [
    [0x202a, 0x202e],
    [0x2066, 0x2069],
    [0x061c, 0x061c],
    [0x200e, 0x200f],
  ])
  mark(INVISIBLE | SUSPICIOUS, [
    [0x00ad, 0x00ad],
    [0x034f, 0x034f],
    [0x115f, 0x1160],
    [0x180b, 0x180f],
    [0x200b, 0x200d],
    [0x2060, 0x2065],
    [0x3164, 0x3164],
    [0xfeff, 0xfeff],
    [0xffa0, 0xffa0],
  ])
  mark(INVISIBLE, [
    [0x17b4, 0x17b5],
    [0x206a, 0x206f],
  ])
  mark(INVISIBLE | SELECTOR, [[0xfe00, 0xfe0f]])
  mark(SPECIAL, [[SPECIAL_HIGH, SPECIAL_HIGH]])
  return kinds
}

/** What is hidden by a unit, in five bits; 0 where a text without any of it has nothing to uncover. */
export function hiddenKinds(unit: number): number {
  return KINDS[unit] ?? 0
}

/** Tags and variation selectors, by their code point: each may stand for a character. */
export function smuggles(code: number): boolean {
  if (code < 0x10000) return ((KINDS[code] ?? 0) & SELECTOR) !== 0
  return (code >= 0xe0000 && code <= 0xe007f) || (code >= 0xe0100 && code <= 0xe01ef)
}

export interface Uncovered {
  /** Without anything invisible; what was smuggled stands where it was. */
  readonly text: string
  /** What was smuggled, alone: what it was hidden behind says nothing about it. */
  readonly smuggled: string
}

/**
 * What a reader sees of a text whose units have these kinds, and what one does not; the disguises that were found are added to
 * `found`.
 */
export function uncover(text: Units, kinds: number, found: Set<Disguise>): Uncovered {
  const payloads = new Payloads()
  const tagged = (kinds & SPECIAL) === 0 ? text : withTagsDecoded(text, payloads)
  if (payloads.count > 0) found.add('tags')
  const tags = payloads.count
  const selected = (kinds & (SPECIAL | SELECTOR)) === 0 ? tagged : withSelectorsDecoded(tagged, payloads)
  if (payloads.count > tags) found.add('variation-selectors')
  return { text: withoutInvisible(selected, found), smuggled: payloads.toString() }
}

/** What was smuggled, piece by piece, a line each, without white space around it. */
class Payloads {
  readonly #text = new UnitWriter(0)
  count = 0

  add(payload: string): void {
    if (this.count++ > 0) this.#text.push(NEW_LINE)
    this.#text.append(payload.trim())
  }

  /** What `written` holds from `start` on, ASCII without other white space than spaces. */
  addWritten(written: UnitWriter, start: number): void {
    if (this.count++ > 0) this.#text.push(NEW_LINE)
    let first = start
    let end = written.size
    while (first < end && written.unitAt(first) === SPACE) first++
    while (end > first && written.unitAt(end - 1) === SPACE) end--
    for (let at = first; at < end; at++) this.#text.push(written.unitAt(at))
  }

  toString(): string {
    return this.#text.toString()
  }
}

function withTagsDecoded(text: Units, payloads: Payloads): Units {
  const decoded = new UnitWriter(text.length)
  for (let at = 0; at < text.length;) {
    if (isTag(text, at, FIRST_TAG)) {
      const start = decoded.size
      at = decodeTags(text, at, decoded)
      payloads.addWritten(decoded, start)
      continue
    }
    decoded.push(text[at++] ?? 0)
    if (isFlag(text, at)) {
      decoded.push(FLAG_LOW)
      at = afterFlagTags(text, at + 1)
    }
  }
  return decoded.units()
}

function isTag(text: Units, at: number, first: number): boolean {
  if (text[at] !== SPECIAL_HIGH) return false
  const low = text[at + 1] ?? 0
  return low >= first && low <= LAST_TAG
}

/** Whether the low half of a black flag stands at `at`. */
function isFlag(text: Units, at: number): boolean {
  return text[at] === FLAG_LOW && text[at - 1] === FLAG_HIGH
}

function afterFlagTags(text: Units, start: number): number {
  let at = start
  for (let tags = 0; tags < MOST_FLAG_TAGS && isTag(text, at, FIRST_FLAG_TAG); tags++) at += 2
  return at
}

/** Writes what the run of tags at `start` says; where it ends. */
function decodeTags(text: Units, start: number, decoded: UnitWriter): number {
  let at = start
  for (; isTag(text, at, FIRST_TAG); at += 2) {
    const code = (text[at + 1] ?? 0) - FIRST_TAG
    if (code >= 0x20 && code < 0x7f) decoded.push(code)
  }
  return at
}

/** Selectors 1 to 256 smuggle the bytes 0 to 255 behind one visible character. */
function withSelectorsDecoded(text: Units, payloads: Payloads): Units {
  const decoded = new UnitWriter(text.length)
  const bytes = Buffer.allocUnsafe(text.length)
  let at = 0
  while (at < text.length) {
    const unit = text[at] ?? 0
    if (((KINDS[unit] ?? 0) & (SPECIAL | SELECTOR)) === 0) {
      decoded.push(unit)
      at++
      continue
    }
    const start = at
    let count = 0
    for (let byte = selectedByte(text, at); byte >= 0; byte = selectedByte(text, at)) {
      bytes[count++] = byte
      at += byte < 16 ? 1 : 2
    }
    if (count >= LEAST_SELECTORS) {
      const payload = bytes.toString('utf8', 0, count)
      decoded.push(SPACE)
      decoded.append(payload)
      decoded.push(SPACE)
      payloads.add(payload)
    } else {
      for (let rest = start; rest < at; rest++) decoded.push(text[rest] ?? 0)
      if (at < text.length) decoded.push(text[at++] ?? 0)
    }
  }
  return decoded.units()
}

/** The byte that the selector at `at` stands for; -1 where there is none. */
function selectedByte(text: Units, at: number): number {
  const unit = text[at] ?? 0
  if (unit >= 0xfe00 && unit <= 0xfe0f) return unit - 0xfe00
  if (unit !== SPECIAL_HIGH) return -1
  const low = text[at + 1] ?? 0
  return low >= 0xdd00 && low <= 0xddef ? low - 0xdd00 + 16 : -1
}

/** Directions are no characters at all: what stands on both sides of one stands together. */
function withoutInvisible(text: Units, found: Set<Disguise>): string {
  const visible = new UnitWriter(text.length)
  let isTurned = false
  let isHiding = false
  /** The visible unit before, with nothing but what is suspicious behind it; 0 where there is none. */
  let before = 0
  let afterHidden = false
  for (let at = 0; at < text.length; at++) {
    const removed = removedFrom(text, at)
    if (removed > at) {
      visible.appendUnits(text, at, removed)
      if (afterHidden && letterOf(text[at] ?? 0) >= 0) isHiding = true
      afterHidden = false
      before = text[removed - 1] ?? 0
    }
    at = removed
    const kind = at < text.length ? (KINDS[text[at] ?? 0] ?? 0) : 0
    if ((kind & BIDI) !== 0) isTurned = true
    else if ((kind & SUSPICIOUS) !== 0) afterHidden = letterOf(before) >= 0
    else {
      before = 0
      afterHidden = false
    }
  }
  if (isTurned) found.add('bidi')
  if (isHiding) found.add('invisible')
  return visible.toString()
}

/** The first unit from `start` on that no reader sees; behind the text where there is none. */
function removedFrom(text: Units, start: number): number {
  let at = start
  while (at < text.length && ((KINDS[text[at] ?? 0] ?? 0) & REMOVED) === 0) at++
  return at
}
