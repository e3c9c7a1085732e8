/** kafkajs retries some calls for ever; every call of ours that matters has a deadline. */
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
