/** What the processes of a steady run tell each other, over the channel that Node gives to a child. */
import { z } from 'zod'

/** Newest append time by partition: of what was appended, or of what was taken up for processing. */
const newest = z.array(z.tuple([z.number(), z.number()]))

export const workerMessage = z.discriminatedUnion('kind', [
  /** Who does the work, where it is not the process that tells of it. */
  z.object({ kind: z.literal('runs'), pid: z.number() }),
  /** A new partition has been assigned to this worker; its takeover begins. */
  z.object({ kind: z.literal('assigned'), atMs: z.number() }),
  z.object({
    kind: z.literal('acquired'),
    partition: z.number(),
    atMs: z.number(),
    found: z.string(),
    tookMs: z.number(),
  }),
  z.object({ kind: z.literal('released'), partition: z.number() }),
  /** The first records since the partition was acquired are taken up. */
  z.object({ kind: z.literal('moves'), partition: z.number(), atMs: z.number() }),
  /** Every fifth of a second. `records` counts late ones too. */
  z.object({ kind: z.literal('progress'), records: z.number(), late: z.number(), taken: newest }),
])
export type WorkerMessage = z.infer<typeof workerMessage>

const spread = z.object({
  count: z.number(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
})

export const loadMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('preloaded'), records: z.number() }),
  z.object({ kind: z.literal('started'), atMs: z.number() }),
  /** Every fifth of a second while it sends. */
  z.object({ kind: z.literal('tick'), sent: z.number(), appended: newest }),
  z.object({ kind: z.literal('sent'), sent: z.number(), tookMs: z.number() }),
  z.object({
    kind: z.literal('figures'),
    /** How long after its time each turn's first record was sent. */
    turnsLateMs: spread,
    /** From the append of the record that set a signal off to the signal's append, all signals. */
    latencyMs: spread,
    markers: z.object({
      expected: z.number(),
      exact: z.number(),
      otherRecord: z.number(),
      missing: z.number(),
      duplicates: z.number(),
    }),
  }),
])
export type LoadMessage = z.infer<typeof loadMessage>

/** What the main process wants next. */
export const order = z.enum(['preload', 'go', 'stop'])
export type Order = z.infer<typeof order>

export const jobPlace = z.object({
  name: z.string(),
  broker: z.string(),
  redisUrl: z.string(),
  topics: z.object({ responses: z.string(), signals: z.string() }),
  fetchLingerMs: z.number().nullable(),
})
export type JobPlace = z.infer<typeof jobPlace>

/** The group of a run's name. */
export function groupOf(name: string): string {
  return `bailiff.${name}`
}

/** Where Kafka Streams' program lies and what it keeps its state in, beside the job's place. */
const streamsPlace = jobPlace.extend({
  peer: z.literal('kafka-streams'),
  classPath: z.string(),
  schema: z.string(),
  stateFolder: z.string(),
})
export type StreamsPlace = z.infer<typeof streamsPlace>

/** Where the bare consumer's program lies, beside the job's place. */
const kafkajsPlace = jobPlace.extend({
  peer: z.literal('kafkajs-memory'),
  program: z.string(),
  schema: z.string(),
})
export type KafkajsPlace = z.infer<typeof kafkajsPlace>

export const peerPlace = z.discriminatedUnion('peer', [streamsPlace, kafkajsPlace])
export type PeerPlace = z.infer<typeof peerPlace>

export const loadPlan = z.object({
  broker: z.string(),
  topics: z.object({ responses: z.string(), signals: z.string() }),
  rate: z.number(),
  seconds: z.number(),
  accounts: z.number(),
  detections: z.number(),
  /** What was appended earlier has no latency figure: everything is still cold. */
  warmUpMs: z.number(),
})
export type LoadPlan = z.infer<typeof loadPlan>

export const TICK_MS = 200
