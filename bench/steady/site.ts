/** What a run stands on: the yardstick's broker, a Redis of its own, topics of its own. `leave` takes all away again. */
import { join } from 'node:path'
import { Kafka, logLevel, type Admin } from 'kafkajs'
import { createTopics } from '../../src/log/kafka/admin.ts'
import { BROKER, REDIS_URL, Yard } from '../yardstick/yard.ts'
import { PARTITIONS } from './appender.ts'
import { groupOf, type JobPlace, type KafkajsPlace, type PeerPlace, type StreamsPlace } from './messages.ts'
import type { Peer, SteadyOptions } from './options.ts'

/** What is older is of no use to a run; without this an hour would fill the disk. */
const RETENTION_MS = 600_000
const SEGMENT_BYTES = 67_108_864

export interface Site {
  readonly yard: Yard
  readonly place: JobPlace | PeerPlace
  readonly brokerPid: number
  readonly redisPid: number
  readonly admin: Admin
  leave(): Promise<void>
}

/** What a run came to. `sound`: its figures may be read. */
export interface Run {
  readonly sound: boolean
  readonly figures: object
}

/** On a backlog the yardstick's two million records are there, and its topic of signals is empty. */
export async function openSite({ data, backlog, peer, fetchLingerMs }: SteadyOptions): Promise<Site> {
  const name = `steady-${Date.now()}`
  const yard = new Yard(join(import.meta.dirname, '../yardstick/peers'), data)
  const left: (() => void | Promise<unknown>)[] = []
  const leave = async (): Promise<void> => {
    for (const undo of left.splice(0).reverse()) await undo()
  }
  try {
    const foundUp = yard.brokerUp
    const brokerPid = backlog
      ? yard.prepare(join(import.meta.dirname, '../../node_modules'))
      : yard.startBroker()
    if (!foundUp) left.push(() => yard.stopBroker(brokerPid))
    const redis = await yard.startRedis(name)
    left.push(() => redis.stop())
    const admin = new Kafka({ brokers: [BROKER], clientId: 'steady', logLevel: logLevel.ERROR }).admin()
    await admin.connect()
    left.push(() => admin.disconnect())
    const topics = backlog
      ? { responses: 'bench.responses', signals: 'bench.signals' }
      : { responses: `${name}.responses`, signals: `${name}.signals` }
    if (backlog) await yard.emptySignals()
    else left.push(await makeTopics(admin, Object.values(topics)))
    left.push(() => admin.deleteGroups([groupOf(name)]).catch(() => undefined))
    const job = { name, broker: BROKER, redisUrl: REDIS_URL, topics, fetchLingerMs }
    return { yard, place: placeOf(peer, job, yard), brokerPid, redisPid: redis.pid, admin, leave }
  } catch (error) {
    await leave()
    throw error
  }
}

function placeOf(peer: Peer, job: JobPlace, yard: Yard): JobPlace | PeerPlace {
  if (peer === 'bailiff') return job
  return peer === 'kafka-streams' ? streamsPlaceOf(job, yard) : kafkajsPlaceOf(job, yard)
}

function kafkajsPlaceOf(job: JobPlace, { tools }: Yard): KafkajsPlace {
  const program = join(tools, 'kafkajs/memory.cjs')
  return { ...job, peer: 'kafkajs-memory', program, schema: join(tools, 'schema.avsc') }
}

/** Builds Kafka Streams' program, where it is not yet. */
function streamsPlaceOf(job: JobPlace, yard: Yard): StreamsPlace {
  yard.run(join(yard.tools, 'run.sh'), 'fetch-streams')
  const { data, tools } = yard
  return {
    ...job,
    peer: 'kafka-streams',
    classPath: `${join(data, 'streams-classes')}:${join(data, 'streams-libs')}/*`,
    schema: join(tools, 'schema.avsc'),
    stateFolder: join(data, 'state', job.name),
  }
}

/** Records carry the time at which the broker appended them. Gives what deletes the topics. */
async function makeTopics(admin: Admin, topics: readonly string[]): Promise<() => Promise<void>> {
  const configs = {
    'message.timestamp.type': 'LogAppendTime',
    'retention.ms': String(RETENTION_MS),
    'segment.bytes': String(SEGMENT_BYTES),
  }
  const plain = { partitions: PARTITIONS, replicationFactor: 1, configs }
  await createTopics(
    admin,
    topics.map((name) => ({ name, ...plain })),
  )
  return () => admin.deleteTopics({ topics: [...topics] })
}
