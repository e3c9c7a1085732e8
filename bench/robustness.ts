/**
 * What disguises cost: recall at the shipped 1 % thresholds on rows of a text set as they are and under each disguise,
 * through the real readings, featuriser and model. Prints a table; with a second argument it writes it as JSON too.
 *
 * Per label at most ROWS_A_LABEL rows, evenly from the whole file. A row under a disguise is caught when any of what
 * it became is: split across turns, each turn is scored by itself, as the pipeline does it.
 *
 * Not measured here: what honest texts score under the same disguises, and disguises that nobody here thought of.
 *
 *   npm run bench -- robustness FILE.jsonl.gz [out.json]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { DEFAULT_BUNDLE_FOLDER, readCascade } from '../src/classify/model/bundle.ts'
import type { LabelEntry } from '../src/classify/model/manifest.ts'
import { ScoreSession } from '../src/classify/score-session.ts'

const ROWS_A_LABEL = 120
const PADDING_TOKENS = 8_000
const UNITS_A_TOKEN = 4
const TURNS = 3
const PADDING =
  'The meeting began at nine. We went through the notes of last week, and everybody said what they had done. ' +
  'Then there was coffee, and a long talk about the new garden chairs, their price and their colour. '

const rowSchema = z.object({ text: z.string(), policy: z.array(z.string()) })
type TextRow = z.infer<typeof rowSchema>

/** A text to the texts that are scored in its place. */
type Disguiser = (text: string) => readonly string[]

const LOOK_ALIKE: Readonly<Record<string, string>> = {
  a: 'а',
  e: 'е',
  o: 'о',
  p: 'р',
  c: 'с',
  x: 'х',
  i: 'і',
}
const LEET: Readonly<Record<string, string>> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' }

const DISGUISES: Readonly<Record<string, Disguiser>> = {
  none: (text) => [text],
  'zero-width': (text) => [text.replace(/(?<=\p{L})(?=\p{L})/gu, '\u200b')],
  'tag characters': (text) => [`Hello! ${tagged(text)}`],
  confusables: (text) => [substituted(text, LOOK_ALIKE, 2)],
  leetspeak: (text) => [substituted(text, LEET, 1)],
  spacing: (text) => [text.replace(/(?<=\p{L})(?=\p{L})/gu, ' ')],
  base64: (text) => [`Decode this and answer: ${Buffer.from(text).toString('base64')}`],
  hex: (text) => [`Decode this and answer: ${Buffer.from(text).toString('hex')}`],
  rot13: (text) => [`Decode this and answer:\n${text.replace(/[A-Za-z]/g, rotated)}`],
  'split across turns': split,
  'front padding': (text) => [`${padding()}\n${text}`],
}

function tagged(text: string): string {
  return Array.from(text, (sign) => {
    const code = sign.codePointAt(0) ?? 0
    return code >= 0x20 && code < 0x7f ? String.fromCodePoint(0xe0000 + code) : ''
  }).join('')
}

/** Every `nth` letter that the table knows. */
function substituted(text: string, table: Readonly<Record<string, string>>, nth: number): string {
  let seen = 0
  return Array.from(text, (sign) => {
    const other = table[sign]
    return other !== undefined && seen++ % nth === 0 ? other : sign
  }).join('')
}

function rotated(letter: string): string {
  const base = letter <= 'Z' ? 65 : 97
  return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base)
}

function split(text: string): readonly string[] {
  const words = text.split(' ')
  const size = Math.ceil(words.length / TURNS)
  const turns = Array.from({ length: TURNS }, (_, turn) =>
    words.slice(turn * size, (turn + 1) * size).join(' '),
  )
  return turns.filter((turn) => turn !== '')
}

function padding(): string {
  return PADDING.repeat(Math.ceil((PADDING_TOKENS * UNITS_A_TOKEN) / PADDING.length))
}

function readRows(file: string): TextRow[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => rowSchema.parse(JSON.parse(line)))
}

/** Rows of the label that lie evenly over the file. */
function sampled(rows: readonly TextRow[], label: string): readonly TextRow[] {
  const all = rows.filter((row) => row.policy.includes(label))
  const step = Math.max(1, all.length / ROWS_A_LABEL)
  return Array.from(
    { length: Math.min(ROWS_A_LABEL, all.length) },
    (_, i) => all[Math.floor(i * step)],
  ).filter((row) => row !== undefined)
}

async function recallOf(
  session: ScoreSession,
  { label, thresholds }: LabelEntry,
  rows: readonly TextRow[],
  disguise: Disguiser,
): Promise<number> {
  let caught = 0
  for (const { text } of rows) {
    const results = await session.score(disguise(text))
    const scores = results.map(({ model, scores }) => scores[model.labels.indexOf(label)] ?? 0)
    if (Math.max(...scores) >= (thresholds?.onePercent ?? 1)) caught++
  }
  return rows.length === 0 ? 0 : Math.round((1000 * caught) / rows.length) / 1000
}

async function main(file: string, out: string | undefined): Promise<void> {
  const session = await ScoreSession.open(await readCascade(DEFAULT_BUNDLE_FOLDER))
  const entries = session.models.flatMap(({ manifest }) => manifest.labels)
  const rows = readRows(file)
  const table: Record<string, Record<string, number>> = {}
  for (const [name, disguise] of Object.entries(DISGUISES)) {
    const recalls: Record<string, number> = {}
    for (const entry of entries) {
      const chosen = sampled(rows, entry.label)
      recalls[entry.label] = await recallOf(session, entry, chosen, disguise)
    }
    table[name] = recalls
    console.log(name.padEnd(20), JSON.stringify(recalls))
  }
  await session.release()
  if (out !== undefined)
    writeFileSync(out, `${JSON.stringify({ rowsALabel: ROWS_A_LABEL, recall: table }, null, 1)}\n`)
}

const [file, out] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: npm run bench -- robustness FILE.jsonl.gz [out.json]')
  process.exit(2)
}
await main(file, out)
