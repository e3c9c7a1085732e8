/** What each step of a verdict costs by itself, in microseconds of CPU a text, one thread. */
import { cpuUsage } from 'node:process'
import { InferenceSession } from 'onnxruntime-node'
import { readingsOf } from '../../src/classify/canonicalise.ts'
import { Featuriser } from '../../src/classify/featurise.ts'
import { DEFAULT_BUNDLE_FOLDER, readBundle } from '../../src/classify/model/bundle.ts'
import { NgramInput } from '../../src/classify/model/ngram-input.ts'
import { windowsOf } from '../../src/classify/windows.ts'
import { classifyAll, recordsOf, type Pipeline } from './pipeline.ts'

const BATCH = 8

/** Microseconds a text of `work` over all of them, the best of three turns. */
async function microseconds(texts: number, work: () => unknown): Promise<number> {
  const turns: number[] = []
  for (let turn = 0; turn < 3; turn++) {
    const before = cpuUsage()
    await work()
    const { user, system } = cpuUsage(before)
    turns.push((user + system) / texts)
  }
  return Math.round(Math.min(...turns) * 10) / 10
}

export async function stageCosts(
  { codec, stage }: Pipeline,
  texts: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const cost = (work: () => unknown): Promise<number> => microseconds(texts.length, work)
  const records = recordsOf(codec, texts, 5_000_000)
  const bundle = await readBundle(DEFAULT_BUNDLE_FOLDER)
  const { input } = bundle.manifest
  if (input.kind !== 'hashed-ngrams') throw new Error('the default model takes n-grams')
  const windows = texts.flatMap((text) => windowsOf(text, input.windowUnits))
  const featuriser = new Featuriser()
  const outputs = await verdictsOf({ codec, stage }, texts)
  return {
    decode: await cost(() => records.map((record) => codec.decode('inference.requests.v1', record))),
    canonicalise: await cost(() => texts.map(readingsOf)),
    features: await cost(() => windows.map((window) => featuriser.featurise(window))),
    model: await cost(await modelRuns(bundle.model, new NgramInput(input), windows)),
    encode: await cost(() => outputs.map((verdict) => codec.encode('inference.verdicts.v1', verdict))),
  }
}

async function verdictsOf({ codec, stage }: Pick<Pipeline, 'codec' | 'stage'>, texts: readonly string[]) {
  const records = recordsOf(codec, texts, 6_000_000)
  await classifyAll(stage, records.slice(0, 1), 1)
  const outcomes = await stage.transform(records)
  const values = outcomes.flatMap((one) => (one.outcome === 'outputs' ? one.outputs : []))
  return values.flatMap(({ value }, at) => {
    const record = {
      topic: 'inference.verdicts.v1',
      partition: 0,
      offset: at,
      appendTimeMs: 0,
      key: null,
      value,
      headers: {},
    }
    const decoded = codec.decode('inference.verdicts.v1', record)
    return decoded.ok ? [decoded.value] : []
  })
}

/** Runs of the model over feeds that were made before. */
async function modelRuns(
  model: Uint8Array,
  input: NgramInput,
  windows: readonly string[],
): Promise<() => Promise<void>> {
  const session = await InferenceSession.create(model, BARE_SESSION)
  const encoded = (await input.encode(windows)).flat().sort((a, b) => a.length - b.length)
  const feeds = Array.from({ length: Math.ceil(encoded.length / BATCH) }, (_, at) => {
    const batch = encoded.slice(at * BATCH, (at + 1) * BATCH)
    return input.feeds(batch, batch.at(-1)?.length ?? 1)
  })
  return async () => {
    for (const one of feeds) await session.run(one)
  }
}

/** As scoring processes open theirs. */
export const BARE_SESSION: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}
