/** Models exchanged under traffic: no event without its verdicts, none judged by halves, refused ones change nothing. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClassifier, type Classifier } from '../../src/classify/classifier.ts'
import { NO_SCORING_OBSERVER } from '../../src/classify/scorer.ts'
import { until } from '../support/until.ts'
import { part, request } from './fixtures/events.ts'

const MODELS = fileURLToPath(new URL('./fixtures/models', import.meta.url))
const processFile = new URL('./fixtures/mortal-process.ts', import.meta.url)
const HASH_KEY = { id: 'test-1', secret: Buffer.alloc(32, 7) }

let folder: string
/** Called at the moment at which a model is ready, before it is taken in. */
let onOpened: () => void
/** Why the models could not be started again. */
let gone: string[]
let classifier: Classifier
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-exchange-'))
  await cp(join(MODELS, 'wordpiece'), folder, { recursive: true })
  onOpened = () => undefined
  gone = []
  const observer = {
    ...NO_SCORING_OBSERVER,
    opened: () => onOpened(),
    gone: (reasons: readonly string[]) => void gone.push(...reasons),
  }
  classifier = await createClassifier({
    bundleFolder: folder,
    hashKey: HASH_KEY,
    scoring: { observer, processFile },
    lookAgainMs: 10,
  })
})
afterEach(async () => {
  await classifier.close()
  await rm(folder, { recursive: true })
})

function events(from: number) {
  return Array.from({ length: 20 }, (_, n) =>
    request([part('user', `a poem about the sea, number ${from + n}`)], { eventId: `e${from + n}` }),
  )
}

async function modelsOf(from: number): Promise<string[]> {
  const verdicts = (await classifier.classify(events(from))).flat()
  expect(verdicts).toHaveLength(20)
  expect(verdicts.every(({ scored }) => scored)).toBe(true)
  return verdicts.map(({ modelId, modelVersion }) => `${modelId} ${modelVersion}`)
}

/** Kills the process that scores it, the first time. */
function killOnce(eventId: string) {
  return request([part('user', `die once: ${join(folder, eventId)}`)], { eventId })
}

async function rename(version: string): Promise<void> {
  const file = join(folder, 'manifest.json')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/"version": "\d+"/, `"version": "${version}"`))
}

describe('models', () => {
  it('are exchanged between calls: each is judged by one model throughout, and none is lost', async () => {
    expect(await classifier.refresh()).toEqual({ kind: 'same' })
    const during = Array.from({ length: 10 }, (_, n) => modelsOf(n * 20))
    await rename('2')
    const refreshing = classifier.refresh()
    const meanwhile = Array.from({ length: 10 }, (_, n) => modelsOf(1_000 + n * 20))
    expect(await refreshing).toMatchObject({ kind: 'exchanged', models: [{ version: '2', provider: 'cpu' }] })
    const after = await modelsOf(2_000)
    for (const models of await Promise.all([...during, ...meanwhile])) {
      expect(models).toEqual(Array<string>(20).fill('tiny-wordpiece 1'))
    }
    expect(after).toEqual(Array<string>(20).fill('tiny-wordpiece 2'))
    expect(await classifier.refresh()).toEqual({ kind: 'same' })
  })

  it('leave only when a call that has not come to asking them yet is over', async () => {
    const long = 'a poem about the sea '.repeat(2_000)
    const late = ['first', 'second'].map((name) =>
      request([part('user', `${long} ${name}`)], { eventId: name }),
    )
    let call: ReturnType<Classifier['classify']> | undefined
    onOpened = () => void (call = classifier.classify(late))
    await rename('2')
    await classifier.refresh()
    expect((await call)?.flat().map(({ modelVersion }) => modelVersion)).toEqual(['1', '1'])
  })

  it('are scored anew after it: what was remembered was of the old model', async () => {
    await modelsOf(0)
    await rename('2')
    await classifier.refresh()
    expect(new Set(await modelsOf(0))).toEqual(new Set(['tiny-wordpiece 2']))
  })

  it('that are refused change nothing, and are looked at again', async () => {
    await rename('2')
    await writeFile(join(folder, 'tokenizer.json'), 'half copied')
    const refused = { kind: 'refused', reasons: [expect.stringMatching(/^tokenizer.json has digest/)] }
    expect(await classifier.refresh()).toEqual(refused)
    expect(new Set(await modelsOf(0))).toEqual(new Set(['tiny-wordpiece 1']))
    await cp(join(MODELS, 'wordpiece', 'tokenizer.json'), join(folder, 'tokenizer.json'))
    expect(await classifier.refresh()).toMatchObject({ kind: 'exchanged' })
  })

  it('that die while half of others is there make their texts wait, and be judged by those (N6)', async () => {
    await rename('2')
    await writeFile(join(folder, 'tokenizer.json'), 'half copied')
    const waiting = [killOnce('first'), killOnce('second')].map((event) => classifier.classify([event]))
    await until('the old ones are missed', () => gone.length > 0, 60_000)
    expect(gone).toEqual([expect.stringMatching(/^tokenizer.json has digest/)])
    await cp(join(MODELS, 'wordpiece', 'tokenizer.json'), join(folder, 'tokenizer.json'))
    const verdicts = (await Promise.all(waiting)).flat(2)
    expect(verdicts.map(({ scored, modelVersion }) => [scored, modelVersion])).toEqual([
      [true, '2'],
      [true, '2'],
    ])
  })

  it('that die are never followed by others under their name (W5)', async () => {
    await rename('2')
    const [verdicts = []] = await classifier.classify([killOnce('once')])
    expect(gone).toEqual(['it holds other models than a moment ago'])
    expect(verdicts.map(({ modelVersion }) => modelVersion)).toEqual(['2'])
  })

  it('that are gone for good keep nobody from closing', async () => {
    await rename('2')
    await writeFile(join(folder, 'tokenizer.json'), 'half copied')
    const waiting = classifier.classify([killOnce('once')])
    const refused = expect(waiting).rejects.toThrow('closed while its models were gone')
    await until('they are missed', () => gone.length > 0, 60_000)
    await classifier.close()
    await refused
  })
})
