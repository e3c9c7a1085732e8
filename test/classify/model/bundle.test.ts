/** The bundle that ships opens; each way to spoil one is refused with its reason. */
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  BundleRefused,
  DEFAULT_BUNDLE_FOLDER,
  readBundle,
  readCascade,
} from '../../../src/classify/model/bundle.ts'
import { ScoreSession } from '../../../src/classify/score-session.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-bundle-'))
  await cp(DEFAULT_BUNDLE_FOLDER, folder, { recursive: true })
})
afterEach(() => rm(folder, { recursive: true }))

async function edit(name: string, change: (text: string) => string): Promise<void> {
  const path = join(folder, name)
  await writeFile(path, change(await readFile(path, 'utf8')))
}

/** Changes a file and makes the manifest agree with it. */
async function forge(name: string, change: (text: string) => string): Promise<void> {
  const digest = async (): Promise<string> =>
    createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex')
  const before = await digest()
  await edit(name, change)
  const after = await digest()
  await edit('manifest.json', (text) => text.replace(before, after))
}

async function reasons(): Promise<readonly string[]> {
  try {
    await (await ScoreSession.open(await readCascade(folder))).release()
    return []
  } catch (error) {
    if (error instanceof BundleRefused) return error.reasons
    throw error
  }
}

describe('a model bundle', () => {
  it('that ships opens, reproduces its golden cases and stays small', async () => {
    expect(await reasons()).toEqual([])
    const { manifest, golden } = await readBundle(folder)
    expect(golden.tolerance).toBeLessThanOrEqual(0.01)
    expect(manifest.training?.sets.every((set) => set.licence !== '')).toBe(true)
    expect((await stat(join(folder, 'model.onnx'))).size).toBeLessThan(20_000_000)
  })

  it('is refused when a file is not what the manifest says', async () => {
    await edit('golden.json', (text) => `${text} `)
    expect(await reasons()).toEqual([expect.stringMatching(/^golden.json has digest .* the manifest says/)])
  })

  it('is refused with every fault of its manifest at once', async () => {
    await edit('manifest.json', (text) =>
      text.replace('"prior": 0.01', '"prior": 7').replace('"label": "wmd"', '"label": "weather"'),
    )
    expect(await reasons()).toEqual([
      expect.stringMatching(/^manifest.json at prior: /),
      expect.stringMatching(/^manifest.json at labels.1.label: /),
    ])
  })

  it('is refused when it was trained on features of other rules', async () => {
    await edit('manifest.json', (text) => text.replace('"featuriser": 2', '"featuriser": 1'))
    expect(await reasons()).toEqual([expect.stringMatching(/^manifest.json at input.featuriser: /)])
  })

  it('is refused when the manifest is no JSON', async () => {
    await edit('manifest.json', () => '{')
    expect(await reasons()).toHaveLength(1)
  })

  it('is refused when the model does not reproduce a golden case, without saying the text', async () => {
    await forge('golden.json', (text) => text.replace(/"malware": 0\.\d+/, '"malware": 0.99'))
    expect(await reasons()).toEqual(['golden case 0: malware differ'])
  })

  it('is refused when the model is no model', async () => {
    await forge('model.onnx', () => 'no model')
    expect(await reasons()).toEqual([expect.stringMatching(/^model.onnx does not open: /)])
  })

  it('is refused when the model lacks the promised output or has another number of labels', async () => {
    await edit('manifest.json', (text) => text.replace('"name": "scores"', '"name": "logits9"'))
    expect(await reasons()).toEqual(['model.onnx has no float32 output logits9'])
  })
})
