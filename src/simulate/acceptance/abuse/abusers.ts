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
import { systematic } from './systematic.ts'
import { urlPipeline } from './url-pipeline.ts'
import { systematic as systematicOfVersion3 } from './version-3/systematic.ts'
import { urlPipeline as urlPipelineOfVersion3 } from './version-3/url-pipeline.ts'

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

/** Those that came with hosts, as version 3 of the world had them: written with the detectors' conditions in view. */
export const TAKERS_OF_VERSION_3: Readonly<Record<string, Abuser>> = {
  'scraping.systematic': systematicOfVersion3,
  'scraping.url-pipeline': urlPipelineOfVersion3,
}

/** The same kinds, written anew from the catalogue alone. */
export const TAKERS: Readonly<Record<string, Abuser>> = {
  'scraping.systematic': systematic,
  'scraping.url-pipeline': urlPipeline,
}
