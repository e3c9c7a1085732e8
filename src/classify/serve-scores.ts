/**
 * The scoring thread's loop: opens the bundle, answers batches one after another, leaves when told to.
 *
 * An error while scoring is not caught: the thread dies, its owner starts another and asks again (scorer.ts).
 */
import type { MessagePort } from 'node:worker_threads'
import { BundleRefused, readBundle } from './model-bundle.ts'
import type { FromWorker, ToWorker } from './score-protocol.ts'
import { ScoreSession } from './score-session.ts'

/** Serves on `port` until a stop message has been handled. */
export async function serveScores(port: MessagePort, bundleFolder: string): Promise<void> {
  const session = await openOrRefuse(port, bundleFolder)
  if (session === null) return port.close()
  let last = Promise.resolve()
  port.on('message', (message: ToWorker) => {
    last = last.then(() => (message.kind === 'stop' ? stop(port, session) : answer(port, session, message)))
  })
  say(port, { kind: 'ready' })
}

function say(port: MessagePort, message: FromWorker): void {
  port.postMessage(message)
}

async function openOrRefuse(port: MessagePort, bundleFolder: string): Promise<ScoreSession | null> {
  try {
    return await ScoreSession.open(await readBundle(bundleFolder))
  } catch (error) {
    if (!(error instanceof BundleRefused)) throw error
    say(port, { kind: 'refused', reasons: error.reasons })
    return null
  }
}

async function answer(
  port: MessagePort,
  session: ScoreSession,
  { batch, texts }: Extract<ToWorker, { kind: 'score' }>,
): Promise<void> {
  say(port, { kind: 'scored', batch, results: await session.score(texts) })
}

async function stop(port: MessagePort, session: ScoreSession): Promise<void> {
  await session.release()
  port.close()
}
