/** What to do about a mistake of YAML itself, in words of those who write rules. */
import type { ErrorCode } from 'yaml'

/** What the library says of a mistake. */
interface GrammarMistake {
  readonly code: ErrorCode
  readonly message: string
}

const SPACE_BEFORE = 'a space belongs behind each : and each -'

const HINTS: Partial<Readonly<Record<ErrorCode, string>>> = {
  ALIAS_PROPS: 'a text that begins with & or * needs quotes',
  BAD_ALIAS: 'a text that begins with & or * needs quotes',
  BAD_DQ_ESCAPE: 'in double quotes write \\\\ for \\, or use single quotes',
  BAD_INDENT: 'what belongs together begins in one column: look at this line and at the one before it',
  BAD_SCALAR_START: 'a text that begins with such a sign needs quotes',
  BLOCK_IN_FLOW: 'in { } and [ ] a comma stands between two, and one word alone before a :',
  DUPLICATE_KEY: 'one of the two must go, or a - is missing where the next item begins',
  MULTILINE_IMPLICIT_KEY: 'each line says a word, a : and a value; a : is missing here',
  MULTIPLE_DOCS: 'one file is one document: take out the ---',
  TAB_AS_INDENT: 'indent with spaces',
  UNEXPECTED_TOKEN: 'this belongs to nothing: see what stands before it',
  TAG_RESOLVE_FAILED: 'a text that begins with ! needs quotes',
}

/** By the message, where one code stands for several mistakes; the first that fits. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/^Nested mappings/, `a text that holds ": " needs quotes; ${SPACE_BEFORE}`],
  [/^A block sequence/, 'what stands under a word is indented by more than the word'],
  [/quote$/, 'the text that begins here is closed nowhere'],
  [/sufficiently indented/, 'a bracket is not closed above'],
  [/followed by map values$/, `a : is missing here; ${SPACE_BEFORE}`],
  [/^Sequence item without -/, 'a - is missing, or this is indented too little'],
  [/at node end$/, 'a text that begins with a quote or a bracket and goes on needs quotes around all of it'],
  [/^Missing , /, 'a comma is missing'],
  [/^Missing space after :/, SPACE_BEFORE],
  [/-end token/, 'one closing bracket too many'],
  [/^Block scalar header/, 'behind > or | the text begins on the next line, indented'],
  [/directives/, 'a line that begins with % needs quotes'],
]

/** What the library says of those who read a file by it, said of the file. */
export function yamlMessage({ code, message }: GrammarMistake): string {
  return code === 'MULTIPLE_DOCS' ? 'a second document begins here' : message
}

/** Null where nothing is known that would help. */
export function yamlHint({ code, message }: GrammarMistake): string | null {
  return BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1] ?? HINTS[code] ?? null
}
