/** Work on a partition that may be let go, or whose owner may be told to end, while a server is waited for. */
import { TransientError } from './errors.ts'
import type { Probe } from './probe.ts'

/**
 * What `work` comes to; TransientError as soon as the partition is let go. `late` is given what comes of it all the same.
 */
export async function unlessLetGo<T>(
  letGo: AbortSignal,
  work: Promise<T>,
  late: (result: T) => unknown = () => undefined,
): Promise<T> {
  const ended = Promise.withResolvers<never>()
  const end = (): void => ended.reject(wasLetGo())
  letGo.addEventListener('abort', end)
  try {
    if (letGo.aborted) end()
    return await Promise.race([work, ended.promise])
  } catch (error) {
    if (letGo.aborted) work.then(late, () => undefined)
    throw error
  } finally {
    letGo.removeEventListener('abort', end)
  }
}

/** Of whoever was let go no server is asked anything more: the next owner may be there already. What ends is ended. */
export function untilLetGo(letGo: AbortSignal, probe: Probe): Probe {
  return {
    reach: (point, side) => {
      if (letGo.aborted && side === 'before' && point !== 'release') throw wasLetGo()
      return probe.reach(point, side)
    },
  }
}

/** One that is never let go. */
export function kept(): AbortSignal {
  return new AbortController().signal
}

function wasLetGo(): TransientError {
  return new TransientError('kafka', 'the partition was let go')
}
