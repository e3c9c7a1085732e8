/** Signals by their own id or by their account's, from the topics or from lines that `replay` or `tail` printed. */
import { eventFromLine, valueFromJson, valueFromLine, type FromJson } from '../codec/json.ts'
import type { Signal } from '../domain/signal.ts'
import type { Settings } from '../service/settings.ts'
import { topicRecords, valueOf, withTopics } from './compose/with-topics.ts'
import { CommandError } from './exit.ts'
import { linesOf } from './lines.ts'

const SIGNALS = 'abuse.signals.v1'
const SIGNAL_TOPICS = [SIGNALS, 'abuse.signals.shadow.v1'] as const

/** In the order of event time. A file may hold records of other topics too; they are passed over. */
export async function foundSignals(
  settings: Settings,
  id: string,
  file: string | null,
): Promise<readonly Signal[]> {
  const isMeant = (signal: Signal): boolean => signal.id === id || signal.actor.accountId === id
  const found = file === null ? await meantOfTopics(settings, isMeant) : await meantOfFile(file, isMeant)
  return found.sort((a, b) => a.occurredAtMs - b.occurredAtMs)
}

async function meantOfFile(file: string, isMeant: (signal: Signal) => boolean): Promise<Signal[]> {
  const found: Signal[] = []
  for await (const { text, number } of linesOf(file)) {
    const topic = /^\s*\{\s*"topic"\s*:\s*"([^"]*)"/.exec(text)?.[1]
    if (topic !== undefined && !SIGNAL_TOPICS.some((one) => one === topic)) continue
    const read = topic === undefined ? valueFromLine(SIGNALS, text, number) : signalOf(text, number)
    if (!read.ok) throw new CommandError(`${file}: ${read.problem}`)
    if (isMeant(read.value)) found.push(read.value)
  }
  return found
}

/** Of a line with its topic: both topics of signals hold the same. */
function signalOf(text: string, number: number): FromJson<Signal> {
  const event = eventFromLine(text, number)
  return event.ok ? valueFromJson(SIGNALS, event.value.value) : event
}

function meantOfTopics(settings: Settings, isMeant: (signal: Signal) => boolean): Promise<Signal[]> {
  return withTopics(
    settings,
    { purpose: 'explain', reads: SIGNAL_TOPICS, writes: [] },
    async (log, codec) => {
      const found: Signal[] = []
      for (const topic of SIGNAL_TOPICS) {
        for await (const record of topicRecords(log, topic)) {
          const signal = await valueOf(codec, topic, record)
          if (signal !== null && isMeant(signal)) found.push(signal)
        }
      }
      return found
    },
  )
}
