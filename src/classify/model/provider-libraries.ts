/** Where ONNX Runtime keeps its libraries, and which of them a provider misses. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const INSTALL = 'run `npm run install:cuda`'
const CUDA_FAILURE = /CUDA failure \d+: [^;\n]+/
const MISSING = /(\S+): cannot open shared object file/

/** The folder of the binding for this system, in which it looks for providers. */
export function bindingFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node')
  return join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch)
}

/** Libraries that the CUDA provider needs, as `install:cuda` lays them; a process finds them by its library path. */
export function cudaLibraryFolder(): string {
  return join(bindingFolder(), 'cuda')
}

/** Why a provider did not open, in the words of somebody who can do something about it. */
export function explainProvider(provider: string, error: unknown, folder = bindingFolder()): string {
  const told = shortened(error instanceof Error ? error.message : String(error))
  if (provider !== 'cuda') return told
  for (const name of ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so']) {
    const file = join(folder, name)
    if (!existsSync(file)) return `${name} is not installed: ${INSTALL}`
    const missing = missingOf(file)
    if (missing?.startsWith('libcuda.so'))
      return `${missing} is missing: the driver of the GPU is not installed`
    if (missing !== null) return `${missing} is missing: ${INSTALL}`
  }
  return told
}

/** What CUDA or the last line says; ONNX Runtime puts its own types and files around it. */
function shortened(message: string): string {
  return CUDA_FAILURE.exec(message)?.[0].trim() ?? message.trim().split('\n').at(-1) ?? message
}

/** The library that keeps `file` from being loaded; null where it loads, or fails otherwise. */
function missingOf(file: string): string | null {
  try {
    process.dlopen({ exports: {} }, file)
    return null
  } catch (error) {
    return MISSING.exec(String(error))?.[1] ?? null
  }
}
