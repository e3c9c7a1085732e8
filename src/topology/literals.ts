/** What is written out in an expression and decides it alone, whatever is counted. */
import type { ASTNode } from '@marcbachmann/cel-js'
import { isNode } from './cel.ts'
import { oneLine } from './expression.ts'

export interface LiteralDoubt {
  readonly message: string
  readonly hint: string
  /** Offset in the expression. */
  readonly at: number
}

/** @param text of which the tree is */
export function literalDoubts(node: unknown, text: string): readonly LiteralDoubt[] {
  if (Array.isArray(node)) return node.flatMap((one) => literalDoubts(one, text))
  if (!isNode(node)) return []
  const own = doubtOf(node, oneLine(text.slice(node.start, node.end)))
  return own === null ? literalDoubts(node.args, text) : [{ ...own, at: node.start }]
}

function doubtOf(node: ASTNode, text: string): Omit<LiteralDoubt, 'at'> | null {
  if (node.op === 'value' && typeof node.args === 'boolean')
    return {
      message: node.args ? `${text} holds whatever is counted` : `${text} never holds`,
      hint: 'a condition compares figures; take it out',
    }
  if (node.op === '/' && isZero(node.args[1]))
    return { message: `${text} is unknown whatever is counted`, hint: NEVER }
  if (node.op === 'call' && node.args[0] === 'logistic' && isZero(node.args[1][2]))
    return {
      message: `${text} has no scale, and is unknown whatever is counted`,
      hint: 'the scale says within how much it rises, as in logistic(requests_1h, 100, 20)',
    }
  return null
}

const NEVER = 'nothing is divided by 0, and what is unknown never fires'

function isZero(node: ASTNode | undefined): boolean {
  return node?.op === 'value' && Number(node.args) === 0
}
