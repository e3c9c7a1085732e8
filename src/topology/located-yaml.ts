/**
 * A YAML file that remembers where everything stands, so that each mistake can be told with line and column.
 *
 * Y1. Places inside a text are exact for plain, quoted and folded texts: what YAML changes is white space and
 *     quotes, so places are counted in characters that are neither. Escapes of double quotes shift them.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml'
import type { z } from 'zod'
import type { Problem } from './problem.ts'
import { shapeMistakes } from './shape-mistakes.ts'
import { yamlHint, yamlMessage } from './yaml-hints.ts'

const TAG_HINT = 'a text that begins with ! needs quotes'
const COMMENT_HINT = 'put quotes around all of the text, or the comment on a line of its own'
/** What joins conditions. */
const GOES_ON = /&&|\|\|/

export type Path = readonly (string | number)[]

export class LocatedYaml {
  readonly file: string
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #document: Document
  readonly #read: { readonly value: unknown } | { readonly refused: string }

  constructor(file: string, text: string) {
    this.file = file
    this.#text = text
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' })
    this.#read = read(this.#document)
  }

  /** Mistakes of YAML itself. While there are any, the file has no value. */
  syntaxProblems(): readonly Problem[] {
    const grammar = this.#grammarProblems()
    if (grammar.length > 0) return grammar
    const problems = [
      ...this.#tagProblems(),
      ...this.#aliasProblems(),
      ...this.#keyProblems(),
      ...this.#commentProblems(),
    ]
    if (problems.length > 0 || !('refused' in this.#read)) return problems
    return [this.#problem(0, 'yaml', this.#read.refused, null)]
  }

  /** The first alone: those after it are most often what it led to. */
  #grammarProblems(): readonly Problem[] {
    return this.#document.errors.slice(0, 1).map((error) => {
      const at = error.message.endsWith('quote') ? this.#openQuote(error.pos[0]) : error.pos[0]
      return this.#problem(at, 'yaml', yamlMessage(error), yamlHint(error))
    })
  }

