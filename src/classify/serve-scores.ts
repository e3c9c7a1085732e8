/**
 * The scoring process's loop: opens the bundle, answers batches one after another, leaves when told to.
 *
 * An error while scoring is not caught: the process dies, its owner starts another and asks again (scorer.ts).
 */
import { BundleRefused, bundleIdentity, readCascade, type CascadeStep } from './model/bundle.ts'
import type { LiveModel, ScoreLine, ScoringTask, ToScoringProcess } from './score-protocol.ts'
import { ScoreSession } from './score-session.ts'

/** Far less than the silence after which an owner gives a process up. */
const BUSY_EVERY_MS = 1_000

/** Serves on `line` until a stop message has been handled. */
export function serveScores(line: ScoreLine): void {
  let last: Promise<ScoreSession | null> = Promise.resolve(null)
  line.listen((message) => {
    last = last.then((session) => follow(line, session, message))
  })
}

async function follow(
  line: ScoreLine,
  session: ScoreSession | null,
  message: ToScoringProcess,
): Promise<ScoreSession | null> {
  if (message.kind === 'open') return openOrRefuse(line, message.task)
  if (session === null) throw new Error(`asked to ${message.kind} without a model`)
  if (message.kind === 'stop') await stop(line, session)
  else await answer(line, session, message)
  return session
}

async function openOrRefuse(line: ScoreLine, task: ScoringTask): Promise<ScoreSession | null> {
  try {
    const session = await ScoreSession.open(await readDemanded(task), task.providers)
    line.say({ kind: 'ready', models: liveModels(session) })
    return session
  } catch (error) {
    const reasons = error instanceof BundleRefused ? error.reasons : [String(error)]
    line.say({ kind: 'refused', reasons })
    line.hangUp()
    return null
  }
}

/** Never a bundle that somebody has put there since: processes of one owner score with the same models. */
async function readDemanded({ bundleFolder, identity }: ScoringTask): Promise<readonly CascadeStep[]> {
  const cascade = await readCascade(bundleFolder)
  if ((await bundleIdentity(bundleFolder)) === identity) return cascade
  throw new BundleRefused(bundleFolder, ['it holds other models than a moment ago'])
}

function liveModels(session: ScoreSession): readonly LiveModel[] {
  return session.models.map(({ manifest, provider, passedOver }) => {
    return { id: manifest.id, version: manifest.version, provider, passedOver }
  })
}

async function answer(
  line: ScoreLine,
  session: ScoreSession,
  { batch, texts }: Extract<ToScoringProcess, { kind: 'score' }>,
): Promise<void> {
  let saidAtMs = performance.now()
  const results = await session.score(texts, () => {
    if (performance.now() - saidAtMs < BUSY_EVERY_MS) return
    saidAtMs = performance.now()
    line.say({ kind: 'busy' })
  })
  line.say({ kind: 'scored', batch, results })
}

async function stop(line: ScoreLine, session: ScoreSession): Promise<void> {
  await session.release()
  line.hangUp()
}
