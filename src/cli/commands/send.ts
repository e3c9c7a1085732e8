/** `bailiff send TOPIC`: JSON lines in, Avro in the registry's wire format out, keyed and placed as readers expect. */
import type { Codec } from '../../codec/codec.ts'
import { valueFromLine } from '../../codec/json.ts'
import type { Topic } from '../../codec/topic-types.ts'
import { allTopics, isTopic, keyOf } from '../../codec/topics.ts'
import type { OutputRecord } from '../../engine/record.ts'
import { didYouMean } from '../../topology/problem.ts'
import { withTopics } from '../compose/with-topics.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { linesOf } from '../lines.ts'

const BATCH_RECORDS = 500

export async function send(context: CommandContext, name: string, file: string): Promise<number> {
  const topic = knownTopic(name)
  return withTopics(context.settings, { purpose: 'send', reads: [], writes: [topic] }, async (log, codec) => {
    const publisher = await log.publisher()
    const sent = await sendLines(context, topic, file, codec, (records) => publisher.publish(records))
    context.stderr.line(`${sent.records} records sent to ${topic}, ${sent.refused} lines refused`)
    return sent.refused > 0 ? EXIT.failed : EXIT.ok
  })
}

/** A topic of the design by its name; what was meant where it is none. */
export function knownTopic(name: string): Topic {
  if (isTopic(name)) return name
  const near = didYouMean(name, allTopics())
  const hint = near === null ? `Topics: ${allTopics().join(', ')}` : `Did you mean ${near}?`
  throw new CommandError(`There is no topic ${name}. ${hint}`, EXIT.usage)
}

async function sendLines<T extends Topic>(
  context: CommandContext,
  topic: T,
  file: string,
  codec: Codec,
  publish: (records: readonly OutputRecord[]) => Promise<void>,
): Promise<{ readonly records: number; readonly refused: number }> {
  let [records, refused] = [0, 0]
  let batch: OutputRecord[] = []
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await publish(batch)
    records += batch.length
    batch = []
    context.stderr.status(`${records} records sent`)
  }
  for await (const { text, number } of linesOf(file)) {
    const value = valueFromLine(topic, text, number)
    if (value.ok) {
      batch.push({
        topic,
        key: keyOf<T>(topic, value.value),
        value: codec.encode(topic, value.value),
        headers: {},
      })
    } else {
      refused++
      context.stderr.line(value.problem)
    }
    if (batch.length >= BATCH_RECORDS) await flush()
  }
  await flush()
  return { records, refused }
}
