/** Records of a topic as JSON lines, one file a topic: what the run leaves behind, and all that is judged. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Line {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  /** Null: a tombstone. */
  readonly value: Fields | null
}

export type Fields = Readonly<Record<string, unknown>>

/** What the platform and people sent. */
export const INPUT_TOPICS = [
  'inference.usage.v1',
  'inference.verdicts.v1',
  'accounts.state.v1',
  'abuse.pool-pressure.v1',
  'abuse.decisions.v1',
  'bailiff.control.v1',
] as const

/** What came out, or must not have. */
export const OUTPUT_TOPICS = [
  'abuse.signals.v1',
  'abuse.sanctions.v1',
  'abuse.standing.v1',
  'abuse.preservation.v1',
  'abuse.reviews.v1',
  'abuse.referrals.v1',
  'abuse.signals.shadow.v1',
  'abuse.sanctions.shadow.v1',
  'abuse.standing.shadow.v1',
] as const

/** What was set aside: nothing, in a run whose input is sound. */
export const ASIDE_TOPICS = [
  'dlq.inference.usage.v1',
  'dlq.inference.verdicts.v1',
  'dlq.accounts.state.v1',
  'dlq.abuse.signals.v1',
  'late.inference.usage.v1',
  'late.inference.verdicts.v1',
] as const

/** Where people's words go that count for nothing. */
export const REFUSED_TOPIC = 'dlq.abuse.decisions.v1'

export function fileOf(folder: string, topic: string): string {
  const side = INPUT_TOPICS.some((one) => one === topic) ? 'inputs' : 'outputs'
  return join(folder, side, `${topic}.jsonl`)
}

/** In the order of partition and offset. */
export function readLines(folder: string, topic: string): readonly Line[] {
  const file = fileOf(folder, topic)
  if (!existsSync(file)) return []
  const texts = readFileSync(file, 'utf8').split('\n')
  return texts
    .filter((text) => text !== '')
    .map((text) => lineOf(text, file))
    .sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

function lineOf(text: string, file: string): Line {
  const parsed: unknown = JSON.parse(text)
  if (isLine(parsed)) return parsed
  throw new Error(`${file} holds a line that is no record: ${text.slice(0, 100)}`)
}

function isLine(value: unknown): value is Line {
  return (
    typeof value === 'object' && value !== null && 'topic' in value && 'offset' in value && 'value' in value
  )
}

export function text(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new Error(`${name} is no text`)
  return value
}

export function number(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number') throw new Error(`${name} is no number`)
  return value
}

export function numberOrNull(fields: Fields, name: string): number | null {
  return fields[name] === null ? null : number(fields, name)
}

export function fieldsOf(fields: Fields, name: string): Fields {
  const value = fields[name]
  if (!isFields(value)) throw new Error(`${name} is no record`)
  return value
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value: unknown = fields[name]
  if (!Array.isArray(value)) throw new Error(`${name} is no list`)
  return value.filter(isFields)
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
