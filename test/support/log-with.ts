/** A log with some of its members' calls made otherwise: held back, counted, broken. */
import type { Log, Membership } from '../../src/engine/log.ts'

export function logWith(log: Log, otherwise: (membership: Membership) => Partial<Membership>): Log {
  return {
    join: async (subscription) => {
      const membership = await log.join(subscription)
      return {
        seek: (...all) => membership.seek(...all),
        pause: (...all) => membership.pause(...all),
        resume: (...all) => membership.resume(...all),
        commitOffsets: (...all) => membership.commitOffsets(...all),
        committed: (...all) => membership.committed(...all),
        lastContactMs: () => membership.lastContactMs(),
        rejoin: () => membership.rejoin(),
        leave: () => membership.leave(),
        ...otherwise(membership),
      }
    },
    taskProducer: (...all) => log.taskProducer(...all),
    publisher: () => log.publisher(),
    readToEnd: (...all) => log.readToEnd(...all),
    follow: (...all) => log.follow(...all),
    bounds: (...all) => log.bounds(...all),
    close: () => log.close(),
  }
}
