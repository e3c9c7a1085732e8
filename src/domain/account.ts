/**
 * What the platform's account service says: the current state (compacted topic) and what happened (log).
 */
export interface Quota {
  readonly requestsPerMinute: number | null
  readonly requestsPerHour: number | null
  readonly tokensPerHour: number | null
  readonly gpuSecondsPerHour: number | null
}

export const GRANT_KINDS = [
  'bulkProcessing',
  'scraping',
  'securityResearch',
  'redTeam',
  'reseller',
  'keyRotation',
  'dedicatedCapacity',
  'phishingTraining',
  'consentingPerformer',
] as const
export type GrantKind = (typeof GRANT_KINDS)[number]

export const GRANT_LEVELS = ['project', 'key', 'capability'] as const

/** The part of an account that a grant is for; a capability is a model, as the platform's events name it. */
export interface GrantScope {
  readonly level: (typeof GRANT_LEVELS)[number]
  readonly id: string
}

/** A signed permission with an end (`grants.ts`). */
export interface Grant {
  readonly kind: GrantKind
  readonly issuedBy: string
  readonly reason: string
  readonly expiresAtMs: number | null
  /** Null: for the whole account. */
  readonly scope: GrantScope | null
  /** How many requests of a clock hour it frees; null: all. */
  readonly capRequestsPerHour: number | null
  /** What it rests on: the platform's own pointer to a contract or a ticket. */
  readonly evidence: string | null
}

export const MOST_OWN_HOSTS = 256

/** The customer's own hosts on the web, as keyed hashes such as verdicts carry. */
export interface OwnHosts {
  /** Under another key than a verdict's, nothing can be said of that verdict's hosts. */
  readonly hashKeyId: string
  readonly hostHashes: readonly string[]
}

export const ACCOUNT_TIERS = ['free', 'trial', 'payAsYouGo', 'contract', 'internal'] as const
export type AccountTier = (typeof ACCOUNT_TIERS)[number]

/** Of what the limits of requests are. */
export const LIMIT_SCOPES = ['account', 'key'] as const

export interface AccountState {
  readonly accountId: string
  readonly organizationId: string | null
  readonly tier: AccountTier
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly quota: Quota
  /** Whether the platform counts rate limits per key or over the whole account. */
  readonly limitScope: (typeof LIMIT_SCOPES)[number]
  readonly grants: readonly Grant[]
  /** Always goes to review: hospitals, emergency services, press. */
  readonly protected: boolean
  readonly ageVerified: boolean | null
  readonly ageAttested: boolean | null
  /** BCP 47 language of notices. */
  readonly language: string | null
  /** Null where the platform does not tell; of a customer that has none, a list without any. */
  readonly ownHosts: OwnHosts | null
}

export const ACCOUNT_EVENT_KINDS = [
  'keyCreated',
  'keyRotated',
  'keyRevoked',
  /** Its owner says that others use it. */
  'keyReportedStolen',
  'quotaChanged',
  'paymentFailed',
  'chargeback',
  'ageCheckFailed',
  'noticeDelivered',
  'remediated',
  'restrictedAccessDenied',
  'outage',
  /** Somebody says on the platform's own surfaces to be too young; never where an end user of a customer speaks. */
  'minorDeclared',
] as const
export type AccountEventKind = (typeof ACCOUNT_EVENT_KINDS)[number]

export interface AccountEvent {
  readonly eventId: string
  readonly accountId: string
  readonly kind: AccountEventKind
  readonly occurredAtMs: number
  readonly keyId: string | null
  /** The sanction that a notice or a remediation refers to. */
  readonly sanctionId: string | null
  /** What access was denied to, under the platform's own name: a model, an operation; null where that is unknown. */
  readonly resource: string | null
}
