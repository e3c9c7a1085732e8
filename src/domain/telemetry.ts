/**
 * What GPU pools and inference servers report about themselves, keyed by pool.
 *
 * Units are canonical: ratios 0 to 1, bytes, watts, seconds. GPU telemetry corroborates, it never identifies an
 * account: with continuous batching no series tells who used the GPU.
 */
export interface GpuTelemetry {
  readonly eventId: string
  readonly poolId: string
  readonly sampledAtMs: number
  /** The length of time that this sample stands for. */
  readonly sampleSeconds: number
  readonly region: string | null
  /** GPUs of the pool that were in service at the time of the sample. */
  readonly gpuCount: number
  /** GPUs that should be in service; fewer in service is a capacity failure, not abuse. */
  readonly gpuCountExpected: number | null
  /** Mean engine activity of the GPUs in service (DCGM_FI_PROF_GR_ENGINE_ACTIVE), 0 to 1. */
  readonly gpuActiveRatio: number
  readonly memoryUsedBytes: number | null
  readonly memoryTotalBytes: number | null
  readonly powerWatts: number | null
  readonly requestsRunning: number | null
  readonly requestsWaiting: number | null
  /** Distinct accounts with at least one waiting request, where the gateway knows it. */
  readonly accountsWaiting: number | null
  readonly queueTimeSeconds: number | null
  readonly kvCacheUsageRatio: number | null
}

/** One minute of one pool, as `capacity` sees it; one record for every minute in which the pool reported. */
export interface PoolPressure {
  readonly poolId: string
  /** Minute edges, half open: [startMs, endMs). */
  readonly startMs: number
  readonly endMs: number
  readonly saturated: boolean
  /** GPUs in service fell below what should be: pressure of our own making. */
  readonly degraded: boolean
  readonly gpuActiveRatio: number
  /** GPU time that the pool worked in this minute: active ratio times GPUs times seconds. */
  readonly gpuSeconds: number
  readonly requestsWaiting: number
  readonly accountsWaiting: number
  readonly queueTimeSeconds: number
  readonly samples: number
}
