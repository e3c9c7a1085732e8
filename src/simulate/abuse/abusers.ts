/** All abusers, by the detector that must see them. */
import type { Role } from '../cast.ts'
import { bulkHarvest } from './bulk-harvest.ts'
import { gpuHog } from './gpu-hog.ts'
import { keyRotation } from './key-rotation.ts'
import { limitHammering } from './limit-hammering.ts'
import { malwareGeneration } from './malware-generation.ts'

export const ABUSERS = {
  'exhaustion.gpu-hog': gpuHog,
  'exhaustion.limit-hammering': limitHammering,
  'scraping.bulk-harvest': bulkHarvest,
  'circumvention.key-rotation': keyRotation,
  'malware.generation': malwareGeneration,
} as const satisfies Readonly<Record<string, Role>>

export type AbuseKind = keyof typeof ABUSERS
