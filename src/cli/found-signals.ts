/** Signals by their own id or by their account's, from the topics or from lines that `replay` or `tail` printed. */
import { isTopic } from '../codec/topics.ts'
import { eventFromLine, valueFromLine } from '../codec/json.ts'
import { systemClock } from '../domain/clock.ts'
import { silentLogger } from '../domain/logger.ts'
import type { Signal } from '../domain/signal.ts'
import { KafkaLog } from '../log/kafka/kafka-log.ts'
import type { Settings } from '../service/settings.ts'
import { readyCodec } from './commands/send.ts'
import { kafkaOptions } from './compose/kafka-options.ts'
import { requireTopics } from './compose/require-topics.ts'
import { CommandError } from './exit.ts'
import { linesOf } from './lines.ts'

const SIGNAL_TOPICS = ['abuse.signals.v1', 'abuse.signals.shadow.v1'] as const

/** In the order of event time. A file may hold records of other topics too; they are passed over. */
export async function foundSignals(
  settings: Settings,
  id: string,
  file: string | null,
): Promise<readonly Signal[]> {
  const found: Signal[] = []
  for await (const signal of file === null ? signalsOfTopics(settings) : signalsOfFile(file)) {
    if (signal.id === id || signal.actor.accountId === id) found.push(signal)
  }
  return found.sort((a, b) => a.occurredAtMs - b.occurredAtMs)
}

async function* signalsOfFile(file: string): AsyncIterable<Signal> {
  for await (const { text, number } of linesOf(file)) {
    const topic = /^\s*\{\s*"topic"\s*:\s*"([^"]*)"/.exec(text)?.[1]
    if (topic !== undefined && !isSignalTopic(topic)) continue
    const read =
      topic === undefined ? valueFromLine('abuse.signals.v1', text, number) : signalOf(text, number)
    if (!read.ok) throw new CommandError(`${file}: ${read.problem}`)
    yield read.value
  }
}

function signalOf(text: string, number: number): ReturnType<typeof valueFromLine<'abuse.signals.v1'>> {
  const event = eventFromLine(text, number)
  return event.ok ? valueFromLine('abuse.signals.v1', JSON.stringify(event.value.value), number) : event
}

function isSignalTopic(topic: string): boolean {
  return isTopic(topic) && SIGNAL_TOPICS.some((one) => one === topic)
}

async function* signalsOfTopics(settings: Settings): AsyncIterable<Signal> {
  const codec = await readyCodec(settings, [])
  const log = new KafkaLog(kafkaOptions(settings, 'explain'), systemClock, silentLogger)
  try {
    await requireTopics(log, SIGNAL_TOPICS)
    for (const topic of SIGNAL_TOPICS) {
      for (const [partition, { low }] of (await log.bounds(topic)).entries()) {
        for await (const record of log.readToEnd(topic, partition, low)) {
          if (record.value === null) continue
          await codec.prepare([record])
          const decoded = codec.decode(topic, record)
          if (decoded.ok) yield decoded.value
        }
      }
    }
  } finally {
    await log.close()
  }
}
