/**
 * Three ways to fail (P8): transient trouble stalls, permanent trouble is set aside (a `Rejection`, not an
 * error), unknown trouble crashes. Losing a task is none of them: somebody else owns it now.
 */

/** A server is away or busy; the same call may work later. The partition waits, the group stays alive. */
export class TransientError extends Error {
  override readonly name = 'TransientError'
  /** Which service: `redis`, `kafka`, `registry`. Shown by `/readyz`. */
  readonly service: string

  constructor(service: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.service = service
  }
}

/** Another owner holds the task, in the store or in Kafka. Only joining the group begins an acquire (P4). */
export class FencedError extends Error {
  override readonly name = 'FencedError'
}

/** The producer can no longer be trusted with order: throw it away and acquire the task anew (P3). */
export class ProducerLostError extends Error {
  override readonly name = 'ProducerLostError'
}

/** The start position is no longer in the log; the policy `fail` stops here rather than jump (section 5). */
export class RetentionGapError extends Error {
  override readonly name = 'RetentionGapError'
}

/** A setting or a server's configuration that we refuse to run with. Exit code 2. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
}
