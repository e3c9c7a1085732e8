/** What a steady run is asked to do. A problem with a word is told, with what would do. */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultKafkaLogOptions } from '../../src/log/kafka/options.ts'
import { PARTITIONS } from './appender.ts'
import { MARKER_RECORDS } from './stream.ts'

const CACHE = resolve(import.meta.dirname, '../../.cache')
/** What a takeover is given after the kill: the session has to end first. */
const AFTER_KILL_S = 40

/** Who does the job. */
export const PEERS = ['bailiff', 'kafka-streams', 'kafkajs-memory'] as const
export type Peer = (typeof PEERS)[number]

export interface SteadyOptions {
  readonly peer: Peer
  readonly rate: number
  readonly seconds: number
  readonly processes: number
  readonly accounts: number
  readonly detections: number
  /** How long a broker that gave all that it had is not asked again; null: as the peer does by itself. */
  readonly fetchLingerMs: number | null
  readonly killAfterSeconds: number | null
  readonly backlog: boolean
  readonly out: string
  readonly data: string
}

/** Throws what is wrong with the words. */
export function readOptions(words: readonly string[]): SteadyOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      peer: { type: 'string', default: 'bailiff' },
      rate: { type: 'string', default: '5000' },
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      processes: { type: 'string', default: '1' },
      accounts: { type: 'string', default: '100000' },
      detections: { type: 'string', default: '5' },
      'fetch-linger': { type: 'string' },
      'kill-after': { type: 'string' },
      backlog: { type: 'boolean', default: false },
      out: { type: 'string', default: join(CACHE, `steady/${Date.now()}.jsonl`) },
      data: { type: 'string', default: join(CACHE, 'yardstick') },
    },
  })
  const after = values['kill-after']
  const killAfterSeconds = after === undefined ? null : atLeast('--kill-after', after, 1)
  const peer = peerOf(values.peer)
  const options: SteadyOptions = {
    peer,
    rate: atLeast('--rate', values.rate, 1),
    seconds: secondsOf(values.seconds, values.minutes, killAfterSeconds),
    processes: atLeast('--processes', values.processes, 1),
    accounts: atLeast('--accounts', values.accounts, 1),
    detections: atLeast('--detections', values.detections, 0),
    fetchLingerMs: lingerOf(values['fetch-linger'], peer),
    killAfterSeconds,
    backlog: values.backlog,
    out: resolve(values.out),
    data: resolve(values.data),
  }
  const problem = problemOf(options)
  if (problem !== null) throw new Error(problem)
  return options
}

function problemOf(options: SteadyOptions): string | null {
  const { peer, rate, seconds, processes, detections, fetchLingerMs, killAfterSeconds, backlog } = options
  if (peer !== 'bailiff' && (backlog || processes > 1 || killAfterSeconds !== null)) {
    return `--peer ${peer}: at a rate and in one process only; its backlog is \`npm run bench -- yardstick\``
  }
  if (peer === 'kafka-streams' && fetchLingerMs !== null) return '--fetch-linger: Kafka Streams has none'
  if (processes > PARTITIONS) return `--processes: at most ${PARTITIONS}, one for each partition`
  if (detections * MARKER_RECORDS > rate / 2) {
    return `--detections: at most ${Math.floor(rate / 2 / MARKER_RECORDS)} at this rate, half of it would be markers`
  }
  if (killAfterSeconds === null) return null
  if (backlog) return '--kill-after: not on a backlog, which has no lag to recover from'
  if (processes < 2) return '--kill-after: needs --processes 2 or more, somebody has to take over'
  if (seconds < killAfterSeconds + AFTER_KILL_S) {
    return `--seconds: at least ${killAfterSeconds + AFTER_KILL_S} with this --kill-after`
  }
  return null
}

function peerOf(word: string): Peer {
  const peer = PEERS.find((known) => known === word)
  if (peer === undefined) throw new Error(`--peer: one of ${PEERS.join(', ')}`)
  return peer
}

function lingerOf(word: string | undefined, peer: Peer): number | null {
  if (word !== undefined) return atLeast('--fetch-linger', word, 0)
  return peer === 'bailiff' ? defaultKafkaLogOptions.fetchLingerMs : null
}

function secondsOf(
  seconds: string | undefined,
  minutes: string | undefined,
  killAfter: number | null,
): number {
  if (seconds !== undefined && minutes !== undefined) throw new Error('--seconds or --minutes, not both')
  if (minutes !== undefined) return 60 * atLeast('--minutes', minutes, 1)
  if (seconds !== undefined) return atLeast('--seconds', seconds, 5)
  return killAfter === null ? 60 : killAfter + AFTER_KILL_S
}

function atLeast(name: string, word: string, least: number): number {
  const value = Number(word)
  if (!Number.isInteger(value) || value < least) throw new Error(`${name}: a whole number from ${least} on`)
  return value
}
