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

/** One account that knocks every second for 20 minutes though each refusal says to wait a minute. */
export function hammeringLines(accountId: string, endMs: number): string {
  const lines = Array.from({ length: 1_200 }, (_, second) =>
    responseLine({
      requestId: `${accountId}-${second}`,
      accountId,
      completedAtMs: endMs - (1_200 - second) * 1_000,
      status: 'rate_limited',
      retryAfterMs: 60_000,
    }),
  )
  return `${lines.join('\n')}\n`
}

/** An honest account at a request every ten seconds. */
export function honestLines(accountId: string, endMs: number): string {
  const lines = Array.from({ length: 120 }, (_, n) =>
    responseLine({ requestId: `${accountId}-${n}`, accountId, completedAtMs: endMs - (120 - n) * 10_000 }),
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
    quota: { requestsPerHour: 600 },
    limitScope: 'account',
    grants: [],
    protected: false,
  }
  return `${JSON.stringify(state)}\n`
}
