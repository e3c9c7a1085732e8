/**
 * What classifying costs, with the default model and with one of the size of BERT-base.
 *
 *   npm run bench -- classify [--texts 20000] [--bert-texts 96] [--bert .cache/models/bert-base] [--python python3] [--turns 2]
 *
 * Default model: microseconds of CPU a text of every step by itself; then the whole stage (Avro in, verdicts in Avro
 * out), one scoring process: verdicts a second and per CPU second, what the featuriser alone would do, the time from
 * a record to its verdict at half of that rate, and how long the event loop stood still meanwhile, and with large events.
 *
 * BERT: the whole stage, a bare ONNX Runtime loop on token ids that were made before, and a plain loop in Python, turn by
 * turn on the same texts; one thread each. `training/brought/bert.py` makes the model; without it, or without Python's
 * packages (training/brought/requirements.txt), the part is left out and said so.
 *
 * Shares are of CPU seconds, because this machine may have others on it; wall times stand beside them. Ends with 1 where the
 * stage takes more than 1/0.95 of the bare loop's CPU or the event loop stood still for more than 20 ms.
 *
 * Not measured: brokers, networks, GPUs, disguised texts (each reading more is a run more).
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Featuriser } from '../src/classify/featurise.ts'
import { DEFAULT_BUNDLE_FOLDER } from '../src/classify/model/bundle.ts'
import { openBareLoop } from './classify/bare-loop.ts'
import { classifyAll, cpuNow, cpuSince, openPipeline, recordsOf, type Pipeline } from './classify/pipeline.ts'
import { stageCosts } from './classify/stages.ts'
import { stallsOfLarge, watchStalls } from './classify/stalls.ts'
import { textsOf } from './classify/texts.ts'
import { rounded, spreadOf, type Spread } from './statistics.ts'

const SEED = 20261126
const TOGETHER = 256
/** Fewer than there are texts: a cache is full for all of its life but the first minute. */
const CACHE_ENTRIES = 10_000
const WARM_UP = 2_000
const STAGE_TEXTS = 4_000
const PACED_SECONDS = 10
const PACED_TOGETHER = 8
const MOST_STALL_MS = 20
const LEAST_SHARE = 0.95

const pythonSaid = z.object({ wallSeconds: z.number(), cpuSeconds: z.number() })

interface Cost {
  readonly wallSeconds: number
  readonly cpuSeconds: number
}

async function measured(work: () => Promise<unknown>): Promise<Cost> {
  const before = cpuNow()
  const startMs = performance.now()
  await work()
  const { own, scoring } = cpuSince(before)
  return { wallSeconds: (performance.now() - startMs) / 1000, cpuSeconds: own + scoring }
}

async function defaultModel(count: number) {
  const pipeline = await openPipeline(DEFAULT_BUNDLE_FOLDER, CACHE_ENTRIES)
  try {
    const texts = textsOf(count, SEED)
    await classifyAll(pipeline.stage, recordsOf(pipeline.codec, textsOf(WARM_UP, SEED + 1), 0), TOGETHER)
    const whole = await wholeStage(pipeline, texts)
    const paced = await atHalfLoad(pipeline, whole.verdictsPerSecond / 2)
    const stallMs = await stallsOfLarge(pipeline, 4_000_000)
    const microsecondsPerText = await stageCosts(pipeline, textsOf(STAGE_TEXTS, SEED + 2))
    return {
      texts: count,
      microsecondsPerText,
      ...whole,
      featuriserAlonePerSecond: featuriserAlone(texts),
      ...paced,
      stallMs,
    }
  } finally {
    await pipeline.classifier.close()
  }
}

async function wholeStage({ codec, stage }: Pipeline, texts: readonly string[]) {
  const records = recordsOf(codec, texts, 1_000_000)
  const before = cpuNow()
  const startMs = performance.now()
  const verdicts = await classifyAll(stage, records, TOGETHER)
  const seconds = (performance.now() - startMs) / 1000
  const { own, scoring } = cpuSince(before)
  return {
    verdictsPerSecond: Math.round(verdicts / seconds),
    verdictsPerCpuSecond: Math.round(verdicts / (own + scoring)),
    ownMicroseconds: rounded((own * 1e6) / verdicts),
    scoringMicroseconds: rounded((scoring * 1e6) / verdicts),
  }
}

function featuriserAlone(texts: readonly string[]): number {
  const featuriser = new Featuriser()
  const before = cpuNow().own
  for (const text of texts) featuriser.featurise(text)
  return Math.round(texts.length / (cpuNow().own - before))
}

