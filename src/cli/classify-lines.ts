/**
 * What `bailiff classify` reads and says: a line as the events that a platform would produce for it, and their verdicts
 * as one line. Pure. No text comes out, only scores (P9).
 */
import { z } from 'zod'
import type { InferenceEventBase, InferenceRequest, InferenceResponse } from '../domain/inference.ts'
import type { Verdict } from '../domain/verdict.ts'
import { chatMessage, chatRequest, readChat, readMessage, type ReadChat } from './chat-parts.ts'

const WANTED = 'wants text, or prompt and response, or messages (and response)'

const lineSchema = chatRequest
  .extend({
    id: z.union([z.string(), z.number()]).optional(),
    text: z.string().optional(),
    prompt: z.string().optional(),
    response: z.union([z.string(), chatMessage]).optional(),
  })
  .refine(
    (line) => [line.text, line.prompt, line.messages, line.response].some((one) => one !== undefined),
    WANTED,
  )
  .refine(
    (line) => [line.text, line.prompt, line.messages].filter((one) => one !== undefined).length <= 1,
    'has more than one of text, prompt and messages: which was asked?',
  )

/** What a line brings. */
export interface ClassifyLine {
  /** Its own name, which is told with what is said of it. */
  readonly id: string | number | undefined
  readonly asked: ReadChat
  /** Null where nothing was answered. */
  readonly answered: ReadChat | null
}

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
  if (parsed.success) return { ok: true, line: lineOf(parsed.data) }
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return { ok: false, problem: `${where}${issue?.message ?? WANTED}` }
}

function lineOf({ id, text, prompt, response, ...chat }: z.infer<typeof lineSchema>): ClassifyLine {
  const spoken = text ?? prompt
  const messages = spoken === undefined ? chat.messages : [{ role: 'user' as const, content: spoken }]
  const answer = typeof response === 'string' ? { role: 'assistant' as const, content: response } : response
  return {
    id,
    asked: readChat({ ...chat, messages }),
    answered: answer === undefined ? null : readMessage(answer),
  }
}

/** A request where something was asked, a response where something was answered; of an account of its own. */
export function eventsOf(
  line: ClassifyLine,
  number: number,
): readonly (InferenceRequest | InferenceResponse)[] {
  const { parts } = line.asked
  const base = { ...UNKNOWN, accountId: `line-${number}`, requestId: `line-${number}`, inputMessages: parts }
  const request = { ...base, eventId: `line-${number}/request`, maxTokens: null, stream: null, media: null }
  if (line.answered === null) return [request]
  const response: InferenceResponse = {
    ...base,
    ...ANSWERED,
    eventId: `line-${number}/response`,
    outputMessages: line.answered.parts,
  }
  return parts.length === 0 ? [response] : [request, response]
}

/** The highest of each label over all segments, and what was undone to find it. */
export function saidOf(
  { id, asked, answered }: ClassifyLine,
  verdicts: readonly Verdict[],
  withSegments: boolean,
): Readonly<Record<string, unknown>> {
  const labels = [...new Set(verdicts.flatMap(({ scores }) => scores.map(({ label }) => label)))]
  const highest = labels.map((label) => [label, highestOf(label, verdicts)] as const)
  const notRead = [...new Set([...asked.notRead, ...(answered?.notRead ?? [])])]
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
    ...(notRead.length === 0 ? {} : { notRead }),
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
