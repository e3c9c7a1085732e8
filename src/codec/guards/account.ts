/** What the account service and the GPU pools say. */
import {
  ACCOUNT_EVENT_KINDS,
  GRANT_KINDS,
  GRANT_LEVELS,
  MOST_OWN_HOSTS,
  type AccountEvent,
  type AccountState,
  type Grant,
  type GrantScope,
  type OwnHosts,
  type Quota,
} from '../../domain/account.ts'
import type { GpuTelemetry, PoolPressure } from '../../domain/telemetry.ts'
import { listOf, nullOr, recordOf } from '../guard.ts'
import {
  amount,
  bytes,
  count,
  eventTimeMs,
  flag,
  hex,
  id,
  ratio,
  seconds,
  symbol,
  symbolOf,
  text,
  timeMs,
} from './leaves.ts'

const MOST_GRANTS = 1_000

const grantScope = recordOf<GrantScope>({ level: symbolOf(GRANT_LEVELS), id })

const grant = recordOf<Grant>({
  kind: symbolOf(GRANT_KINDS),
  issuedBy: id,
  reason: text(4_096),
  expiresAtMs: nullOr(timeMs),
  scope: nullOr(grantScope),
  capRequestsPerHour: nullOr(amount),
  evidence: nullOr(text(4_096)),
})

const quota = recordOf<Quota>({
  requestsPerMinute: nullOr(amount),
  requestsPerHour: nullOr(amount),
  tokensPerHour: nullOr(amount),
  gpuSecondsPerHour: nullOr(amount),
})

const ownHosts = recordOf<OwnHosts>({
  hashKeyId: id,
  hostHashes: listOf(hex(16), MOST_OWN_HOSTS),
})

export const accountState = recordOf<AccountState>({
  accountId: id,
  organizationId: nullOr(id),
  tier: symbol<AccountState['tier']>({
    free: true,
    trial: true,
    payAsYouGo: true,
    contract: true,
    internal: true,
  }),
  createdAtMs: timeMs,
  updatedAtMs: eventTimeMs,
  quota,
  limitScope: symbol<AccountState['limitScope']>({ account: true, key: true }),
  grants: listOf(grant, MOST_GRANTS),
  protected: flag,
  ageVerified: nullOr(flag),
  ageAttested: nullOr(flag),
  language: nullOr(text(64)),
  ownHosts: nullOr(ownHosts),
})

export const accountEvent = recordOf<AccountEvent>({
  eventId: id,
  accountId: id,
  kind: symbolOf(ACCOUNT_EVENT_KINDS),
  occurredAtMs: eventTimeMs,
  keyId: nullOr(id),
  sanctionId: nullOr(id),
  resource: nullOr(id),
})

export const gpuTelemetry = recordOf<GpuTelemetry>({
  eventId: id,
  poolId: id,
  sampledAtMs: eventTimeMs,
  sampleSeconds: seconds,
  region: nullOr(id),
  gpuCount: count,
  gpuCountExpected: nullOr(count),
  gpuActiveRatio: ratio,
  memoryUsedBytes: nullOr(bytes),
  memoryTotalBytes: nullOr(bytes),
  powerWatts: nullOr(amount),
  requestsRunning: nullOr(count),
  requestsWaiting: nullOr(count),
  accountsWaiting: nullOr(count),
  queueTimeSeconds: nullOr(seconds),
  kvCacheUsageRatio: nullOr(ratio),
})

export const poolPressure = recordOf<PoolPressure>({
  poolId: id,
  startMs: timeMs,
  endMs: timeMs,
  saturated: flag,
  degraded: flag,
  gpuActiveRatio: ratio,
  gpuSeconds: seconds,
  requestsWaiting: amount,
  accountsWaiting: amount,
  queueTimeSeconds: seconds,
  samples: count,
})
