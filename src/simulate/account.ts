/** Accounts of the simulated platform: what they bought, their keys, where they come from. All of it invented. */
import type { AccountState, AccountTier, Grant, GrantKind, Quota } from '../domain/account.ts'
import type { Random } from './random.ts'

export interface Plan {
  readonly tier: AccountTier
  readonly quota: Quota
}

/** What the account needs of one hour. */
export interface Need {
  readonly requestsPerHour: number
  readonly tokensPerHour: number
  readonly gpuSecondsPerHour: number
}

/** Who somebody is, as far as requests tell. */
export interface Identity {
  readonly account: AccountState
  readonly keyIds: readonly string[]
  readonly clientAddresses: readonly string[]
  readonly userAgent: string
}

interface IdentityDraft {
  readonly accountId: string
  readonly plan: Plan
  readonly nowMs: number
  readonly keys?: number
  readonly addresses?: number
  readonly limitScope?: 'account' | 'key'
  readonly grants?: readonly GrantKind[]
  readonly organizationId?: string
}

const DAY_MS = 86_400_000
/** From the smallest; whoever needs more has a contract of its own. */
const PLANS: readonly Plan[] = [
  plan('free', 20, 300, 600_000, 400),
  plan('trial', 60, 900, 2_000_000, 1_200),
  plan('payAsYouGo', 150, 3_000, 10_000_000, 4_000),
  plan('contract', 600, 12_000, 60_000_000, 20_000),
]
const USER_AGENTS = [
  'openai-python/1.99.1',
  'openai-node/5.12.0',
  'axios/1.11.0',
  'python-httpx/0.28.1',
  'okhttp/5.1.0',
]

/** A plan of one's own. */
export function plan(
  tier: AccountTier,
  requestsPerMinute: number,
  requestsPerHour: number,
  tokensPerHour: number,
  gpuSecondsPerHour: number,
): Plan {
  return { tier, quota: { requestsPerMinute, requestsPerHour, tokensPerHour, gpuSecondsPerHour } }
}

/** The smallest plan that holds the need: people buy what they use. */
export function planFor(need: Need): Plan {
  return PLANS.find(({ quota }) => holds(quota, need)) ?? ownPlan(need)
}

function holds(quota: Quota, need: Need): boolean {
  return (
    need.requestsPerHour <= (quota.requestsPerHour ?? Infinity) &&
    need.tokensPerHour <= (quota.tokensPerHour ?? Infinity) &&
    need.gpuSecondsPerHour <= (quota.gpuSecondsPerHour ?? Infinity)
  )
}

function ownPlan({ requestsPerHour, tokensPerHour, gpuSecondsPerHour }: Need): Plan {
  const perMinute = Math.ceil(requestsPerHour / 15)
  return plan(
    'contract',
    perMinute,
    Math.ceil(requestsPerHour),
    Math.ceil(tokensPerHour),
    Math.ceil(gpuSecondsPerHour),
  )
}

export function identity(draft: IdentityDraft, random: Random): Identity {
  const { accountId, plan: bought, nowMs, keys = 1, addresses = 1, grants = [] } = draft
  const account: AccountState = {
    accountId,
    organizationId: draft.organizationId ?? null,
    tier: bought.tier,
    createdAtMs: nowMs - Math.floor(random.between(20, 700) * DAY_MS),
    updatedAtMs: nowMs - Math.floor(random.between(0, 20) * DAY_MS),
    quota: bought.quota,
    limitScope: draft.limitScope ?? 'account',
    grants: grants.map((kind) => grantOf(kind, nowMs)),
    protected: false,
    ageVerified: null,
    ageAttested: true,
    language: random.pick(['en', 'en', 'en', 'de', 'fr', 'ja', 'pt-BR']),
    ownHosts: null,
  }
  return {
    account,
    keyIds: Array.from({ length: keys }, (_, at) => `${accountId}-key${at + 1}`),
    clientAddresses: Array.from({ length: addresses }, () => clientAddress(random)),
    userAgent: random.pick(USER_AGENTS),
  }
}

function grantOf(kind: GrantKind, nowMs: number): Grant {
  return {
    kind,
    issuedBy: 'accounts@platform.example',
    reason: 'registered use',
    expiresAtMs: nowMs + 365 * DAY_MS,
    scope: null,
    capRequestsPerHour: null,
    evidence: null,
  }
}

/** From the blocks that are kept for benchmarks and documentation (RFC 2544, RFC 3849). */
function clientAddress(random: Random): string {
  if (random.chance(0.15))
    return `2001:db8:${random.integer(1, 65_535).toString(16)}::${random.integer(1, 9_999)}`
  return `198.${random.pick([18, 19])}.${random.integer(0, 256)}.${random.integer(1, 255)}`
}
