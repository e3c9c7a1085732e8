/** What the scoring processes tell, as metrics and lines of the log. */
import type { ScoringObserver } from '../../classify/scorer.ts'
import type { Logger } from '../../domain/logger.ts'
import type { Metrics } from '../../service/metrics.ts'

export function scoringObserver(metrics: Metrics, logger: Logger): ScoringObserver {
  return {
    opened: (models) => {
      metrics.modelInfo.reset()
      for (const { id: model, version, provider, passedOver } of models) {
        metrics.modelInfo.set({ model, version, provider }, 1)
        logger.info({ model, version, provider }, 'model is open')
        for (const { provider: wished, reason } of passedOver) {
          logger.warn(
            { model, wished, provider, reason },
            'model runs on another provider than was wished for',
          )
        }
      }
    },
    died: (how) => {
      metrics.scoringDeaths.inc()
      logger.error({ how }, 'scoring process died; another takes its work over')
    },
    gone: (reasons) => {
      logger.error(
        { reasons },
        'models are gone: their folder holds others, or half of them; texts wait until it can be opened again',
      )
    },
    unscored: () => {
      metrics.textsUnscored.inc()
      logger.error({}, 'three scoring processes died of one text; its verdict is unscored')
    },
    waiting: (units) => metrics.scoringWaiting.set(units),
  }
}
