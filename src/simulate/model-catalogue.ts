/**
 * The models that the simulated platform serves and what a request costs on them: tokens over speeds of one GPU
 * under a full batch. Order of magnitude of the H100 class.
 */
export const MODEL_NAMES = ['assistant-70b', 'assistant-8b', 'coder-32b', 'reasoner-32b'] as const
export type ModelName = (typeof MODEL_NAMES)[number]

export interface Tokens {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadInputTokens: number
}

interface ModelSpec {
  readonly prefillTokensPerGpuSecond: number
  readonly decodeTokensPerGpuSecond: number
  /** Requests that one GPU works on side by side. */
  readonly slotsPerGpu: number
}

const CATALOGUE: Readonly<Record<ModelName, ModelSpec>> = {
  'assistant-70b': { prefillTokensPerGpuSecond: 2_500, decodeTokensPerGpuSecond: 350, slotsPerGpu: 8 },
  'assistant-8b': { prefillTokensPerGpuSecond: 20_000, decodeTokensPerGpuSecond: 2_500, slotsPerGpu: 16 },
  'coder-32b': { prefillTokensPerGpuSecond: 6_000, decodeTokensPerGpuSecond: 800, slotsPerGpu: 12 },
  'reasoner-32b': { prefillTokensPerGpuSecond: 6_000, decodeTokensPerGpuSecond: 800, slotsPerGpu: 12 },
}

/** GPU seconds of a request, to the millisecond. */
export function gpuSecondsOf(model: ModelName, tokens: Tokens): number {
  const spec = CATALOGUE[model]
  const uncached = tokens.inputTokens - tokens.cacheReadInputTokens
  const seconds =
    uncached / spec.prefillTokensPerGpuSecond + tokens.outputTokens / spec.decodeTokensPerGpuSecond
  return Math.round(seconds * 1_000) / 1_000
}

export function slotsPerGpu(model: ModelName): number {
  return CATALOGUE[model].slotsPerGpu
}
