/** What is wrong with a file that people wrote: where, what, and what to do; never a stack trace. */

export interface Problem {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** Stable name of the kind of mistake, for scripts. */
  readonly code: string
  readonly message: string
  readonly hint: string | null
  /** The line itself, for the caret. */
  readonly source: string
}

/** `file:line:column: message`, the line with a caret under the place, and the hint; no line where there is none. */
export function renderProblem(problem: Problem): string {
  const { file, line, column, message, source, hint } = problem
  const gutter = String(line)
  const place = [
    `  ${gutter} | ${source}`,
    `  ${' '.repeat(gutter.length)} | ${' '.repeat(Math.max(0, column - 1))}^`,
  ]
  const lines = [`${file}:${line}:${column}: ${message}`, ...(source === '' ? [] : place)]
  return [...lines, ...(hint === null ? [] : [`  ${hint}`])].join('\n')
}

/** The known name that is closest to a mistyped or shortened one; null where none is close. */
export function didYouMean(name: string, known: Iterable<string>): string | null {
  const names = [...known]
  return (
    closest(name, names) ??
    (name.length < 4 ? undefined : names.find((one) => one.startsWith(name))) ??
    onlyEnd(name, names) ??
    null
  )
}

/** `tier` of `account.tier`, where it is the end of no other. */
function onlyEnd(name: string, known: readonly string[]): string | undefined {
  const [only, ...others] = known.filter((one) => one.endsWith(`.${name}`))
  return others.length === 0 ? only : undefined
}

/** The question whether that one was meant, as a hint; null where none is close. */
export function meantHint(name: string, known: Iterable<string>): string | null {
  const near = didYouMean(name, known)
  return near === null ? null : `did you mean ${near}?`
}

/** The same, and all that are known where none is close. */
export function nameHint(name: string, known: readonly string[]): string {
  return meantHint(name, known) ?? `known: ${known.join(', ')}`
}

/** What two names of one group have in common (`account.grants.`) makes them no closer. */
function closest(name: string, known: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Infinity
  for (const candidate of known) {
    const shared = sharedGroups(name, candidate)
    const distance = editDistance(name.slice(shared), candidate.slice(shared))
    if (distance < bestDistance && distance <= Math.max(1, Math.floor((name.length - shared) / 3))) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** How many characters both begin with, up to and with their last common dot. */
function sharedGroups(a: string, b: string): number {
  let shared = 0
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === '.') shared = at + 1
  return shared
}

/** Levenshtein's distance with swapped neighbours as one mistake, one row at a time. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? Infinity) + 1 : Infinity
      row.push(Math.min(change, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