  /** Where a text begins that is closed nowhere; the library says where the file ends. */
  #openQuote(otherwise: number): number {
    let at = otherwise
    visit(this.#document, {
      Scalar: (_, { type, range }) => {
        if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') at = range?.[0] ?? at
      },
    })
    return at
  }

  /** `!billed` without quotes is a tag to YAML, and what it says would be lost. */
  #tagProblems(): readonly Problem[] {
    const problems: Problem[] = []
    visit(this.#document, {
      Node: (_, node) => {
        const tag = isAlias(node) ? undefined : node.tag
        if (tag?.startsWith('!') !== true) return
        const at = this.#text.lastIndexOf('!', node.range?.[0] ?? 0)
        const message = `what begins with ! is read as a tag of YAML, and lost: ${tag}`
        problems.push(this.#problem(Math.max(0, at), 'yaml', message, TAG_HINT))
      },
    })
    return problems
  }

  /** `when: a > 3 # && b` without quotes ends at the #, and a condition that was to be narrower would be lost. */
  #commentProblems(): readonly Problem[] {
    const problems: Problem[] = []
    visit(this.#document, {
      Scalar: (_, { type, comment, range }) => {
        if (type !== 'PLAIN' || comment === undefined || comment === null || !GOES_ON.test(comment)) return
        const message = 'the text ends here: what stands behind the # is a comment to YAML'
        problems.push(this.#problem(this.#text.indexOf('#', range?.[1] ?? 0), 'yaml', message, COMMENT_HINT))
      },
    })
    return problems
  }

  /** Names (`*common`) that nothing before them bears. */
  #aliasProblems(): readonly Problem[] {
    const problems: Problem[] = []
    visit(this.#document, {
      Alias: (_, node) => {
        if (node.resolve(this.#document) !== undefined) return
        const message = `nothing above is named &${node.source}`
        problems.push(
          this.#problem(node.range?.[0] ?? 0, 'yaml', message, 'a text that begins with * needs quotes'),
        )
      },
    })
    return problems
  }

  /** A word that JavaScript keeps for itself, and that would be lost without a word said. */
  #keyProblems(): readonly Problem[] {
    const problems: Problem[] = []
    visit(this.#document, {
      Pair: (_, { key }) => {
        if (!isScalar(key) || key.value !== '__proto__') return
        problems.push(this.#problem(key.range?.[0] ?? 0, 'yaml', '__proto__ cannot be a name', null))
      },
    })
    return problems
  }

  /** Whether anything stands at a path, rather than what holds where nothing does. */
  says(path: Path): boolean {
    return this.#nodeAt(path) !== undefined
  }

  value(): unknown {
    return 'value' in this.#read ? this.#read.value : undefined
  }

  /** The value as the schema wants it, or a problem for each mistake, where it stands. */
  parse<S extends z.ZodType>(
    schema: S,
  ): { readonly value: z.infer<S> } | { readonly problems: readonly Problem[] } {
    const value = this.value()
    const result = schema.safeParse(value)
    if (result.success) return { value: result.data }
    const problems = shapeMistakes(result.error, schema, value).map(({ path, onKey, message, hint }) =>
      onKey ? this.problemAtKey(path, 'shape', message, hint) : this.problemAt(path, 'shape', message, hint),
    )
    return { problems }
  }

  /** A problem at a path; `within` is an offset into the text of a scalar there (a condition). */
  problemAt(path: Path, code: string, message: string, hint: string | null, within = 0): Problem {
    return this.#problem(this.#offsetOf(path, within), code, message, hint)
  }

  /** A problem with the word at the end of a path, rather than with what stands under it. */
  problemAtKey(path: Path, code: string, message: string, hint: string | null): Problem {
    return this.#problem(this.#keyOffset(path), code, message, hint)
  }

  #offsetOf(path: Path, within: number): number {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#nodeAt(path.slice(0, length))
      const range = rangeOf(node)
      if (range === null) continue
      const exact = length === path.length && isScalar(node)
      return exact ? this.#inside(range, String(node.value), within) : range[0]
    }
    return 0
  }

  /** The node at a path; what stands elsewhere under a name (`*common`) is followed to there. */
  #nodeAt(path: Path): unknown {
    return path.reduce<unknown>((from, part) => {
      if (isMap(from)) return this.#followed(pairOf(from.items, part)?.value)
      return isSeq(from) && typeof part === 'number' ? this.#followed(from.items[part]) : undefined
    }, this.#followed(this.#document.contents))
  }

  #followed(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node
  }

  #keyOffset(path: Path): number {
    const parent = this.#nodeAt(path.slice(0, -1))
    const key = isMap(parent) ? pairOf(parent.items, path.at(-1))?.key : undefined
    return rangeOf(key)?.[0] ?? this.#offsetOf(path, 0)
  }

  /** Where the given offset of a scalar's value stands in the file (Y1). */
  #inside(range: readonly [number, number], value: string, within: number): number {
    const start = range[0] + leadOf(this.#text.slice(range[0], range[1]))
    const before = value.slice(0, within)
    let left = visible(before)
    let at = start
    while (left > 0 && at < range[1]) {
      if (visible(this.#text[at] ?? ' ') > 0) left--
      at++
    }
    const ended = value.slice(within).trim() === ''
    while (!ended && at < range[1] && visible(this.#text[at] ?? 'x') === 0) at++
    return Math.min(at, range[1])
  }

  #problem(offset: number, code: string, message: string, hint: string | null): Problem {
    const { line, col } = this.#lines.linePos(offset)
    const source = (this.#text.split('\n')[line - 1] ?? '').trimEnd()
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col), code, message, hint, source }
  }
}

/** A document can be sound and have no value: names of themselves, names that multiply without end. */
function read(document: Document): { readonly value: unknown } | { readonly refused: string } {
  try {
    const value: unknown = document.toJS()
    return { value }
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) }
  }
}

function pairOf<P extends { readonly key: unknown }>(items: readonly P[], word: unknown): P | undefined {
  return items.find(({ key }) => isScalar(key) && key.value === word)
}

/** How many characters are neither white space nor single quotes, which YAML doubles. */
function visible(text: string): number {
  return text.replace(/[\s']/g, '').length
}

/** A block scalar's range begins at its indicator, a quoted one's at its quote; the text begins later. */
function leadOf(raw: string): number {
  return /^[>|][+-]?\d?[ \t]*(#.*)?\n\s*/.exec(raw)?.[0].length ?? (/^["']/.test(raw) ? 1 : 0)
}

/** Start of a node, and end of its value. */
function rangeOf(node: unknown): readonly [number, number] | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null
  const { range } = node
  if (!Array.isArray(range)) return null
  const start: unknown = range[0]
  const end: unknown = range[1]
  return typeof start === 'number' && typeof end === 'number' ? [start, end] : null
}
