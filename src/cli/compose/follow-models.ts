/**
 * Looks every few seconds whether the model's folder has changed, so that a new model is taken in without a restart and
 * without losing a record. What is refused is told once for its reasons, and tried again: it may be half copied.
 */
import type { Classifier, Refreshed } from '../../classify/classifier.ts'
import type { Logger } from '../../domain/logger.ts'

const LOOK_EVERY_MS = 10_000

export interface ModelFollower {
  close(): Promise<void>
}

/** To be closed before the classifier is. */
export function followModels(classifier: Classifier, folder: string, logger: Logger): ModelFollower {
  let told = ''
  let looking = Promise.resolve()
  const tell = (refreshed: Refreshed): void => {
    if (refreshed.kind === 'exchanged') logger.info({ folder, models: refreshed.models }, 'models exchanged')
    const reasons = refreshed.kind === 'refused' ? refreshed.reasons.join('; ') : ''
    if (reasons !== '' && reasons !== told)
      logger.error({ folder, reasons }, 'new model refused; the old one stays')
    told = reasons
  }
  const look = (): void => {
    looking = classifier.refresh().then(tell, (error: unknown) => {
      logger.error({ folder, error }, 'new model could not be opened; the old one stays')
    })
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  return {
    close: async () => {
      clearInterval(timer)
      await looking
    },
  }
}
