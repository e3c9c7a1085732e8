/** The stage `classify` as `bailiff run` has it, between records and records; no broker on either side. */
import { readdirSync, readFileSync } from 'node:fs'
import { cpuUsage, pid } from 'node:process'
import { createClassifier, type Classifier } from '../../src/classify/classifier.ts'
import { classifyStage } from '../../src/cli/compose/stages.ts'
import { createCodec, type Codec } from '../../src/codec/codec.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { EmbeddedSchemas } from '../../src/codec/schema-source.ts'
import { keyOf } from '../../src/codec/topics.ts'
import type { InferenceRequest } from '../../src/domain/inference.ts'
import type { Stage } from '../../src/engine/logic.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { cpuSeconds } from '../proc.ts'
import { requestOf } from './texts.ts'

export interface Pipeline {
  readonly codec: Codec
  readonly stage: Stage
  readonly classifier: Classifier
}

/** `cacheEntries`: scores that are remembered; few, where the same texts are to be scored again. */
export async function openPipeline(bundleFolder: string, cacheEntries: number): Promise<Pipeline> {
  const flows = loadFlows({}, 'schemas')
  const codec = createCodec({ schemas: flows.schemas, source: new EmbeddedSchemas(flows.schemas) })
  await codec.ready(['inference.requests.v1', 'inference.verdicts.v1'])
  const hashKey = { id: 'bench', secret: Buffer.alloc(32, 7) }
  const classifier = await createClassifier({ bundleFolder, hashKey, cacheEntries })
  return { codec, stage: classifyStage({ table: flows.table, codec }, classifier), classifier }
}

/** Of requests with these texts; `from` numbers them on, so that none is taken for a repeat. */
export function recordsOf(codec: Codec, texts: readonly string[], from: number): readonly SourceRecord[] {
  return texts.map((text, at) => recordOf(codec, requestOf([text], from + at), from + at))
}

export function recordOf(codec: Codec, event: InferenceRequest, offset: number): SourceRecord {
  const topic = 'inference.requests.v1'
  const key = Buffer.from(keyOf(topic, event))
  const value = codec.encode(topic, event)
  return { topic, partition: 0, offset, appendTimeMs: event.requestedAtMs, key, value, headers: {} }
}

/** Verdicts of the records, `together` at a time as a partition hands them over. */
export async function classifyAll(
  stage: Stage,
  records: readonly SourceRecord[],
  together: number,
): Promise<number> {
  let verdicts = 0
  for (let start = 0; start < records.length; start += together) {
    const outcomes = await stage.transform(records.slice(start, start + together))
    for (const one of outcomes) if (one.outcome === 'outputs') verdicts += one.outputs.length
  }
  return verdicts
}

export interface Cpu {
  readonly own: number
  readonly scoring: number
}

/** CPU seconds of this process and of its scoring processes so far. */
export function cpuNow(): Cpu {
  const { user, system } = cpuUsage()
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
  )
  const pids = children.filter((child) => child !== '').map(Number)
  const scoring = pids.reduce((sum, child) => sum + cpuSeconds(child), 0)
  return { own: (user + system) / 1e6, scoring }
}

export function cpuSince(before: Cpu): Cpu {
  const now = cpuNow()
  return { own: now.own - before.own, scoring: now.scoring - before.scoring }
}
