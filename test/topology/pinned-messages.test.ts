/** Every message in the source of the language stands in some fixture's `expected.txt`: none is said that nobody has read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'

const SOURCE = 'src/topology'
const FIXTURES = join(import.meta.dirname, 'fixtures')

/** What these say is no mistake's text: it goes to reviewers, to editors, to who asks what is blind. */
const NOT_OF_MISTAKES = ['describe.ts', 'explanation.ts', 'json-schema.ts', 'model.ts', 'blind-spots.ts']

/** Literals that are no message, and of scenarios, which have snapshots of their own. */
const NOT_SAID = [
  'cel.ts: ): double',
  'read-derived.ts: how many of',
  'read-features.ts: reaching back',
  'read-features.ts: in sessions with gaps of at most',
  'read-features.ts: to the millisecond',
  'other-words.ts: write perMinute',
  'other-words.ts: write perMinute, with sixty times as many',
  'shape-mistakes.ts: Invalid input',
  'topology-schema.ts: a duration, as in 90s, 10m, 1h or 7d',
]

const pinned = readdirSync(FIXTURES)
  .map((name) => join(FIXTURES, name, 'expected.txt'))
  .filter((path) => existsSync(path))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n')

it('every message is pinned by a fixture', () => {
  const files = readdirSync(SOURCE).filter((file) => !NOT_OF_MISTAKES.includes(file))
  const missing = files.flatMap((file) =>
    messagesOf(file)
      .filter((parts) => !parts.every((part) => pinned.includes(part)))
      .map((parts) => `${file}: ${parts.join(' … ')}`),
  )
  const told = [...new Set(missing)].filter((one) => !NOT_SAID.includes(one))
  expect(told).toEqual([])
})

/** The texts of a file that have more than one word, each as what stands between the values that are put in. */
function messagesOf(file: string): readonly (readonly string[])[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(SOURCE, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  )
  const found: string[][] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return
    const parts = partsOf(node)
      .map((part) => part.trim())
      .filter((part) => part.length > 3)
    if (parts.some((part) => part.includes(' '))) found.push(parts)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function partsOf(node: ts.Node): readonly string[] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text]
  if (!ts.isTemplateExpression(node)) return []
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]
}
