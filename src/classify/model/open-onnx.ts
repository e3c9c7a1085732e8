/**
 * An ONNX session on the first of the wished-for providers that opens. ONNX Runtime itself never falls back: it throws.
 *
 * X1. Providers are tried in the order given, and no other is: whoever does not name `cpu` gets no slow model unawares.
 * X2. Every provider that was passed over is told, with its reason.
 */
import { InferenceSession } from 'onnxruntime-node'
import { explainProvider } from './provider-libraries.ts'

export const PROVIDERS = ['cpu', 'cuda', 'webgpu'] as const
export type Provider = (typeof PROVIDERS)[number]

export interface PassedOver {
  readonly provider: Provider
  readonly reason: string
}

export interface OpenOnnx {
  readonly session: InferenceSession
  readonly provider: Provider
  readonly passedOver: readonly PassedOver[]
}

/** None of the providers opened the model. */
export class NoProvider extends Error {
  readonly passedOver: readonly PassedOver[]

  constructor(passedOver: readonly PassedOver[]) {
    super(passedOver.map(({ provider, reason }) => `${provider}: ${reason}`).join('; '))
    this.name = 'NoProvider'
    this.passedOver = passedOver
  }
}

/** Throws NoProvider. */
export async function openOnnx(model: Uint8Array, providers: readonly Provider[]): Promise<OpenOnnx> {
  const passedOver: PassedOver[] = []
  for (const provider of providers) {
    try {
      return { session: await InferenceSession.create(model, optionsFor(provider)), provider, passedOver }
    } catch (error) {
      passedOver.push({ provider, reason: explainProvider(provider, error) })
    }
  }
  throw new NoProvider(passedOver)
}

/** One thread, which sleeps when it has nothing to do: more cores are for more processes. */
function optionsFor(provider: Provider): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
  }
}
