/** kafkajs retries some calls for ever; every call of ours that matters has a deadline. */
import type { KafkaLogOptions } from './options.ts'

export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** The promise's outcome, or DeadlineError after `timeoutMs`; the call itself goes on and is abandoned. */
export async function within<T>(timeoutMs: number, what: string, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`${what} took longer than ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}

/** As `within`, and no longer than `endingTimeoutMs` from when the process is told to end. */
export async function untilEnding<T>(
  { ending, endingTimeoutMs }: Pick<KafkaLogOptions, 'ending' | 'endingTimeoutMs'>,
  timeoutMs: number,
  what: string,
  call: Promise<T>,
): Promise<T> {
  const toldToEnd = Promise.withResolvers<void>()
  const told = (): void => toldToEnd.resolve()
  ending.addEventListener('abort', told)
  if (ending.aborted) told()
  try {
    const ended = toldToEnd.promise.then(() => within(endingTimeoutMs, what, call))
    return await within(timeoutMs, what, Promise.race([call, ended]))
  } finally {
    ending.removeEventListener('abort', told)
  }
}
