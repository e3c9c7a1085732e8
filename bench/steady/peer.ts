/**
 * A peer in the place of our worker: its program of the yardstick, run at a rate. It tells what it holds and how much it
 * has processed on its standard output; it begins at once, since there is nothing to be read before the order `go`.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Parent } from './parent.ts'
import {
  groupOf,
  peerPlace,
  TICK_MS,
  type KafkajsPlace,
  type PeerPlace,
  type StreamsPlace,
  type WorkerMessage,
} from './messages.ts'

/** Both as the yardstick starts them (`peers/run.sh`). */
function started(place: PeerPlace): ChildProcess {
  const [program, words] = place.peer === 'kafka-streams' ? streamsCommand(place) : kafkajsCommand(place)
  return spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
}

type Command = readonly [program: string, words: readonly string[]]

function streamsCommand({ name, broker, topics, classPath, schema, stateFolder }: StreamsPlace): Command {
  const properties = {
    'org.slf4j.simpleLogger.defaultLogLevel': 'error',
    app: name,
    broker,
    responses: topics.responses,
    signals: topics.signals,
    schema,
    state: `${stateFolder}-streams`,
    tell: String(TICK_MS),
  }
  const words = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`)
  return ['java', ['-Xms512m', '-Xmx2g', ...words, '-cp', classPath, 'bench.Usage']]
}

function kafkajsCommand({ name, topics, program, schema, fetchLingerMs }: KafkajsPlace): Command {
  const { responses, signals } = topics
  const told = ['--responses', responses, '--signals', signals, '--tell', String(TICK_MS)]
  const linger = fetchLingerMs === null ? [] : ['--linger', String(fetchLingerMs)]
  return [process.execPath, [program, groupOf(name), schema, ...told, ...linger]]
}

const ASSIGNED = /^ASSIGNED (\d+) partition (\d+)/
const SEEN = /^SEEN (\d+) late (\d+)/

/** What a line tells; null where nothing of a run. */
function messageOf(line: string): WorkerMessage | null {
  const [, atMs, partition] = ASSIGNED.exec(line) ?? []
  if (partition !== undefined) {
    return { kind: 'acquired', partition: Number(partition), atMs: Number(atMs), found: 'first', tookMs: 0 }
  }
  const [, records, late] = SEEN.exec(line) ?? []
  if (records === undefined) return null
  return { kind: 'progress', records: Number(records), late: Number(late), taken: [] }
}

async function main(place: PeerPlace): Promise<void> {
  const parent = new Parent<WorkerMessage>()
  const peer = started(place)
  const ended = once(peer, 'exit')
  // Whoever started us may go without a word: nothing of ours stays.
  process.once('exit', () => peer.kill('SIGKILL'))
  parent.tell({ kind: 'runs', pid: peer.pid ?? 0 })
  if (peer.stdout === null) throw new Error('the peer has no output')
  createInterface({ input: peer.stdout }).on('line', (line) => {
    const message = messageOf(line)
    if (message !== null) parent.tell(message)
  })
  const [done] = await Promise.race([
    parent.ordered('stop').then(() => ['stop'] as const),
    ended.then(() => ['ended'] as const),
  ])
  if (done === 'ended') throw new Error('the peer ended by itself')
  peer.kill('SIGTERM')
  await ended
  parent.leave()
}

await main(peerPlace.parse(JSON.parse(process.argv[2] ?? '')))
