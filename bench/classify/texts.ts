/** Harmless texts of made-up sentences, the same every time, of as many words as real prompts have. */
import { readFileSync } from 'node:fs'
import type { InferenceRequest } from '../../src/domain/inference.ts'

const WORDS_FILE = new URL('../../training/brought/words.py', import.meta.url)
const FEWEST_WORDS = 8
const MOST_WORDS = 160

/** A generator of numbers between 0 and 1 that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The words that the model's tokenizer knows, from where it has them. */
function words(): readonly string[] {
  const known =
    readFileSync(WORDS_FILE, 'utf8')
      .match(/(?<=")[a-z ,.?]+(?=")/g)
      ?.join('') ?? ''
  return known.split(' ').filter((word) => /^[a-z]+$/.test(word))
}

/** Lengths are spread evenly over their logarithm: many short, some long. Each text differs from all others. */
export function textsOf(count: number, seed: number): readonly string[] {
  const random = seeded(seed)
  const vocabulary = words()
  return Array.from({ length: count }, () => {
    const length = Math.round(FEWEST_WORDS * (MOST_WORDS / FEWEST_WORDS) ** random())
    const chosen = Array.from({ length }, () => vocabulary[Math.floor(random() * vocabulary.length)] ?? '')
    return `${chosen.join(' ')}.`
  })
}

/** A request of an account of its own; each text is a part. */
export function requestOf(texts: readonly string[], at: number): InferenceRequest {
  return {
    eventId: `event-${at}`,
    requestId: `request-${at}`,
    accountId: `account-${at % 997}`,
    keyId: 'key',
    organizationId: null,
    projectId: null,
    endUserId: null,
    conversationId: null,
    operationName: 'chat',
    requestModel: 'model',
    poolId: null,
    serverAddress: null,
    clientAddress: null,
    userAgent: null,
    traceparent: null,
    requestedAtMs: 1_790_000_000_000 + at,
    inputMessages: texts.map((text) => ({ role: 'user', text, reference: null })),
    maxTokens: null,
    stream: null,
    media: null,
  }
}
