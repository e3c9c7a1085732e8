/** The project's own sources with their imports and functions, for the tests that hold the house to its laws. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

export interface SourceFile {
  /** Path from `src/`, with forward slashes. */
  readonly path: string
  readonly folder: string
  readonly lines: number
  readonly imports: readonly Import[]
  readonly functions: readonly { readonly name: string; readonly lines: number }[]
}

export interface Import {
  readonly specifier: string
  /** Path from `src/` for the project's own files; null for packages. */
  readonly target: string | null
  readonly typeOnly: boolean
}

export function sourceFiles(root: string): readonly SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readSource(root, path.replaceAll('\\', '/')))
}

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const parsed = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const folder = path.includes('/') ? (path.split('/')[0] ?? '') : ''
  const imports = parsed.statements.flatMap((statement) => importsOf(statement, path))
  return { path, folder, lines: text.split('\n').length - 1, imports, functions: functionsOf(parsed) }
}

function importsOf(statement: ts.Statement, path: string): Import[] {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
  const { moduleSpecifier } = statement
  if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
  const specifier = moduleSpecifier.text
  const target = specifier.startsWith('.')
    ? relative('.', join(dirname(path), specifier)).replaceAll('\\', '/')
    : null
  return [{ specifier, target, typeOnly: isTypeOnly(statement) }]
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly
  const clause = statement.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly)
}

function functionsOf(parsed: ts.SourceFile): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = []
  const visit = (node: ts.Node): void => {
    const name = functionName(node)
    if (name !== null) found.push({ name, lines: lineCount(parsed, node) })
    ts.forEachChild(node, visit)
  }
  visit(parsed)
  return found
}

/** Named functions only: declarations, methods, and arrow functions that are given a name. */
function functionName(node: ts.Node): string | null {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) return node.name?.getText() ?? 'default'
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (
    ts.isVariableDeclaration(node) &&
    node.initializer !== undefined &&
    ts.isArrowFunction(node.initializer)
  ) {
    return node.name.getText()
  }
  return null
}

function lineCount(parsed: ts.SourceFile, node: ts.Node): number {
  const start = parsed.getLineAndCharacterOfPosition(node.getStart()).line
  return parsed.getLineAndCharacterOfPosition(node.getEnd()).line - start + 1
}
