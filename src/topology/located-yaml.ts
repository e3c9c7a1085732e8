/** A YAML file that remembers where everything stands, so that each mistake can be told with line and column. */
import { isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import type { Problem } from './problem.ts'

export type Path = readonly (string | number)[]

export class LocatedYaml {
  readonly file: string
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #document: Document

  constructor(file: string, text: string) {
    this.file = file
    this.#text = text
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
  }

  /** Mistakes of YAML itself. */
  syntaxProblems(): readonly Problem[] {
    return this.#document.errors.map((error) => this.#problem(error.pos[0], 'yaml', error.message, null))
  }

  value(): unknown {
    return this.#document.toJS()
  }

  /** The value as the schema wants it, or a problem for each mistake, where it stands. */
  parse<S extends z.ZodType>(
    schema: S,
  ): { readonly value: z.infer<S> } | { readonly problems: readonly Problem[] } {
    const result = schema.safeParse(this.value())
    if (result.success) return { value: result.data }
    return {
      problems: result.error.issues.map((issue) => {
        const path = issue.path.filter((part) => typeof part !== 'symbol')
        const unknown = issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path
        return this.problemAt(unknown, 'shape', `${path.join('.') || 'file'}: ${issue.message}`, null)
      }),
    }
  }

  /** A problem at a path; `within` is an offset into the text of a scalar there (a condition). */
  problemAt(path: Path, code: string, message: string, hint: string | null, within = 0): Problem {
    return this.#problem(this.#offsetOf(path, within), code, message, hint)
  }

  #offsetOf(path: Path, within: number): number {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true)
      const range = rangeOf(node)
      if (range === null) continue
      const exact = length === path.length && isScalar(node)
      return exact ? this.#inside(range, String(node.value), within) : range[0]
    }
    return 0
  }

  /** Where the given offset of a scalar's value stands in the file: folding and quotes shift it. */
  #inside(range: readonly [number, number], value: string, within: number): number {
    const word = /^[\w.]+/.exec(value.slice(within))?.[0]
    if (word === undefined || within === 0) return within === 0 ? range[0] + this.#lead(range) : range[0]
    const before = value.slice(0, within).split(word).length - 1
    let at = range[0] - 1
    for (let n = 0; n <= before; n++) at = this.#text.indexOf(word, at + 1)
    return at >= range[0] && at < range[1] ? at : range[0]
  }

  /** A block scalar's range begins at its indicator; its text begins later. */
  #lead(range: readonly [number, number]): number {
    const raw = this.#text.slice(range[0], range[1])
    return /^[>|][+-]?\d?[ \t]*\n\s*/.exec(raw)?.[0].length ?? (/^["']/.test(raw) ? 1 : 0)
  }

  #problem(offset: number, code: string, message: string, hint: string | null): Problem {
    const { line, col } = this.#lines.linePos(offset)
    const source = this.#text.split('\n')[line - 1] ?? ''
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col), code, message, hint, source }
  }
}

function rangeOf(node: unknown): readonly [number, number] | null {
  if (typeof node !== 'object' || node === null || !('range' in node)) return null
  const { range } = node
  if (!Array.isArray(range)) return null
  const start: unknown = range[0]
  const end: unknown = range[2]
  return typeof start === 'number' && typeof end === 'number' ? [start, end] : null
}
