/**
 * All abusers of the acceptance run, by the detector that must see them. They are written from the catalogue of the
 * clauses and from the public thresholds, apart from the detectors: no detector is tuned on them.
 */
import type { Abuser } from '../act.ts'
import { billing } from './billing.ts'
import { bulkHarvest } from './bulk-harvest.ts'
import { cancelAfterWork } from './cancel-after-work.ts'
import { distillation } from './distillation.ts'
import { declaredMinor, failedAgeCheck, withoutAttestation } from './eligibility.ts'
import { gpuHog } from './gpu-hog.ts'
import { keyRotation } from './key-rotation.ts'
import { limitHammering } from './limit-hammering.ts'
import { queueFlood } from './queue-flood.ts'
import { restrictedAccess } from './restricted-access.ts'
import { sponge } from './sponge.ts'
import { stolenKey } from './stolen-key.ts'

export const ACCEPTANCE_ABUSERS: Readonly<Record<string, Abuser>> = {
  'exhaustion.gpu-hog': gpuHog,
  'exhaustion.queue-flood': queueFlood,
  'exhaustion.limit-hammering': limitHammering,
  'exhaustion.cancel-after-work': cancelAfterWork,
  'exhaustion.sponge': sponge,
  'scraping.bulk-harvest': bulkHarvest,
  'scraping.distillation': distillation,
  'circumvention.key-rotation': keyRotation,
  'circumvention.billing': billing,
  'circumvention.restricted-access': restrictedAccess,
  'compromise.key': stolenKey,
  'eligibility.age-verified-minor': failedAgeCheck,
  'eligibility.self-declared-minor': declaredMinor,
  'eligibility.missing-attestation': withoutAttestation,
}
