/** ONNX Runtime and nothing else: token ids made before, in the best batches that we know of all, one thread. */
import { InferenceSession } from 'onnxruntime-node'
import { batchesOf } from '../../src/classify/model/batches.ts'
import { readBundle } from '../../src/classify/model/bundle.ts'
import { TokenInput } from '../../src/classify/model/token-input.ts'
import type { Feeds } from '../../src/classify/model/model-input.ts'
import { BARE_SESSION } from './stages.ts'

export interface BareLoop {
  run(): Promise<void>
  release(): Promise<void>
}

export async function openBareLoop(bundleFolder: string, texts: readonly string[]): Promise<BareLoop> {
  const { manifest, model, tokenizer } = await readBundle(bundleFolder)
  if (manifest.input.kind !== 'token-ids') throw new Error('the bare loop wants token ids')
  const session = await InferenceSession.create(model, BARE_SESSION)
  const input = await TokenInput.open(manifest.input, tokenizer ?? '')
  input.problems(session.inputMetadata)
  const windows = (await input.encode(texts)).flat()
  const lengths = windows.map((window) => window.length)
  const feeds: Feeds[] = batchesOf(lengths, input.cpuLimits).map((indices) => {
    const batch = indices.map((index) => windows[index]).filter((window) => window !== undefined)
    return input.feeds(batch, batch.at(-1)?.length ?? 1)
  })
  return {
    run: async () => {
      for (const one of feeds) await session.run(one)
    },
    release: () => session.release(),
  }
}
