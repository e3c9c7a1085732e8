/** Comparisons of one figure, or of one text, that cannot hold at the same time. */
import { pathOf } from './cel.ts'
import { figureAndLimit, limitsOf, type Comparison, type Limited } from './comparisons.ts'

export interface Contradiction {
  readonly one: Comparison
  /** The later of the two. */
  readonly other: Comparison
}

/**
 * @param group comparisons that must all hold
 * @param jitter by how much of itself a limit that `jitter` multiplies may lie elsewhere
 */
export function contradictionsIn(group: readonly Comparison[], jitter: number): readonly Contradiction[] {
  return group.flatMap((other, at) => {
    const one = group.slice(0, at).find((before) => exclude(before, other, jitter))
    return one === undefined ? [] : [{ one, other }]
  })
}

function exclude(one: Comparison, other: Comparison, jitter: number): boolean {
  const [text, otherText] = [textOf(one), textOf(other)]
  if (text !== null && otherText !== null)
    return text.name === otherText.name && text.value !== otherText.value
  const [limited, otherLimited] = [figureAndLimit(one, jitter), figureAndLimit(other, jitter)]
  if (limited === null || otherLimited === null || limited.name !== otherLimited.name) return false
  const [a, b] = [spanOf(limited), spanOf(otherLimited)]
  const [least, most] = [Math.max(a.least, b.least), Math.min(a.most, b.most)]
  return least > most || (least === most && [a, b].some((span) => span.isOpenAt(least)))
}

interface Span {
  readonly least: number
  readonly most: number
  /** Whether the value itself is not within. */
  readonly isOpenAt: (value: number) => boolean
}

/** Where the figure may lie, with the mildest limit that jitter makes. */
function spanOf(limited: Limited): Span {
  const { operator } = limited
  const [low, high] = limitsOf(limited)
  const isOpen = operator === '<' || operator === '>'
  const isOpenAt = (value: number): boolean => isOpen && value === (operator === '>' ? low : high)
  if (operator.startsWith('>')) return { least: low, most: Infinity, isOpenAt }
  if (operator.startsWith('<')) return { least: -Infinity, most: high, isOpenAt }
  return { least: low, most: high, isOpenAt }
}

/** `status == "ok"`, either way round; null for anything else. */
function textOf({
  operator,
  left,
  right,
}: Comparison): { readonly name: string; readonly value: string } | null {
  if (operator !== '==') return null
  const [value] = [left, right].flatMap((side) =>
    side.op === 'value' && typeof side.args === 'string' ? [side.args] : [],
  )
  const [name] = [left, right].flatMap((side) => pathOf(side) ?? [])
  return value === undefined || name === undefined ? null : { name, value }
}
