/**
 * What each detector's condition costs, measured while it is judged: one judgement in `SAMPLE` is timed and counted for
 * all. A condition pays for what it is the first to read of an event, such as a window that has to be merged.
 */
import type { CompiledDetector, CompiledTopology } from '../topology/model.ts'

export const SAMPLE = 256

export interface CostMeter {
  /** A clock that only goes forward, in milliseconds, as fine as there is. */
  readonly nowMs: () => number
  /** About how long the judgements since the last call have taken, in seconds. */
  readonly spent: (detectorId: string, seconds: number) => void
}

/** The same topology, whose conditions tell what they cost; what they say is not touched. */
export function withCosts(topology: CompiledTopology, meter: CostMeter): CompiledTopology {
  return { ...topology, detectors: topology.detectors.map((detector) => timed(detector, meter)) }
}

function timed(detector: CompiledDetector, { nowMs, spent }: CostMeter): CompiledDetector {
  const { id, condition } = detector
  let judged = 0
  return {
    ...detector,
    condition: (scope) => {
      if (++judged % SAMPLE !== 0) return condition(scope)
      const startMs = nowMs()
      const truth = condition(scope)
      spent(id, ((nowMs() - startMs) * SAMPLE) / 1_000)
      return truth
    },
  }
}
