/**
 * What `bailiff classify` reads and says: a line as the events that a platform would produce for it, and their verdicts
 * as one line. Pure. No text comes out, only scores (P9).
 */
import { z } from 'zod'
import type { ContentPart } from '../domain/content.ts'
import type { InferenceEventBase, InferenceRequest, InferenceResponse } from '../domain/inference.ts'
import type { Verdict } from '../domain/verdict.ts'

const ROLES = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
} as const

const spoken = z.union([
  z.string(),
  z
    .array(z.looseObject({ type: z.string().optional(), text: z.string().optional() }))
    .transform((parts) => parts.map((part) => part.text ?? '').join('\n')),
])

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool'], {
    error: 'role is one of system, developer, user, assistant, tool',
  }),
  content: spoken.nullable().default(''),
})

const WANTED = 'wants text, or prompt and response, or messages (and response)'

const lineSchema = z
  .looseObject({
    id: z.union([z.string(), z.number()]).optional(),
    text: z.string().optional(),
    prompt: z.string().optional(),
    messages: z.array(message).optional(),
    response: z.string().optional(),
  })
  .refine(
    (line) => [line.text, line.prompt, line.messages, line.response].some((one) => one !== undefined),
    WANTED,
  )
  .refine(
    (line) => [line.text, line.prompt, line.messages].filter((one) => one !== undefined).length <= 1,
    'has more than one of text, prompt and messages: which was asked?',
  )

export type ClassifyLine = z.infer<typeof lineSchema>

/** The line, or what is wrong with it. */
export function readClassifyLine(
  text: string,
): { readonly ok: true; readonly line: ClassifyLine } | { readonly ok: false; readonly problem: string } {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, problem: 'is not JSON' }
  }
  const parsed = lineSchema.safeParse(json)
  if (parsed.success) return { ok: true, line: parsed.data }
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return { ok: false, problem: `${where}${issue?.message ?? WANTED}` }
}

/** A request where something was asked, a response where something was answered; of an account of its own. */
export function eventsOf(
  line: ClassifyLine,
  number: number,
): readonly (InferenceRequest | InferenceResponse)[] {
  const asked = askedParts(line)
  const base = { ...UNKNOWN, accountId: `line-${number}`, requestId: `line-${number}`, inputMessages: asked }
  const request = { ...base, eventId: `line-${number}/request`, maxTokens: null, stream: null, media: null }
  if (line.response === undefined) return [request]
  const answer: ContentPart = { role: 'assistant', text: line.response, reference: null }
  const response: InferenceResponse = {
    ...base,
    ...ANSWERED,
    eventId: `line-${number}/response`,
    outputMessages: [answer],
  }
  return asked.length === 0 ? [response] : [request, response]
}

/** The highest of each label over all segments, and what was undone to find it. */
export function saidOf(
  id: ClassifyLine['id'],
  verdicts: readonly Verdict[],
  withSegments: boolean,
): Readonly<Record<string, unknown>> {
  const labels = [...new Set(verdicts.flatMap(({ scores }) => scores.map(({ label }) => label)))]
  const highest = labels.map((label) => [label, highestOf(label, verdicts)] as const)
  const loudest = verdicts.reduce<Verdict | null>(louderOf, null)
  return {
    ...(id === undefined ? {} : { id }),
    scored: verdicts.length > 0 && verdicts.every(({ scored }) => scored),
    scores: Object.fromEntries(highest.map(([label, { score }]) => [label, score])),
    logLikelihoodRatios: Object.fromEntries(highest.map(([label, one]) => [label, one.logLikelihoodRatio])),
    task: verdicts.at(-1)?.task ?? 'unknown',
    outcome: verdicts.at(-1)?.outcome ?? 'unknown',
    disguises: [...new Set(verdicts.flatMap(({ disguises }) => disguises))],
    opaque: verdicts.some(({ opaque }) => opaque),
    model: loudest === null ? null : { id: loudest.modelId, version: loudest.modelVersion },
    ...(withSegments ? { segments: verdicts.map(segmentOf) } : {}),
  }
}

/** Of a cascade, different models may have judged: the one that found the highest score is told. */
function louderOf(a: Verdict | null, b: Verdict): Verdict {
  const loudness = ({ scores }: Verdict): number => Math.max(0, ...scores.map(({ score }) => score))
  return a === null || loudness(b) > loudness(a) ? b : a
}

function highestOf(label: string, verdicts: readonly Verdict[]) {
  const scores = verdicts.flatMap((verdict) => verdict.scores.filter((one) => one.label === label))
  return scores.reduce((most, one) => (one.score > most.score ? one : most))
}

function segmentOf({
  side,
  role,
  task,
  outcome,
  scored,
  scores,
  disguises,
  mentions,
  opaque,
  characters,
}: Verdict) {
  const byLabel = Object.fromEntries(scores.map(({ label, score }) => [label, score]))
  return { side, role, task, outcome, scored, scores: byLabel, disguises, mentions, opaque, characters }
}

function askedParts(line: ClassifyLine): readonly ContentPart[] {
  const text = line.text ?? line.prompt
  if (text !== undefined) return [{ role: 'user', text, reference: null }]
  return (line.messages ?? []).map(({ role, content }) => ({
    role: ROLES[role],
    text: content ?? '',
    reference: null,
  }))
}

const UNKNOWN: Omit<InferenceEventBase, 'accountId' | 'requestId' | 'eventId' | 'inputMessages'> = {
  keyId: 'none',
  organizationId: null,
  projectId: null,
  endUserId: null,
  conversationId: null,
  operationName: 'chat',
  requestModel: 'unknown',
  poolId: null,
  serverAddress: null,
  clientAddress: null,
  userAgent: null,
  traceparent: null,
  requestedAtMs: 0,
}

const ANSWERED: Omit<InferenceResponse, keyof InferenceEventBase | 'outputMessages'> = {
  responseModel: null,
  startedAtMs: null,
  completedAtMs: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadInputTokens: null,
  gpuSeconds: null,
  queueTimeMs: null,
  status: 'ok',
  finishReason: 'stop',
  retryAfterMs: null,
  billed: null,
  media: null,
}
