/** What a schema wants at a place of a file: which words, which values, of which kind. For hints. */
import { z } from 'zod'

/** A part of a JSON Schema. */
type Node = Readonly<Record<string, unknown>>

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
}

export class WantedWords {
  readonly #root: Node

  constructor(schema: z.ZodType) {
    this.#root = nodeOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })) ?? {}
  }

  /** The words that a map at this path takes; none where any word may stand there, or no map. */
  wordsAt(path: readonly (string | number)[]): readonly string[] {
    return Object.keys(nodeOf(this.#at(path)?.properties) ?? {})
  }

  /** What is to stand at this path, in words; null where the schema does not say. */
  wantedAt(path: readonly (string | number)[]): string | null {
    const node = this.#at(path)
    return node === null ? null : wantedBy(node)
  }

  /** Every word that the schema knows, and where the first of that name stands. */
  places(): ReadonlyMap<string, string> {
    const places = new Map<string, string>()
    const visit = (node: unknown, place: string): void => {
      if (typeof node !== 'object' || node === null) return
      const words = Object.entries(nodeOf(Reflect.get(node, 'properties')) ?? {})
      for (const [word] of words) if (!places.has(word)) places.set(word, place)
      for (const [word, under] of words) visit(under, `under ${word}`)
      for (const [word, other] of Object.entries(node)) if (word !== 'properties') visit(other, place)
    }
    visit(this.#root, 'at the top of the file')
    return places
  }

  #at(path: readonly (string | number)[]): Node | null {
    return path.reduce<Node | null>((node, part) => (node === null ? null : under(node, part)), this.#root)
  }
}

function wantedBy(node: Node): string | null {
  if (Array.isArray(node.enum)) return `one of ${node.enum.map(String).join(', ')}`
  if (typeof node.const === 'string') return node.const
  if (typeof node.description === 'string') return node.description
  const forms = formsOf(node).map((form) => wantedBy(nodeOf(form) ?? {}))
  if (forms.length > 0) return forms.filter((form) => form !== null).join(' or ')
  return typeof node.type === 'string' ? (KINDS[node.type] ?? null) : null
}

function formsOf(node: Node): readonly unknown[] {
  const forms: unknown = node.anyOf ?? node.oneOf
  return Array.isArray(forms) ? forms : []
}

/** What stands under a word or an index; of several forms the first that has it. */
function under(node: Node, part: string | number): Node | null {
  const own = typeof part === 'number' ? nodeOf(node.items) : underWord(node, part)
  if (own !== null) return own
  for (const form of formsOf(node)) {
    const found = under(nodeOf(form) ?? {}, part)
    if (found !== null) return found
  }
  return null
}

function underWord(node: Node, word: string): Node | null {
  const properties = nodeOf(node.properties) ?? {}
  return Object.hasOwn(properties, word) ? nodeOf(properties[word]) : nodeOf(node.additionalProperties)
}

function nodeOf(value: unknown): Node | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
}
