/** What slips and accidents make of a file that people write, for tests of what is said of it. */
import fc from 'fast-check'

/** One slip: of which kind, at which place (shares of what is there, 0 to 1), and what stands there then. */
export interface Mutation {
  readonly kind: keyof typeof KINDS
  readonly at: number
  readonly other: number
  readonly text: string
}

const PLACES = 2 ** 31

/** What may stand where something else should. */
const STRANGE = [
  '7',
  '-1',
  '0',
  '1e999',
  '.nan',
  'null',
  '~',
  'true',
  '[]',
  '{}',
  '[1, two]',
  '{ a: { b: 1 } }',
  '""',
  '"\\u0000"',
  '*nobody',
  '&me *me',
  '!!binary aGk=',
  '!strange x',
  '2026-01-01',
  '0x1F',
  '10 m',
  '1w',
  'constructor',
  '__proto__',
  'toString',
  'größer 🚦 ‮abc',
  'a && b || !c',
  'requests_1h > ',
  '(((((((((((',
  '"unclosed',
  'x'.repeat(20_000),
  '!'.repeat(2_000) + 'billed',
  'a: b: c',
  '\t',
  '# all gone',
  '- - - -',
  '%',
  '9'.repeat(400),
]

const KINDS = {
  deletes: (text: string, { at }: Mutation): string => withLine(text, at, () => null),
  doubles: (text: string, { at }: Mutation): string => withLine(text, at, (line) => `${line}\n${line}`),
  truncates: (text: string, { at }: Mutation): string => text.slice(0, Math.floor(at * text.length)),
  replaces: (text: string, mutation: Mutation): string =>
    withLine(text, mutation.at, (line) =>
      line.replace(/^(\s*(?:- )?[^\s:]+:).*/, `$1 ${safe(mutation.text)}`),
    ),
  replacesAll: (text: string, mutation: Mutation): string => withLine(text, mutation.at, () => mutation.text),
  renames: (text: string, mutation: Mutation): string =>
    withLine(text, mutation.at, (line) => line.replace(/[\w.]+/, safe(mutation.text))),
  swaps: swapped,
  indents: (text: string, { at }: Mutation): string => withLine(text, at, (line) => `  ${line}`),
  outdents: (text: string, { at }: Mutation): string =>
    withLine(text, at, (line) => line.replace(/^ {1,2}/, '')),
  tabs: (text: string, { at }: Mutation): string => withLine(text, at, (line) => line.replace(/^ */, '\t')),
  inserts: (text: string, { at, text: more }: Mutation): string => {
    const place = Math.floor(at * text.length)
    return text.slice(0, place) + more + text.slice(place)
  },
  drops: (text: string, { at, other }: Mutation): string => {
    const place = Math.floor(at * text.length)
    return text.slice(0, place) + text.slice(place + 1 + Math.floor(other * 5))
  },
} as const

/** A share, each as likely as any: what is drawn with a bias is nearly always the first line, or the last. */
const anywhere = fc.noBias(fc.nat(PLACES - 1)).map((place) => place / PLACES)

/** One to three slips. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds()),
    at: anywhere,
    other: anywhere,
    text: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...STRANGE) },
      { weight: 1, arbitrary: fc.string() },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    ),
  }),
  { minLength: 1, maxLength: 3 },
)

/** The file after all of them, in order. */
export function mutated(text: string, slips: readonly Mutation[]): string {
  return slips.reduce((sofar, slip) => KINDS[slip.kind](sofar, slip), text)
}

function kinds(): readonly Mutation['kind'][] {
  return ['deletes', 'doubles', 'truncates', 'replaces', 'replacesAll', 'renames', 'swaps', 'indents', 'outdents', 'tabs', 'inserts', 'drops'] // prettier-ignore
}

function withLine(text: string, at: number, change: (line: string) => string | null): string {
  const lines = text.split('\n')
  const place = Math.floor(at * lines.length)
  return lines.flatMap((line, index) => (index === place ? (change(line) ?? []) : [line])).join('\n')
}

/** What stands after the word of one line, and after that of another, change places. */
function swapped(text: string, { at, other }: Mutation): string {
  const lines = text.split('\n')
  const [a, b] = [Math.floor(at * lines.length), Math.floor(other * lines.length)]
  const [wordA, valueA] = halves(lines[a] ?? '')
  const [wordB, valueB] = halves(lines[b] ?? '')
  lines[a] = wordA + valueB
  lines[b] = wordB + valueA
  return lines.join('\n')
}

function halves(line: string): readonly [string, string] {
  const end = line.indexOf(':') + 1
  return [line.slice(0, end), line.slice(end)]
}

/** As what replaces a match: a `$` means itself. */
function safe(text: string): string {
  return text.replaceAll('$', '$$$$')
}
