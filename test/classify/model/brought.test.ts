/**
 * Models that a platform brings along. The fixtures' golden cases are Python's scores (training/brought/tiny.py), and
 * every token weighs differently there: that they open says that tokenizer and model agree with Python to the id.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BundleRefused, readCascade } from '../../../src/classify/model/bundle.ts'
import { ScoreSession } from '../../../src/classify/score-session.ts'
import { labelScoresOf, type TextScores } from '../../../src/classify/text-scores.ts'
import type { VerdictLabel } from '../../../src/domain/verdict.ts'

const MODELS = fileURLToPath(new URL('../fixtures/models', import.meta.url))
const TRIGGER = 'ransomware'
const GARDEN = 'please write a short letter about the garden'
const BRIEF = 'the weather'

let folder: string
let session: ScoreSession | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-brought-'))
})
afterEach(async () => {
  await session?.release()
  session = undefined
  await rm(folder, { recursive: true })
})

async function open(bundleFolder: string): Promise<ScoreSession> {
  session = await ScoreSession.open(await readCascade(bundleFolder))
  return session
}

async function score(texts: readonly string[]): Promise<readonly TextScores[]> {
  return session?.score(texts) ?? []
}

function ratio(scores: TextScores | undefined, label: VerdictLabel): number {
  if (scores === undefined) return NaN
  return labelScoresOf(scores).find((one) => one.label === label)?.logLikelihoodRatio ?? NaN
}

async function reasons(bundleFolder: string): Promise<readonly string[]> {
  try {
    await open(bundleFolder)
    return []
  } catch (error) {
    if (error instanceof BundleRefused) return error.reasons
    throw error
  }
}

describe('a model that was brought', () => {
  it.each(['wordpiece', 'byte-bpe', 'strings'])('%s opens and tells harmful from harmless', async (name) => {
    await open(join(MODELS, name))
    const [harmful, harmless] = await score([TRIGGER, BRIEF])
    expect(ratio(harmful, 'malware')).toBeGreaterThan(3)
    expect(ratio(harmless, 'malware')).toBeLessThan(1)
  })

  it('finds what stands anywhere in a long text, in windows that overlap', async () => {
    await open(join(MODELS, 'wordpiece'))
    const far = [0, 30, 55, 56, 57, 58, 59, 60, 600].map(
      (words) => `${'sea '.repeat(words)}${TRIGGER} ${'wind '.repeat(40)}`,
    )
    for (const scores of await score(far)) expect(ratio(scores, 'malware')).toBeGreaterThan(3)
  })

  it('scores a text the same, whatever stands beside it (S2)', async () => {
    await open(join(MODELS, 'byte-bpe'))
    const texts = Array.from({ length: 40 }, (_, n) => `${GARDEN} `.repeat((n % 5) + 1))
    const together = await score(texts)
    for (const at of [0, 1, 39]) expect(together[at]).toEqual((await score([texts[at] ?? '']))[0])
  })

  it('is refused when the tokenizer is missing, is another, or is none', async () => {
    await cp(join(MODELS, 'wordpiece'), folder, { recursive: true })
    await rm(join(folder, 'tokenizer.json'))
    expect(await reasons(folder)).toEqual(['tokenizer.json cannot be read'])
    await writeFile(join(folder, 'tokenizer.json'), '{}')
    expect(await reasons(folder)).toEqual([expect.stringMatching(/^tokenizer.json has digest /)])
    await edit(/"tokenizer.json": "[0-9a-f]{64}"/, `"tokenizer.json": "${SHA256_OF_EMPTY_OBJECT}"`)
    expect(await reasons(folder)).toEqual([expect.stringMatching(/^tokenizer.json does not open: /)])
  })

  it('is refused when its inputs, outputs or columns are not as the manifest says', async () => {
    await cp(join(MODELS, 'wordpiece'), folder, { recursive: true })
    await edit('"types": "token_type_ids"', '"types": null')
    await edit('"threat"\n    ]', '"threat", "spare"]')
    expect(await reasons(folder)).toEqual([
      'model.onnx takes input_ids:int64, attention_mask:int64, token_type_ids:int64; expected input_ids:int64 or int32 and attention_mask:int64 or int32',
      'model.onnx gives 3 scores, the manifest names 4',
    ])
    await edit('"from": [\n        "badware"', '"from": [\n        "weather"')
    expect(await reasons(folder)).toEqual(['manifest.json at labels.0.from: no column of the model: weather'])
  })
})

describe('a cascade', () => {
  const when = (rule: object): string => JSON.stringify({ labels: ['malware'], ...rule })

  async function cascade(rule: object): Promise<void> {
    for (const name of ['wordpiece', 'byte-bpe'])
      await cp(join(MODELS, name), join(folder, name), { recursive: true })
    const models = `[{ "folder": "wordpiece" }, { "folder": "byte-bpe", "when": [${when(rule)}] }]`
    await writeFile(
      join(folder, 'cascade.json'),
      `{ "schema": "bailiff-model-cascade/1", "models": ${models} }`,
    )
  }

  it('asks the second model only in the uncertain band, and its word on its labels is the last', async () => {
    await cascade({ above: -2, below: 3 })
    await open(folder)
    const [uncertain, certain] = await score([GARDEN, TRIGGER])
    expect([uncertain?.model.id, certain?.model.id]).toEqual(['tiny-byte-bpe', 'tiny-wordpiece'])
    await session?.release()
    await open(join(MODELS, 'byte-bpe'))
    const [alone] = await score([GARDEN])
    expect(ratio(uncertain, 'malware')).toBe(ratio(alone, 'malware'))
    await session?.release()
    await open(join(MODELS, 'wordpiece'))
    const [cheap] = await score([GARDEN])
    expect(ratio(uncertain, 'harassment_hate')).toBe(ratio(cheap, 'harassment_hate'))
  })

  it('asks it about all that is high where the band is open to the top', async () => {
    await cascade({ above: 1 })
    await open(folder)
    const results = await score([GARDEN, TRIGGER])
    expect(results.map(({ model }) => model.id)).toEqual(['tiny-wordpiece', 'tiny-byte-bpe'])
  })

  it('is refused when a later model says not when it is asked', async () => {
    await cascade({ above: 0 })
    const file = join(folder, 'cascade.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace(/, "when": \[.*?\}\]/, ''))
    expect(await reasons(folder)).toEqual(['cascade.json at models: each later model needs a `when`'])
  })
})

const SHA256_OF_EMPTY_OBJECT = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'

async function edit(from: string | RegExp, to: string): Promise<void> {
  const file = join(folder, 'manifest.json')
  const text = await readFile(file, 'utf8')
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  await writeFile(file, changed)
}
