/** Events as a platform would send them, as JSON lines for `bailiff send`. */

export interface ResponseLine {
  readonly requestId: string
  readonly accountId: string
  readonly completedAtMs: number
  readonly keyId?: string
  readonly status?: string
  readonly retryAfterMs?: number
  readonly poolId?: string
  readonly gpuSeconds?: number
}

/** Only what is required of a platform, and what the caller adds. */
export function responseLine(line: ResponseLine): string {
  const served = (line.status ?? 'ok') === 'ok'
  return JSON.stringify({
    eventId: `event-${line.requestId}`,
    keyId: `${line.accountId}-key`,
    operationName: 'chat',
    requestModel: 'assistant-large',
    requestedAtMs: line.completedAtMs - 20,
    inputTokens: 400,
    outputTokens: served ? 200 : 0,
    status: 'ok',
    finishReason: served ? 'stop' : 'none',
    ...line,
  })
}

/** Times of `count` events over the last 20 seconds: recent, so that they are not late on a log that is in use. */
function recentTimes(count: number, endMs: number): number[] {
  return Array.from({ length: count }, (_, n) => endMs - 20_000 + Math.floor((n * 20_000) / count))
}

/** What a request asks, in the platform's words: one template whose slot walks through identifiers. */
export function harvestRequestLines(accountId: string, count: number, endMs: number): string {
  const lines = recentTimes(count, endMs).map((requestedAtMs, n) =>
    JSON.stringify({
      eventId: `request-${accountId}-${n}`,
      requestId: `${accountId}-${n}`,
      accountId,
      keyId: `${accountId}-key`,
      operationName: 'chat',
      requestModel: 'assistant-large',
      requestedAtMs,
      inputMessages: [{ role: 'user', text: `Summarise catalogue entry ${18_000 + n} in two sentences.` }],
    }),
  )
  return `${lines.join('\n')}\n`
}

export function responseLines(accountId: string, count: number, endMs: number): string {
  const lines = recentTimes(count, endMs).map((completedAtMs, n) =>
    responseLine({ requestId: `${accountId}-${n}`, accountId, completedAtMs }),
  )
  return `${lines.join('\n')}\n`
}

/** What the platform tells of an account: without it the machine asks people and sanctions nobody. */
export function accountLine(accountId: string, nowMs: number): string {
  const state = {
    accountId,
    tier: 'payAsYouGo',
    createdAtMs: nowMs - 400 * 86_400_000,
    updatedAtMs: nowMs - 3_600_000,
    quota: { requestsPerHour: 50 },
    limitScope: 'account',
    grants: [],
    protected: false,
  }
  return `${JSON.stringify(state)}\n`
}
