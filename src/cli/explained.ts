/** A condition with its values put in, as people read it on a terminal. */
import { figure, type Change, type Part, type Side } from '../topology/explanation.ts'

/** The parts of a condition that are no longer put together of others, in the order in which they stand. */
export function leavesOf(part: Part): readonly Part[] {
  if (part.kind === 'all' || part.kind === 'any') return part.parts.flatMap(leavesOf)
  return part.kind === 'not' && part.part.kind !== 'fact' ? leavesOf(part.part) : [part]
}

/** What a leaf told: `0.97 > 0.9`, or yes, no, unknown. */
export function told(leaf: Part): string {
  if (leaf.kind === 'comparison') return `${sideOf(leaf.left)} ${leaf.operator} ${sideOf(leaf.right)}`
  const texts = leaf.kind === 'fact' ? leaf.told.flatMap(({ text }) => (text === null ? [] : [text])) : []
  return texts.length === 0 ? leaf.truth : `${leaf.truth}: ${texts.join(', ')}`
}

function sideOf({ value }: Side): string {
  return value === null ? 'unknown' : figure(value)
}

/** `a less than 4, not 5, and b at most 10, not 12`. */
export function changeText({ words }: Change): string {
  return words.join(', and ')
}
