/**
 * Every call in src/engine of a port method that is waited for, found by the compiler's own types, and whether
 * one of the engine's hooks announces it: the call stands in what is given to `probed`, or in a function that is
 * called from there only. And whether it has hooks of its own, with no other call of a port between them.
 */
import { readdirSync } from 'node:fs'
import ts from 'typescript'

/** An offline command, which no owner runs beside; its own test interrupts it. */
const OFFLINE = ['src/engine/repartition.ts', 'src/engine/unmoved.ts']
const PORT_FILES = ['src/engine/log.ts', 'src/engine/state-store.ts']

export interface PortCall {
  /** `file:line Port.method`. */
  readonly name: string
  readonly announced: boolean
  /** Nothing can happen between this call and its hooks. */
  readonly alone: boolean
}

export function portCalls(): readonly PortCall[] {
  const paths = readdirSync('src/engine').map((file) => `src/engine/${file}`)
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    types: ['node'],
  }
  const program = ts.createProgram(paths, options)
  const checker = program.getTypeChecker()
  const files = program
    .getSourceFiles()
    .filter((file) => paths.includes(relative(file)) && !OFFLINE.includes(relative(file)))
  const calls = files.flatMap((file) => callsIn(file))
  return calls.flatMap((call) => {
    const method = portMethod(checker, call)
    if (method === null) return []
    const name = `${place(call)} ${method}`
    return [{ name, announced: announced(checker, calls, call, []), alone: isAlone(checker, call) }]
  })
}

/** Whether it is the one call in what is given to `probed`, made there and not in a function that is called from there. */
function isAlone(checker: ts.TypeChecker, call: ts.CallExpression): boolean {
  for (let at: ts.Node = call.parent; !ts.isSourceFile(at); at = at.parent) {
    if (functionSymbol(checker, at) !== undefined) return false
    if (!ts.isCallExpression(at) || at.expression.getText() !== 'probed') continue
    return callsIn(at).filter((one) => portMethod(checker, one) !== null).length === 1
  }
  return false
}

function callsIn(node: ts.Node): ts.CallExpression[] {
  const found: ts.CallExpression[] = ts.isCallExpression(node) ? [node] : []
  ts.forEachChild(node, (child) => void found.push(...callsIn(child)))
  return found
}

/** `Port.method` where the call is one of a port and has to be waited for. */
function portMethod(checker: ts.TypeChecker, call: ts.CallExpression): string | null {
  const declaration = checker.getResolvedSignature(call)?.declaration
  if (declaration === undefined || !ts.isMethodSignature(declaration)) return null
  const { parent } = declaration
  if (!ts.isInterfaceDeclaration(parent) || !PORT_FILES.includes(relative(declaration.getSourceFile()))) {
    return null
  }
  if (!/^(Promise|AsyncIterable)</.test(declaration.type?.getText() ?? '')) return null
  return `${parent.name.text}.${declaration.name.getText()}`
}

function announced(
  checker: ts.TypeChecker,
  calls: readonly ts.CallExpression[],
  node: ts.Node,
  seen: readonly ts.Symbol[],
): boolean {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isCallExpression(at) && at.expression.getText() === 'probed') return true
    const symbol = functionSymbol(checker, at)
    if (symbol !== undefined && !seen.includes(symbol)) {
      const callers = calls.filter((call) => calledSymbol(checker, call) === symbol)
      const before = [...seen, symbol]
      return callers.length > 0 && callers.every((call) => announced(checker, calls, call, before))
    }
  }
  return false
}

function functionSymbol(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  const named = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)
  return named && node.name !== undefined ? checker.getSymbolAtLocation(node.name) : undefined
}

function calledSymbol(checker: ts.TypeChecker, call: ts.CallExpression): ts.Symbol | undefined {
  const symbol = checker.getSymbolAtLocation(
    ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression,
  )
  const imported = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0
  const called = imported ? checker.getAliasedSymbol(symbol) : symbol
  // A method of a generic class has a symbol of its own wherever it is called: the declaration is what they share.
  return called?.valueDeclaration === undefined ? called : functionSymbol(checker, called.valueDeclaration)
}

function place(node: ts.Node): string {
  const file = node.getSourceFile()
  return `${relative(file)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}

function relative(file: ts.SourceFile): string {
  return file.fileName.slice(Math.max(0, file.fileName.lastIndexOf('src/engine/')))
}
