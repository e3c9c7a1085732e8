/**
 * A prompt as a template and what fills it: `Read https://shop.example/item/17` is a template with one slot.
 *
 * T1. Numbers, identifiers, addresses, quoted strings and list items are slots; the words around them are the template.
 * T2. A long text's template is its beginning; all that follows is slot, as in an instruction with a document.
 * T3. Linear in the text, and the slots of one text are bounded.
 */
import type { SlotKind } from '../domain/verdict.ts'

export interface FilledTemplate {
  readonly template: string
  /** Slot values in order, joined; null where nothing varies. */
  readonly slot: string | null
  /** The number that the telling slot is or ends in; null where there is none. */
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
/** The last digits of a slot, with at most a short ending such as `.html` behind them. */
const ENDING_NUMBER = /(\d{1,15})\D{0,8}$/

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

/** An address tells more than a bare number, and the last of its kind more than those before. */
function ordinalOf(slots: readonly string[]): number | null {
  const addresses = slots.filter((slot) => ADDRESS.test(slot))
  const candidates = addresses.length > 0 ? addresses : slots
  const numbers = candidates
    .map((slot) => ENDING_NUMBER.exec(slot)?.[1])
    .filter((digits) => digits !== undefined)
  const last = numbers.at(-1)
  return last === undefined ? null : Number(last)
}

/** An address tells the most, then what comes last. */
function kindOf(slots: readonly string[]): SlotKind | null {
  if (slots.some((slot) => ADDRESS.test(slot))) return 'address'
  const last = slots.findLast((slot) => MAIL.test(slot) || IDENTIFIER.test(slot))
  if (last === undefined) return null
  return MAIL.test(last) ? 'mail' : 'identifier'
}