/** A few records at a time, when they are due, whether those before them are done or not. */
async function atHalfLoad({ codec, stage }: Pipeline, perSecond: number) {
  const texts = textsOf(Math.round(perSecond * PACED_SECONDS), SEED + 3)
  const records = recordsOf(codec, texts, 3_000_000)
  const latenciesMs: number[] = []
  const running: Promise<void>[] = []
  const stalls = watchStalls()
  const startMs = performance.now()
  for (let at = 0; at < records.length; at += PACED_TOGETHER) {
    const dueMs = startMs + (at * 1000) / perSecond
    await pause(Math.max(1, dueMs - performance.now()))
    running.push(
      stage.transform(records.slice(at, at + PACED_TOGETHER)).then(() => {
        latenciesMs.push(performance.now() - dueMs)
      }),
    )
  }
  await Promise.all(running)
  const longestStallMs = stalls.end()
  const latencyMs: Spread = spreadOf(latenciesMs)
  return { halfLoadPerSecond: Math.round(perSecond), latencyMs, longestStallMs }
}

function pythonLoop(python: string, folder: string, texts: readonly string[]): Cost | null {
  const script = 'bench/classify/python_loop.py'
  const { status, stdout } = spawnSync(python, [script, folder, '1'], { input: texts.join('\n') })
  return status === 0 ? pythonSaid.parse(JSON.parse(stdout.toString())) : null
}

async function bert(folder: string, count: number, python: string, turns: number) {
  if (!existsSync(folder)) return { leftOut: `no model in ${folder}: training/brought/bert.py makes one` }
  const pipeline = await openPipeline(folder, 1)
  const texts = textsOf(count, SEED + 4)
  const bare = await openBareLoop(folder, texts)
  const costs: Record<'stage' | 'bare' | 'python', Cost[]> = { stage: [], bare: [], python: [] }
  try {
    await classifyAll(pipeline.stage, recordsOf(pipeline.codec, textsOf(8, SEED + 5), 0), TOGETHER)
    for (let turn = 0; turn < turns; turn++) {
      const records = recordsOf(pipeline.codec, texts, 1_000_000 * (turn + 1))
      costs.bare.push(await measured(() => bare.run()))
      costs.stage.push(await measured(() => classifyAll(pipeline.stage, records, TOGETHER)))
      const plain = pythonLoop(python, folder, texts)
      if (plain !== null) costs.python.push(plain)
    }
  } finally {
    await bare.release()
    await pipeline.classifier.close()
  }
  return bertFigures(texts, costs)
}

function bertFigures(texts: readonly string[], costs: Readonly<Record<string, readonly Cost[]>>) {
  const best = (name: string, of: keyof Cost): number =>
    Math.min(...(costs[name] ?? []).map((cost) => cost[of]))
  const perSecond = (name: string, of: keyof Cost): number => rounded(texts.length / best(name, of))
  const ran = Object.keys(costs).filter((name) => (costs[name] ?? []).length > 0)
  const ratio = (other: string, of: keyof Cost): number | null =>
    (costs[other] ?? []).length === 0 ? null : rounded(best(other, of) / best('stage', of))
  return {
    texts: texts.length,
    meanCharacters: Math.round(texts.join('').length / texts.length),
    perSecond: Object.fromEntries(ran.map((name) => [name, perSecond(name, 'wallSeconds')])),
    perCpuSecond: Object.fromEntries(ran.map((name) => [name, perSecond(name, 'cpuSeconds')])),
    ofBareLoop: { cpu: ratio('bare', 'cpuSeconds'), wall: ratio('bare', 'wallSeconds') },
    timesPython: { cpu: ratio('python', 'cpuSeconds'), wall: ratio('python', 'wallSeconds') },
  }
}

const { values } = parseArgs({
  options: {
    texts: { type: 'string', default: '20000' },
    'bert-texts': { type: 'string', default: '96' },
    bert: { type: 'string', default: '.cache/models/bert-base' },
    python: { type: 'string', default: 'python3' },
    turns: { type: 'string', default: '2' },
  },
})
const ofDefault = await defaultModel(Number(values.texts))
console.log(JSON.stringify({ model: 'default', ...ofDefault }))
const ofBert = await bert(values.bert, Number(values['bert-texts']), values.python, Number(values.turns))
console.log(JSON.stringify({ model: 'bert-base', ...ofBert }))
const tooSlow = 'ofBareLoop' in ofBert && (ofBert.ofBareLoop.cpu ?? 0) < LEAST_SHARE
const longestStallMs = Math.max(ofDefault.longestStallMs, ...Object.values(ofDefault.stallMs))
process.exitCode = tooSlow || longestStallMs > MOST_STALL_MS ? 1 : 0
