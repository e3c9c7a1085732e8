/**
 * Kafka Streams in the place of our worker: its program of the yardstick, run at a rate. It tells what it holds and how much it
 * has processed on its standard output; it begins at once, since there is nothing to be read before the order `go`.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Parent } from './parent.ts'
import { streamsPlace, TICK_MS, type StreamsPlace, type WorkerMessage } from './messages.ts'

/** As the yardstick starts it (`peers/run.sh`). */
function started({ name, broker, topics, classPath, schema, stateFolder }: StreamsPlace): ChildProcess {
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
  return spawn('java', ['-Xms512m', '-Xmx2g', ...words, '-cp', classPath, 'bench.Usage'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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

async function main(place: StreamsPlace): Promise<void> {
  const parent = new Parent<WorkerMessage>()
  const java = started(place)
  const ended = once(java, 'exit')
  // Whoever started us may go without a word: nothing of ours stays.
  process.once('exit', () => java.kill('SIGKILL'))
  parent.tell({ kind: 'runs', pid: java.pid ?? 0 })
  if (java.stdout === null) throw new Error('java has no output')
  createInterface({ input: java.stdout }).on('line', (line) => {
    const message = messageOf(line)
    if (message !== null) parent.tell(message)
  })
  const [done] = await Promise.race([
    parent.ordered('stop').then(() => ['stop'] as const),
    ended.then(() => ['ended'] as const),
  ])
  if (done === 'ended') throw new Error('java ended by itself')
  java.kill('SIGTERM')
  await ended
  parent.leave()
}

await main(streamsPlace.parse(JSON.parse(process.argv[2] ?? '')))
