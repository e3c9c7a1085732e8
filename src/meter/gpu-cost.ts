/**
 * GPU seconds of a request for which the platform has no figure: uncached prompt tokens at the prefill speed plus
 * generated tokens at the decode speed of the model, on one GPU of the H100 class under a full batch.
 *
 * An estimate, and marked so wherever it travels: it ranks customers, it bills nobody.
 */
export interface ModelSpeed {
  readonly prefillTokensPerGpuSecond: number
  readonly decodeTokensPerGpuSecond: number
}

export interface TokenUse {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadInputTokens: number
}

interface SizeClass extends ModelSpeed {
  /** Largest number of parameters of the class, in billions. */
  readonly upToBillions: number
}

/** Prefill is bound by arithmetic (speed falls with size), decode by memory and batch. Order of magnitude only. */
const SIZE_CLASSES: readonly SizeClass[] = [
  { upToBillions: 4, prefillTokensPerGpuSecond: 40_000, decodeTokensPerGpuSecond: 5_000 },
  { upToBillions: 10, prefillTokensPerGpuSecond: 20_000, decodeTokensPerGpuSecond: 2_500 },
  { upToBillions: 40, prefillTokensPerGpuSecond: 6_000, decodeTokensPerGpuSecond: 800 },
  { upToBillions: 100, prefillTokensPerGpuSecond: 2_500, decodeTokensPerGpuSecond: 350 },
  { upToBillions: Infinity, prefillTokensPerGpuSecond: 1_000, decodeTokensPerGpuSecond: 120 },
]
/** What a model whose name tells no size is taken for. */
const UNSIZED_BILLIONS = 40
/** `llama-3.1-70b`, `mixtral-8x7b`, `qwen2.5-0.5b-instruct`. */
const SIZE_IN_NAME = /(?:^|[^a-z0-9.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?:[^a-z0-9]|$)/i
const MICRO = 1_000_000
/** Models are few; a platform that lets customers name theirs must not grow us. */
const MOST_REMEMBERED = 10_000

/** Estimates GPU seconds; speeds that the operator measured come before ours. */
export class GpuCost {
  readonly #measured: ReadonlyMap<string, ModelSpeed>
  readonly #derived = new Map<string, ModelSpeed>()

  constructor(measured: ReadonlyMap<string, ModelSpeed> = new Map()) {
    this.#measured = measured
  }

  /** GPU seconds to the microsecond. A cache larger than the prompt saves no more than the prompt. */
  estimate(model: string, use: TokenUse): number {
    const speed = this.#speedOf(model)
    const uncached = Math.max(0, use.inputTokens - use.cacheReadInputTokens)
    const seconds =
      uncached / speed.prefillTokensPerGpuSecond + use.outputTokens / speed.decodeTokensPerGpuSecond
    return Math.round(seconds * MICRO) / MICRO
  }

  #speedOf(model: string): ModelSpeed {
    const known = this.#measured.get(model) ?? this.#derived.get(model)
    if (known !== undefined) return known
    const speed = speedOfSize(billionsIn(model))
    if (this.#derived.size < MOST_REMEMBERED) this.#derived.set(model, speed)
    return speed
  }
}

/** Parameters in billions, as far as the name tells. */
function billionsIn(model: string): number {
  const match = SIZE_IN_NAME.exec(model)
  return match === null ? UNSIZED_BILLIONS : Number(match[1] ?? 1) * Number(match[2])
}

function speedOfSize(billions: number): ModelSpeed {
  const found = SIZE_CLASSES.find((one) => billions <= one.upToBillions)
  if (found === undefined) throw new RangeError(`no size class holds ${billions} billion parameters`)
  return found
}
