/** How a gateway says no: status, headers and an error body of the shape that clients of OpenAI's API know. */
import type { Decision } from './decision.ts'

export interface RefusalBody {
  readonly error: {
    readonly message: string
    readonly type: 'permission_error' | 'rate_limit_error' | 'server_error'
    readonly param: null
    readonly code: string
    /** For support and for an appeal; null where no sanction decided. */
    readonly sanction_id: string | null
    readonly appeal_url: string | null
  }
}

export interface Refusal {
  readonly status: 403 | 429 | 503
  readonly headers: Readonly<Record<string, string>>
  readonly body: RefusalBody
}

/**
 * The answer to a request that a decision does not allow, or, with `overCeiling`, to one past its ceiling. Says what and
 * until when, never why beyond the neutral reason code.
 */
export function refusalOf(decision: Decision, appealUrl: string, overCeiling = false): Refusal {
  if (decision.sanctionId === null) return unknown()
  if (overCeiling) return tooMany(decision, appealUrl)
  const ended = decision.act === 'termination'
  const until = decision.untilMs === null ? '' : ` until ${new Date(decision.untilMs).toISOString()}`
  const what = ended ? 'This account was closed' : `This use of the account is ${verb(decision)}${until}`
  const code = ended ? 'account_terminated' : `access_${verb(decision)}`
  return refusal(403, {}, `${what} under the acceptable use policy (${decision.reasonCode ?? 'policy'}).`, {
    type: 'permission_error',
    code,
    sanctionId: decision.sanctionId,
    appealUrl,
  })
}

function verb({ act }: Decision): string {
  return act === 'suspension' ? 'suspended' : 'restricted'
}

function tooMany(decision: Decision, appealUrl: string): Refusal {
  const message =
    `This account may make ${decision.ratePerMinute ?? 0} requests a minute under the acceptable use policy ` +
    `(${decision.reasonCode ?? 'policy'}).`
  const { sanctionId } = decision
  return refusal(429, { 'retry-after': '60' }, message, {
    type: 'rate_limit_error',
    code: 'rate_ceiling',
    sanctionId,
    appealUrl,
  })
}

function unknown(): Refusal {
  const message = 'Whether this account may be served is not known at the moment. Please try again.'
  const about = { type: 'server_error', code: 'standing_unknown', sanctionId: null, appealUrl: null } as const
  return refusal(503, { 'retry-after': '5' }, message, about)
}

function refusal(
  status: Refusal['status'],
  headers: Readonly<Record<string, string>>,
  message: string,
  about: {
    readonly type: RefusalBody['error']['type']
    readonly code: string
    readonly sanctionId: string | null
    readonly appealUrl: string | null
  },
): Refusal {
  const { type, code, sanctionId, appealUrl } = about
  const closing = appealUrl === null ? '' : ` How to appeal: ${appealUrl}`
  const error = { type, param: null, code, sanction_id: sanctionId, appeal_url: appealUrl }
  return { status, headers, body: { error: { message: `${message}${closing}`, ...error } } }
}
