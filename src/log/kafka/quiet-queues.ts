/**
 * Each connection of kafkajs looks every millisecond, for ever, whether requests wait that were held back (trap 21):
 * a process of some thirty connections spent a fifth of a core on it. Here it looks only while some wait.
 *
 * When none waits there is nothing to find: a request that has to wait asks for the look itself as it is put in line.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import { RefusedError } from '../../engine/errors.ts'

let quiet = false

/** For the whole process; done once. Throws RefusedError where kafkajs is not the one that is known. */
export function quietRequestQueues(): void {
  if (quiet) return
  const queues = RequestQueue.prototype
  const schedule: unknown = Reflect.get(queues, 'scheduleCheckPendingRequests')
  if (typeof schedule !== 'function') {
    throw new RefusedError('this kafkajs is not 2.2.4: install the version that package.json pins')
  }
  queues.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) Reflect.apply(schedule, this, [])
  }
  quiet = true
}
