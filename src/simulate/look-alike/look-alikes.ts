/** All honest customers that look like abusers. */
import type { Role } from '../cast.ts'
import { curiousUser, securityResearcher } from './asking-for-malware.ts'
import { hugeCustomer, launchDay } from './busy-pool.ts'
import { evaluationHarness, nightlyBatch } from './enumerating.ts'
import { rotationByPolicy, teamBehindOneAddress } from './many-keys.ts'
import { quotaLowered, retryStorm } from './refused-often.ts'

export const LOOK_ALIKES = {
  hugeCustomer,
  launchDay,
  nightlyBatch,
  evaluationHarness,
  retryStorm,
  quotaLowered,
  rotationByPolicy,
  teamBehindOneAddress,
  securityResearcher,
  curiousUser,
} as const satisfies Readonly<Record<string, Role>>
