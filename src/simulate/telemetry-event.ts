/** A pool's sample as GPU telemetry. Figures of power and memory follow activity the way an H100's do, roughly. */
import type { PoolSample } from './pool.ts'
import type { SizedPool } from './population.ts'
import type { SimulatedEvent } from './simulated-event.ts'

const IDLE_WATTS = 110
const FULL_WATTS = 680
const GPU_MEMORY_BYTES = 85_899_345_920
const WEIGHTS_SHARE = 0.55

export function telemetryEvent(
  { plan, gpuCount }: SizedPool,
  sample: PoolSample,
  periodMs: number,
  nowMs: number,
): SimulatedEvent {
  const ratio = Math.round(sample.gpuActiveRatio * 10_000) / 10_000
  const memoryShare = WEIGHTS_SHARE + (0.95 - WEIGHTS_SHARE) * ratio
  const value = {
    eventId: `${plan.poolId}-${nowMs}`,
    poolId: plan.poolId,
    sampledAtMs: nowMs,
    sampleSeconds: periodMs / 1_000,
    region: plan.region,
    gpuCount: sample.gpuCount,
    gpuCountExpected: gpuCount,
    gpuActiveRatio: ratio,
    memoryUsedBytes: Math.round(sample.gpuCount * GPU_MEMORY_BYTES * memoryShare),
    memoryTotalBytes: sample.gpuCount * GPU_MEMORY_BYTES,
    powerWatts: Math.round(sample.gpuCount * (IDLE_WATTS + (FULL_WATTS - IDLE_WATTS) * ratio)),
    requestsRunning: sample.requestsRunning,
    requestsWaiting: sample.requestsWaiting,
    accountsWaiting: sample.accountsWaiting,
    queueTimeSeconds: Math.round(sample.queueTimeSeconds * 1_000) / 1_000,
    kvCacheUsageRatio: Math.round(ratio * 9_000) / 10_000,
  }
  return { topic: 'gpu.telemetry.v1', key: plan.poolId, value, appendTimeMs: nowMs }
}
