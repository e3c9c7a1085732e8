/**
 * Values as JSON, as `send`, `tail` and `replay` read and write them: one object a line.
 *
 * J1. Missing fields that may be null are null; a misspelt field is an error, not a null.
 * J2. An error names line and field, never the value (P9).
 */
import { isObject, type Shape } from './guard.ts'
import type { Topic, TopicTypes } from './topic-types.ts'
import { isTopic, keyOf, TOPIC_GUARDS } from './topics.ts'

export type FromJson<V> =
  { readonly ok: true; readonly value: V } | { readonly ok: false; readonly problem: string }

/** One line of a file of input events. */
export interface EventLine {
  readonly topic: Topic
  readonly key: string
  readonly value: TopicTypes[Topic]
  /** When the log took it, epoch milliseconds; null where the line does not say. */
  readonly appendTimeMs: number | null
}

/** A value of the topic, from parsed JSON. */
export function valueFromJson<T extends Topic>(topic: T, json: unknown): FromJson<TopicTypes[T]> {
  const guard = TOPIC_GUARDS[topic]
  const stranger = unknownField(guard.shape, json, '')
  if (stranger !== null) return { ok: false, problem: `${stranger}: no such field in ${topic}` }
  const value = withNulls(guard.shape, json)
  if (guard.accepts(value)) return { ok: true, value }
  const field = guard.problem(value) ?? ''
  return { ok: false, problem: `${field === '' ? topic : field}: ${expected(guard.shape, value, field)}` }
}

/** A value of the topic from one line. `number` counts lines from 1 and is for the message. */
export function valueFromLine<T extends Topic>(
  topic: T,
  line: string,
  number: number,
): FromJson<TopicTypes[T]> {
  const parsed = parseJson(line)
  if (!parsed.ok) return { ok: false, problem: `line ${number}: ${parsed.problem}` }
  const result = valueFromJson(topic, parsed.value)
  return result.ok ? result : { ok: false, problem: `line ${number}: ${result.problem}` }
}

/**
 * An event from a line of `{topic, value, key?, appendTime?}`; `appendTime` in milliseconds or as a date. The envelope that
 * `bailiff tail --envelope` prints is such a line too: it says `appendTimeMs`.
 */
export function eventFromLine(line: string, number: number): FromJson<EventLine> {
  const parsed = parseJson(line)
  const event = parsed.ok ? eventFromJson(parsed.value) : parsed
  return event.ok ? event : { ok: false, problem: `line ${number}: ${event.problem}` }
}

/** The line of a value: what `eventFromLine` reads. */
export function lineOfEvent(event: EventLine): string {
  const { topic, key, value, appendTimeMs } = event
  return JSON.stringify({ topic, key, ...(appendTimeMs === null ? {} : { appendTime: appendTimeMs }), value })
}

function eventFromJson(json: unknown): FromJson<EventLine> {
  if (!isObject(json)) return problem('an event is an object with topic and value')
  const { topic, key, value, appendTime = json['appendTimeMs'] } = json
  if (topic === undefined)
    return problem('topic: missing; a line is what `bailiff tail TOPIC --envelope` prints')
  if (typeof topic !== 'string' || !isTopic(topic)) return problem('topic: no topic of the design')
  const appendTimeMs = timeOf(appendTime)
  if (appendTimeMs === undefined) return problem('appendTime: neither milliseconds nor a date')
  if (key !== undefined && typeof key !== 'string') return problem('key: text expected')
  const result = valueFromJson(topic, value)
  if (!result.ok) return result
  return {
    ok: true,
    value: { topic, key: key ?? keyOf(topic, result.value), value: result.value, appendTimeMs },
  }
}

function problem(text: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: text }
}

function parseJson(line: string): FromJson<unknown> {
  try {
    return { ok: true, value: JSON.parse(line) }
  } catch {
    return problem('not JSON')
  }
}

/** Null where there is none, undefined where there is no time in it. */
function timeOf(written: unknown): number | null | undefined {
  if (written === undefined || written === null) return null
  const timeMs = typeof written === 'string' ? Date.parse(written) : written
  return typeof timeMs === 'number' && Number.isSafeInteger(timeMs) && timeMs >= 0 ? timeMs : undefined
}

/** The same value with null for every missing field that may be null. (J1) */
function withNulls(shape: Shape, json: unknown): unknown {
  if (shape.kind === 'nullable') return json === undefined || json === null ? null : withNulls(shape.of, json)
  if (shape.kind === 'list' && Array.isArray(json)) return json.map((item) => withNulls(shape.of, item))
  if (shape.kind !== 'record' || !isObject(json)) return json
  return Object.fromEntries(
    Object.entries(shape.fields).map(([name, field]) => [name, withNulls(field, json[name])]),
  )
}

/** The path of the first field that the shape does not have. (J1) */
function unknownField(shape: Shape, json: unknown, path: string): string | null {
  if (shape.kind === 'nullable') return unknownField(shape.of, json, path)
  if (shape.kind === 'list' && Array.isArray(json)) {
    return first(json.map((item, index) => unknownField(shape.of, item, `${path}[${index}]`)))
  }
  if (shape.kind !== 'record' || !isObject(json)) return null
  return first(
    Object.entries(json).map(([name, value]) => {
      const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
      const inner = path === '' ? name : `${path}.${name}`
      return field === undefined ? inner : unknownField(field, value, inner)
    }),
  )
}

function first(paths: readonly (string | null)[]): string | null {
  return paths.find((path) => path !== null) ?? null
}

/** What the field at `path` should have been. */
function expected(shape: Shape, value: unknown, path: string): string {
  let at: unknown = value
  let wanted = shape
  for (const step of path.split(/[.[\]]+/).filter((part) => part !== '')) {
    if (wanted.kind === 'nullable') wanted = wanted.of
    if (wanted.kind === 'record' && wanted.fields[step] === undefined)
      return 'exactly one of them is to be set'
    at = isObject(at) ? at[step] : Array.isArray(at) ? at[Number(step)] : undefined
    wanted = wanted.kind === 'record' ? (wanted.fields[step] ?? wanted) : 'of' in wanted ? wanted.of : wanted
  }
  return at === undefined ? 'missing' : `${description(wanted)} expected, within its bounds`
}

function description(shape: Shape): string {
  switch (shape.kind) {
    case 'nullable':
      return `${description(shape.of)} or null`
    case 'symbol':
      return `one of ${shape.symbols.join(', ')}`
    case 'integer':
      return 'a whole number'
    case 'flag':
      return 'true or false'
    case 'record':
      return 'an object'
    default:
      return `a ${shape.kind}`
  }
}
