/** What kafkajs' word that a consumer has crashed asks of us. */
import type { ConsumerCrashEvent } from 'kafkajs'
import { TransientError } from '../../engine/errors.ts'
import { classified } from './failure.ts'

/**
 * `runAgain`: over trouble that passes, such as no broker that knows the group's coordinator; whoever owns the consumer
 * runs it again (P8). Else an error: the end.
 */
export function afterCrash({ error, groupId }: ConsumerCrashEvent['payload']): CrashOutcome {
  const failure = classified(error, `membership of ${groupId} ended`)
  return failure instanceof TransientError ? 'runAgain' : failure
}

export type CrashOutcome = 'runAgain' | Error
