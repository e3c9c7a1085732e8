/** Where models run: the wished-for providers in order, why one does not open, and no falling back unawares. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_BUNDLE_FOLDER, readCascade } from '../../../src/classify/model/bundle.ts'
import { bindingFolder, explainProvider } from '../../../src/classify/model/provider-libraries.ts'
import { ScoreSession } from '../../../src/classify/score-session.ts'

const SHARED = 'libonnxruntime_providers_shared.so'
const CUDA = 'libonnxruntime_providers_cuda.so'
const TOLD = new Error('Failed to load shared library')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bailiff-providers-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** A library that needs `name`, of which it does not know where it lies. */
async function libraryThatNeeds(name: string): Promise<Buffer> {
  const binding = await readFile(join(bindingFolder(), 'onnxruntime_binding.node'))
  const core = Buffer.from('libonnxruntime.so.1\0')
  const at = binding.indexOf(core)
  expect(at).toBeGreaterThan(0)
  binding.fill(0, at, at + core.length)
  binding.write(name, at)
  return binding
}

describe.skipIf(process.platform !== 'linux')('a provider that does not open', () => {
  it('is passed over where the settings name another, and told with its reason (X1, X2)', async () => {
    const session = await ScoreSession.open(await readCascade(DEFAULT_BUNDLE_FOLDER), ['cuda', 'cpu'])
    const [model] = session.models
    expect(model?.provider).toBe('cpu')
    expect(model?.passedOver.map(({ provider }) => provider)).toEqual(['cuda'])
    expect(model?.passedOver[0]?.reason).toMatch(/is not installed|is missing|CUDA/)
    expect(await session.score(['hello'])).toHaveLength(1)
    await session.release()
  })

  it('is the end where the settings name no other (X1)', async () => {
    const opening = ScoreSession.open(await readCascade(DEFAULT_BUNDLE_FOLDER), ['cuda'])
    await expect(opening).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
      reasons: [expect.stringMatching(/^model.onnx does not open: cuda: /)],
    })
  })

  it('is explained by the library that it misses', async () => {
    expect(explainProvider('cuda', TOLD, folder)).toBe(
      `${SHARED} is not installed: run \`npm run install:cuda\``,
    )
    await copyFile(process.execPath, join(folder, SHARED))
    expect(explainProvider('cuda', TOLD, folder)).toBe(
      `${CUDA} is not installed: run \`npm run install:cuda\``,
    )
    await writeFile(join(folder, CUDA), await libraryThatNeeds('libcublas.so.13'))
    expect(explainProvider('cuda', TOLD, folder)).toBe(
      'libcublas.so.13 is missing: run `npm run install:cuda`',
    )
    await writeFile(join(folder, CUDA), await libraryThatNeeds('libcuda.so.1'))
    expect(explainProvider('cuda', TOLD, folder)).toBe(
      'libcuda.so.1 is missing: the driver of the GPU is not installed',
    )
  })

  it('is told in its own words where all its libraries are there', async () => {
    for (const name of [SHARED, CUDA]) await writeFile(join(folder, name), 'no library')
    expect(explainProvider('cuda', TOLD, folder)).toBe(TOLD.message)
    const long = new Error(
      'cuda_call.cc:154 [with THRW = true] CUDA failure 35: driver too old ; GPU=-1 ; line=352',
    )
    expect(explainProvider('cuda', long, folder)).toBe('CUDA failure 35: driver too old')
  })
})
