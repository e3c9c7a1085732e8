/**
 * What real customers look like: rates, burstiness and token counts from published production traces. See
 * data/ATTRIBUTION.md for where they come from and what was done to them.
 */
import azureConversations from './data/azure-conversations.json' with { type: 'json' }
import servegenClients from './data/servegen-clients.json' with { type: 'json' }
import type { Random } from './random.ts'

/** One number for each ten minutes of a day. */
export const TRACE_WINDOW_MS = 600_000
export const TRACE_WINDOWS = 144

export interface TokenPair {
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface TraceClient {
  /** Which production workload it was taken from. */
  readonly family: 'large' | 'mid' | 'small' | 'reasoning'
  /** Rate of each window of the day, in terms of the client's own mean. */
  readonly relativeRate: readonly number[]
  /** Coefficient of variation of the gaps between requests, of each window; 1 is Poisson. */
  readonly burstiness: readonly number[]
  tokens(random: Random): TokenPair
}

/** The quantiles that data/make-excerpt.mjs kept. */
const QUANTILES = [0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]
const FAMILY_OF: Readonly<Record<string, TraceClient['family']>> = {
  'language_m-large': 'large',
  'language_m-mid': 'mid',
  'language_m-small': 'small',
  'reason_deepseek-r1': 'reasoning',
}

/** All clients of the excerpt, in the order of the file. */
export const TRACE_CLIENTS: readonly TraceClient[] = servegenClients.map((entry) => {
  const inputTokens = numbers(entry.inputTokens)
  const outputTokens = numbers(entry.outputTokens)
  return {
    family: FAMILY_OF[entry.client.split('/')[0] ?? ''] ?? 'mid',
    relativeRate: numbers(entry.ratePercent).map((percent) => percent / 100),
    burstiness: numbers(entry.cvTenths).map((tenths) => tenths / 10),
    tokens: (random) => ({
      inputTokens: atQuantile(inputTokens, random.next()),
      outputTokens: atQuantile(outputTokens, random.next()),
    }),
  }
})

const CONVERSATIONS: readonly TokenPair[] = azureConversations.map((pair) => {
  const [inputTokens = 1, outputTokens = 1] = numbers(pair)
  return { inputTokens, outputTokens }
})

/** Tokens of one request of a real conversation; both counts are of the same request. */
export function conversationTokens(random: Random): TokenPair {
  return random.pick(CONVERSATIONS)
}

function numbers(text: string): number[] {
  return text.split(' ').map(Number)
}

function atQuantile(values: readonly number[], share: number): number {
  const above = QUANTILES.findIndex((quantile) => quantile > share)
  const [from = 0, to = 1] = [QUANTILES[above - 1], QUANTILES[above]]
  const [low = 1, high = 1] = [values[above - 1], values[above]]
  return Math.max(1, Math.round(low + ((high - low) * (share - from)) / (to - from)))
}
