/** How the engine runs, as the settings of this process say. */
import { defaultEngineOptions, type EngineOptions } from '../../engine/options.ts'
import type { Settings } from '../../service/settings.ts'

export function engineOptions(settings: Settings): EngineOptions {
  return {
    ...defaultEngineOptions,
    commitIntervalMs: settings.commitIntervalMs,
    outputIntervalMs: settings.outputIntervalMs,
    stageLingerMs: settings.stageLingerMs,
    cacheMaxBytes: settings.cacheMaxMiB * 1024 * 1024,
    storeMaxBytes: settings.storeMaxMiB * 1024 * 1024,
    onRetentionGap: settings.onRetentionGap,
  }
}
