/** The stage `classify` between records and records: in slices, so that one portion never holds the event loop for long. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClassifier, type Classifier } from '../../src/classify/classifier.ts'
import { SLICE_UNITS } from '../../src/classify/in-slices.ts'
import { DEFAULT_BUNDLE_FOLDER } from '../../src/classify/model/bundle.ts'
import { classifyStage } from '../../src/cli/compose/stages.ts'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { EmbeddedSchemas } from '../../src/codec/schema-source.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { part, request } from '../classify/fixtures/events.ts'
import { turnsDuring } from '../support/turns-during.ts'

const BYTES_A_UNIT = 8
const TOPIC = 'inference.requests.v1'

const flows = loadFlows()
const codec = createCodec({ schemas: flows.schemas, source: new EmbeddedSchemas(flows.schemas) })
let classifier: Classifier
beforeAll(async () => {
  await codec.ready([TOPIC, 'inference.verdicts.v1'])
  const hashKey = { id: 'test-1', secret: Buffer.alloc(32, 7) }
  classifier = await createClassifier({ bundleFolder: DEFAULT_BUNDLE_FOLDER, hashKey })
})
afterAll(() => classifier.close())

function recordOf(texts: readonly string[], offset: number): SourceRecord {
  const event = request(
    texts.map((text) => part('user', text)),
    { eventId: `e${offset}` },
  )
  return {
    topic: TOPIC,
    partition: 0,
    offset,
    appendTimeMs: event.requestedAtMs,
    key: Buffer.from(event.accountId),
    value: codec.encode(TOPIC, event),
    headers: {},
  }
}

/** What was read and written in each turn of the event loop. */
async function turnsOf(records: readonly SourceRecord[]) {
  const [bytesRead, verdictsWritten] = [new Map<number, number>(), new Map<number, number>()]
  const add = (to: Map<number, number>, turn: number, more: number) =>
    to.set(turn, (to.get(turn) ?? 0) + more)
  await turnsDuring(async (turn) => {
    const watched: Codec = {
      ready: (topics) => codec.ready(topics),
      prepare: (all) => codec.prepare(all),
      decode: (topic, record) => {
        add(bytesRead, turn(), record.value?.length ?? 0)
        return codec.decode(topic, record)
      },
      encode: (topic, value) => {
        add(verdictsWritten, turn(), 1)
        return codec.encode(topic, value)
      },
    }
    await classifyStage({ table: flows.table, codec: watched }, classifier).transform(records)
  })
  return { bytesRead: [...bytesRead.values()], verdictsWritten: [...verdictsWritten.values()] }
}

describe('a portion of records', () => {
  it('is read in slices of so many bytes, a longer record by itself', async () => {
    const long = 'the boat left the harbour in the morning. '.repeat(100)
    const records = Array.from({ length: 200 }, (_, at) => recordOf([`${at} ${long}`], at))
    const longest = recordOf([long.repeat(100)], 1_000)
    const { bytesRead } = await turnsOf([...records, longest])
    const bytes = longest.value?.length ?? 0
    expect(bytesRead).toContain(bytes)
    expect(Math.max(...bytesRead.filter((one) => one !== bytes))).toBeLessThanOrEqual(
      BYTES_A_UNIT * SLICE_UNITS,
    )
  })

  it('is written in slices of a few hundred verdicts', async () => {
    const texts = Array.from({ length: 100 }, (_, at) => `sail ${at}`)
    const records = Array.from({ length: 40 }, (_, at) => recordOf(texts, 2_000 + at))
    const { verdictsWritten } = await turnsOf(records)
    expect(verdictsWritten.reduce((sum, one) => sum + one, 0)).toBe(4_000)
    expect(Math.max(...verdictsWritten)).toBeLessThanOrEqual(320)
  })
})
