/** What the scoring processes tell, as metrics and lines of the log. */
import type { ScoringObserver } from '../../classify/scorer.ts'
import type { Logger } from '../../domain/logger.ts'
import type { Metrics } from '../../service/metrics.ts'

export function scoringObserver(metrics: Metrics, logger: Logger): ScoringObserver {
  return {
    opened: () => logger.info({}, 'scoring process is ready'),
    died: (how) => {
      metrics.scoringDeaths.inc()
      logger.error({ how }, 'scoring process died; another takes its work over')
    },
    unscored: () => {
      metrics.textsUnscored.inc()
      logger.error({}, 'three scoring processes died of one text; its verdict is unscored')
    },
    waiting: (units) => metrics.scoringWaiting.set(units),
  }
}
