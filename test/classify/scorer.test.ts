/** The scoring thread: order, death and replacement, refusal, a clean end. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { DEFAULT_BUNDLE_FOLDER, readBundle } from '../../src/classify/model-bundle.ts'
import { ScoreSession } from '../../src/classify/score-session.ts'
import { SCORE_WORKER_FILE, WorkerScorer } from '../../src/classify/scorer.ts'

const MORTAL = new URL('./fixtures/mortal-worker.ts', import.meta.url)
const DEAD_ON_ARRIVAL = new URL('./fixtures/stillborn-worker.ts', import.meta.url)
const TEXTS = Array.from({ length: 200 }, (_, i) => `order ${i} `.repeat((i % 17) + 1))

let scorer: WorkerScorer | undefined
let folder: string | undefined

async function start(workerFile: URL): Promise<WorkerScorer> {
  scorer = await WorkerScorer.start({ bundleFolder: DEFAULT_BUNDLE_FOLDER, workerFile })
  return scorer
}

afterEach(async () => {
  await scorer?.close()
  scorer = undefined
  if (folder !== undefined) await rm(folder, { recursive: true })
  folder = undefined
})

describe('the scorer', () => {
  it('answers in the order of the texts, whatever was batched with what (W1)', async () => {
    const session = await ScoreSession.open(await readBundle(DEFAULT_BUNDLE_FOLDER))
    const together = await (await start(SCORE_WORKER_FILE)).score(TEXTS)
    for (const i of [0, 1, 77, 199]) expect(together[i]).toEqual((await session.score([TEXTS[i] ?? '']))[0])
    await session.release()
  })

  it('leaves a text unscored with which three threads died, and scores the rest (W3)', async () => {
    const texts = [...TEXTS.slice(0, 40), 'die', ...TEXTS.slice(40, 90)]
    const results = await (await start(MORTAL)).score(texts)
    expect(results.map((result) => result === null)).toEqual(texts.map((text) => text === 'die'))
    const [afterwards] = await (scorer?.score(['still there']) ?? [])
    expect(afterwards?.logits).toHaveLength(8)
  })

  it('asks again after one death, and the answers are what they would have been (W3)', async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailiff-scorer-'))
    const texts = ['a quiet text', `die once: ${join(folder, 'mark')}`, 'another quiet text']
    const mortal = await start(MORTAL)
    const first = await mortal.score(texts)
    expect(first).not.toContain(null)
    expect(await mortal.score(texts)).toEqual(first)
  })

  it('finishes what was asked before it closes, and takes nothing afterwards (W2)', async () => {
    const closing = await start(SCORE_WORKER_FILE)
    const asked = closing.score(TEXTS)
    await closing.close()
    expect(await asked).toHaveLength(TEXTS.length)
    await expect(closing.score(['late'])).rejects.toThrow('closed')
  })

  it('closes even when a thread dies meanwhile', async () => {
    const mortal = await start(MORTAL)
    const asked = mortal.score(['die', 'and then'])
    await mortal.close()
    expect((await asked).map((result) => result === null)).toEqual([true, false])
  })

  it('fails loudly when no thread can start (W4)', async () => {
    const stillborn = WorkerScorer.start({ bundleFolder: DEFAULT_BUNDLE_FOLDER, workerFile: DEAD_ON_ARRIVAL })
    await expect(stillborn).rejects.toThrow('stillborn')
  })

  it('passes on why a bundle was refused', async () => {
    folder = await mkdtemp(join(tmpdir(), 'bailiff-scorer-'))
    const refused = WorkerScorer.start({ bundleFolder: folder, workerFile: SCORE_WORKER_FILE })
    await expect(refused).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
      reasons: ['manifest.json cannot be read', 'golden.json cannot be read', 'model.onnx cannot be read'],
    })
  })
})
