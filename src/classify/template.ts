/**
 * A prompt as a template and what fills it: `Read https://shop.example/item/17` is a template with one slot.
 *
 * T1. Numbers, identifiers, addresses, quoted strings and list items are slots; the words around them are the template.
 * T2. A long text's template is its beginning; all that follows is slot, as in an instruction with a document.
 * T3. Linear in the text, and the slots of one text are bounded.
 * T4. Which of several numbers walks no single text tells. Their sum walks as the one does while the others stay as they are, wherever in
 *     the text they stand: `entry 41 in 2026` counts on. Times of day are left out, which change by themselves.
 */
import type { SlotKind } from '../domain/verdict.ts'

export interface FilledTemplate {
  readonly template: string
  /** Slot values in order, joined; null where nothing varies. */
  readonly slot: string | null
  /** The sum of the numbers in the telling slots (T4); null where there is none. */
  readonly slotOrdinal: number | null
  /** What the telling slot is. */
  readonly slotKind: SlotKind | null
}

/** An instruction is seldom longer; what follows is material. */
const TEMPLATE_UNITS = 400
const SLOTS = new RegExp(
  [
    /^[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t]+[^\n]+$/u, // list item
    /(?:https?:\/\/|www\.)[^\s"'<>]+/u, // address
    /[\w.+-]+@[\w-]+\.[\w.-]+/u, // mail address
    /"[^"\n]{1,400}"|“[^”\n]{1,400}”|`[^`\n]{1,400}`|(?<![\p{L}\p{N}])'[^'\n]{1,400}'(?![\p{L}\p{N}])/u, // quoted
    /[\p{L}_#-]*\d[\p{L}\p{N}_.,:/#-]*/u, // number or identifier
  ]
    .map((part) => part.source)
    .join('|'),
  'gmu',
)
const PLACEHOLDER = '\u0000'
const SEPARATOR = '\u001f'
const MAIL = /^[\w.+-]+@[\w-]+\./
const IDENTIFIER = /^[\p{L}_#-]*\d[\p{L}\p{N}_.,:/#-]*$/u
const ADDRESS = /^(?:https?:\/\/|www\.)/
const TIME_OF_DAY = /^\d{1,2}:\d{2}(?::\d{2})?[.,:]?$/
/** The last digits of a slot, with at most a short ending such as `.html` behind them. */
const ENDING_NUMBER = /\d+(?=\D{0,8}$)/
const NUMBERS = /\d+/g
/** More digits than a double tells apart are cut to their last. */
const MOST_DIGITS = 15

/** Splits a text into what repeats and what varies. */
export function templateOf(text: string): FilledTemplate {
  const trimmed = text.trim()
  const head = headOf(trimmed)
  const slots: string[] = []
  const replaced = head.replace(SLOTS, (slot) => {
    slots.push(slot)
    return PLACEHOLDER
  })
  const rest = trimmed.slice(head.length)
  const values = rest === '' ? slots : [...slots, rest]
  return {
    template: replaced.toLowerCase().replace(/\s+/g, ' '),
    slot: values.length === 0 ? null : values.join(SEPARATOR),
    slotOrdinal: ordinalOf(slots),
    slotKind: kindOf(slots),
  }
}

/** T2: cut at white space, so that no slot is halved. */
function headOf(text: string): string {
  if (text.length <= TEMPLATE_UNITS) return text
  const gap = text.slice(0, TEMPLATE_UNITS).search(/\s\S*$/)
  return text.slice(0, gap > 0 ? gap : TEMPLATE_UNITS)
}

/** An address tells more than a bare number, and that more than what is quoted or listed. */
function ordinalOf(slots: readonly string[]): number | null {
  const addresses = slots.filter((slot) => ADDRESS.test(slot))
  const identifiers = slots.filter((slot) => IDENTIFIER.test(slot) && !TIME_OF_DAY.test(slot))
  return (
    sumOf(addresses.flatMap((slot) => slot.match(NUMBERS) ?? [])) ??
    sumOf(identifiers.flatMap((slot) => slot.match(NUMBERS) ?? [])) ??
    sumOf(slots.flatMap((slot) => ENDING_NUMBER.exec(slot) ?? []))
  )
}

/** Of what is too large to be summed exactly the last. */
function sumOf(digits: readonly string[]): number | null {
  const numbers = digits.map((run) => Number(run.slice(-MOST_DIGITS)))
  const sum = numbers.reduce((total, number) => total + number, 0)
  return Number.isSafeInteger(sum) && numbers.length > 0 ? sum : (numbers.at(-1) ?? null)
}

/** An address tells the most, then what comes last. */
function kindOf(slots: readonly string[]): SlotKind | null {
  if (slots.some((slot) => ADDRESS.test(slot))) return 'address'
  const last = slots.findLast((slot) => MAIL.test(slot) || IDENTIFIER.test(slot))
  if (last === undefined) return null
  return MAIL.test(last) ? 'mail' : 'identifier'
}
