/**
 * A topology whose conditions are looked at while they are judged: what each read, when, of whom. Nothing in the
 * engine knows of it: the compiled conditions are wrapped.
 */
import { readingsOf } from '../../detect/finding.ts'
import type { Reading } from '../../domain/signal.ts'
import type { Bundle } from '../../topology/bundle.ts'
import type { CompiledDetector } from '../../topology/model.ts'

/** One judgement. */
export interface Look {
  readonly detectorId: string
  /** Null: the platform has told nothing of the account. */
  readonly accountId: string | null
  readonly timeMs: number
  readonly held: boolean
  readonly readings: readonly Reading[]
}

export function watched(bundle: Bundle, detectorIds: readonly string[], see: (look: Look) => void): Bundle {
  const watch = (detector: CompiledDetector): CompiledDetector =>
    detectorIds.includes(detector.id) ? lookedAt(detector, see) : detector
  return {
    ...bundle,
    topologies: bundle.topologies.map((topology) => ({
      ...topology,
      detectors: topology.detectors.map(watch),
    })),
  }
}

function lookedAt(detector: CompiledDetector, see: (look: Look) => void): CompiledDetector {
  const { condition } = detector
  return {
    ...detector,
    // Every judgement is looked at, those too that need not be made.
    patience: null,
    condition: (scope) => {
      const truth = condition(scope)
      see({
        detectorId: detector.id,
        accountId: scope.account?.accountId ?? null,
        timeMs: scope.nowMs,
        held: truth === 1,
        readings: readingsOf(detector, scope),
      })
      return truth
    },
  }
}
