/**
 * The topic table, `schemas/topics.yaml`, read and checked: every topic of the design once, nothing unknown, all
 * defaults resolved. An error names the file, the entry and what to do; all errors are told at once.
 */
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../domain/duration.ts'
import { RefusedError } from '../engine/errors.ts'
import type { Topic } from './topic-types.ts'
import { allTopics, isTopic } from './topics.ts'

/** Topologies: they read in consumer groups of their own, and set aside what they cannot read. */
export const TOPOLOGIES = ['meter', 'classify', 'capacity', 'usage', 'linkage', 'enforcement'] as const
/** Topologies that keep windows, for which a record can be late. */
const WINDOWED = ['capacity', 'usage', 'linkage', 'enforcement']
const OTHERS = ['platform', 'accountService', 'gateway', 'billing', 'vault', 'legal', 'console'] as const
const PRINCIPALS = [...TOPOLOGIES, ...OTHERS] as const
export type Principal = (typeof PRINCIPALS)[number]

export const PARTITION_GROUPS = ['account', 'pool', 'fingerprint', 'control'] as const
export type PartitionGroup = (typeof PARTITION_GROUPS)[number]

/** Fields or compounds that a topic is keyed by. */
export const KEY_NAMES = ['accountId', 'poolId', 'fingerprint', 'id'] as const

/** The longest record that Kafka takes by default, in bytes. */
const DEFAULT_RECORD_BYTES = 1_048_588

const durationMs = z.string().transform((written, context) => {
  if (written === 'forever') return null
  const ms = parseDuration(written)
  if (ms === null) context.addIssue('write a duration such as 7d or 12h, or forever')
  return ms
})

const entrySchema = z.strictObject({
  name: z.string().refine(isTopic, 'no topic of the design: see TopicTypes in src/codec/topic-types.ts'),
  title: z.string().min(1),
  schema: z.string().regex(/^[a-z-]+\.avsc$/, 'name an .avsc file of this folder'),
  key: z.enum(KEY_NAMES),
  partitions: z.enum(PARTITION_GROUPS),
  cleanup: z.enum(['delete', 'compact']),
  retention: durationMs,
  timestampType: z.enum(['LogAppendTime', 'CreateTime']),
  compatibility: z.enum(['BACKWARD_TRANSITIVE', 'FULL_TRANSITIVE']),
  soleWriter: z.enum(PRINCIPALS),
  readers: z.array(z.enum(PRINCIPALS)).min(1),
  /** transaction: the task's fenced producer. sequence: readers drop older epochs. none: the writer sees to it. */
  fencing: z.enum(['transaction', 'sequence', 'none']),
  /** How readers drop repeats: by an id in the value, by header, or because only the newest of a key counts. */
  repeats: z.enum(['eventId', 'id', 'origin', 'sequence', 'newest']),
  content: z.boolean().default(false),
  maxRecordBytes: z.int().min(1_024).default(DEFAULT_RECORD_BYTES),
})

const sideSchema = z.strictObject({ prefix: z.string().min(1), retention: durationMs })

const fileSchema = z.strictObject({
  partitions: z.strictObject({
    account: z.int().min(1),
    pool: z.int().min(1),
    fingerprint: z.int().min(1),
    control: z.literal(1, 'the control topic has one partition, so that its records have one order'),
  }),
  side: z.strictObject({ deadLetter: sideSchema, late: sideSchema }),
  topics: z.array(entrySchema),
})

type Entry = z.infer<typeof entrySchema>

/** One topic as it is to be created. `retentionMs` null keeps for ever. */
export interface KafkaTopic {
  readonly name: string
  readonly partitions: number
  readonly cleanup: 'delete' | 'compact'
  readonly retentionMs: number | null
  readonly timestampType: 'LogAppendTime' | 'CreateTime'
  readonly maxRecordBytes: number
}

/** One topic of the design, with nothing left open. */
export interface TopicEntry extends Omit<Entry, 'partitions' | 'retention'> {
  readonly partitions: number
  readonly partitionGroup: PartitionGroup
  /** Null keeps for ever. */
  readonly retentionMs: number | null
}

/** Dead letters or late records of a topic. */
export interface SideTopic extends KafkaTopic {
  readonly source: Topic
  readonly kind: 'deadLetter' | 'late'
  /** Holds text where its source does: same rights to read. */
  readonly content: boolean
}

export interface TopicTable {
  readonly topics: readonly TopicEntry[]
  readonly sideTopics: readonly SideTopic[]
  entry(topic: Topic): TopicEntry
  /** Where what cannot be read goes. */
  deadLetterTopic(source: Topic): string
  /** Where what came too late goes. */
  lateTopic(source: Topic): string
}

export type PartitionCounts = Readonly<Partial<Record<PartitionGroup, number>>>

