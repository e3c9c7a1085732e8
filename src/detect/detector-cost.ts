/**
 * What each detector's condition costs, measured while it is judged: one judgement in `SAMPLE` is timed and counted for
 * all. A condition pays for what it is the first to read of an event, such as a window that has to be merged; one that is
 * left alone for a while costs nothing (`patience.ts`), nor does one of which the account has been told in this episode.
 */
import type {
  CompiledDetector,
  CompiledTopology,
  DetectorScope,
  Expression,
  Patience,
} from '../topology/model.ts'

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

function timed(detector: CompiledDetector, meter: CostMeter): CompiledDetector {
  const { id, condition, patience } = detector
  return {
    ...detector,
    condition: timedReading(condition, id, meter),
    patience: patience === null ? null : timedPatience(patience, id, meter),
  }
}

function timedPatience(
  { parts }: Patience<DetectorScope>,
  id: string,
  meter: CostMeter,
): Patience<DetectorScope> {
  return { parts: parts.map((part) => ({ ...part, steps: timedReading(part.steps, id, meter) })) }
}

/** What reading the clock itself takes, often more than a condition does, is taken off. */
function timedReading(
  read: Expression<DetectorScope>,
  id: string,
  { nowMs, spent }: CostMeter,
): Expression<DetectorScope> {
  let judged = 0
  return (scope) => {
    if (++judged % SAMPLE !== 0) return read(scope)
    const clockMs = nowMs()
    const startMs = nowMs()
    const value = read(scope)
    const tookMs = Math.max(0, nowMs() - startMs - (startMs - clockMs))
    spent(id, (tookMs * SAMPLE) / 1_000)
    return value
  }
}