/** Reads the table. `file` is for messages; `partitions` takes the place of the table's own numbers. */
export function parseTopicTable(text: string, file: string, partitions: PartitionCounts = {}): TopicTable {
  const document = parseDocument(text, { uniqueKeys: true })
  const problems = document.errors.map((error) => `${file}: ${error.message}`)
  if (problems.length > 0) throw new RefusedError(problems.join('\n'))
  const json: unknown = document.toJS()
  const parsed = fileSchema.safeParse(json)
  if (!parsed.success) throw new RefusedError(issues(file, json, parsed.error).join('\n'))
  const wrong = contradictions(parsed.data.topics)
  if (wrong.length > 0) throw new RefusedError(wrong.map((problem) => `${file}: ${problem}`).join('\n'))
  return resolve(parsed.data, { ...parsed.data.partitions, ...partitions, control: 1 })
}

function issues(file: string, json: unknown, error: z.ZodError): readonly string[] {
  return error.issues.map((issue) => {
    const [section, index, ...rest] = issue.path
    const named =
      section === 'topics' && typeof index === 'number' ? [entryName(json, index), ...rest] : issue.path
    return `${file}: ${named.join('.')}: ${issue.message}`
  })
}

const namesSchema = z.object({ topics: z.array(z.object({ name: z.string().optional() })) })

function entryName(json: unknown, index: number): string {
  const parsed = namesSchema.safeParse(json)
  return (parsed.success ? parsed.data.topics[index]?.name : undefined) ?? `topics[${index}]`
}

function contradictions(entries: readonly Entry[]): readonly string[] {
  const names = entries.map((entry) => entry.name)
  const missing = allTopics().filter((topic) => !names.includes(topic))
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  return [
    ...missing.map((topic) => `${topic}: missing; add an entry under topics`),
    ...twice.map((topic) => `${topic}: listed twice; keep one entry`),
    ...entries.flatMap(contradictionsOf),
  ]
}

function contradictionsOf(entry: Entry): readonly string[] {
  const problems: string[] = []
  const say = (problem: string): unknown => problems.push(`${entry.name}: ${problem}`)
  if (entry.cleanup === 'compact' && entry.retention !== null)
    say('a compacted topic keeps forever; write retention: forever')
  if (entry.cleanup === 'delete' && entry.retention === null)
    say('state how long a log is kept; forever is for compacted topics')
  if (entry.cleanup === 'compact' && entry.repeats !== 'newest')
    say('on a compacted topic repeats are dropped by newest')
  if (entry.content && !entry.readers.every((reader) => reader === 'meter' || reader === 'classify')) {
    say('text may be read by meter and classify alone')
  }
  return problems
}

function resolve(file: z.infer<typeof fileSchema>, counts: Record<PartitionGroup, number>): TopicTable {
  const topics = file.topics.map((entry) => resolveEntry(entry, counts[entry.partitions]))
  const byName = new Map(topics.map((entry) => [entry.name, entry]))
  const { deadLetter, late } = file.side
  const side = (kind: SideTopic['kind'], source: TopicEntry): SideTopic =>
    sideTopic(kind, source, kind === 'late' ? late : deadLetter)
  return {
    topics,
    sideTopics: topics.flatMap((entry) => sideKinds(entry).map((kind) => side(kind, entry))),
    entry: (topic) => present(byName.get(topic), topic),
    deadLetterTopic: (source) => deadLetter.prefix + source,
    lateTopic: (source) => late.prefix + source,
  }
}

function present<V>(value: V | undefined, name: string): V {
  if (value === undefined) throw new Error(`${name} is missing from the topic table`)
  return value
}

function resolveEntry(entry: Entry, partitions: number): TopicEntry {
  const { partitions: partitionGroup, retention: retentionMs, ...rest } = entry
  return { ...rest, partitions, partitionGroup, retentionMs }
}

function sideKinds(entry: TopicEntry): readonly SideTopic['kind'][] {
  const topologies = entry.readers.filter((reader) => TOPOLOGIES.some((topology) => topology === reader))
  if (topologies.length === 0) return []
  return topologies.some((reader) => WINDOWED.includes(reader)) ? ['deadLetter', 'late'] : ['deadLetter']
}

/** Twice the source's longest record: what is set aside gains headers and must still fit. */
function sideTopic(kind: SideTopic['kind'], source: TopicEntry, side: z.infer<typeof sideSchema>): SideTopic {
  return {
    name: side.prefix + source.name,
    kind,
    source: source.name,
    content: source.content,
    partitions: source.partitions,
    cleanup: 'delete',
    retentionMs: side.retention,
    timestampType: 'CreateTime',
    maxRecordBytes: 2 * source.maxRecordBytes,
  }
}
