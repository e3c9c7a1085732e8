/** `bailiff check`: topologies and policy read, and every mistake told with its place. Exit 1 when there is any. */
import { RefusedError } from '../../engine/errors.ts'
import { loadBundle } from '../compose/bundle.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'

export async function check(context: CommandContext, folder: string | null, json: boolean): Promise<number> {
  try {
    const bundle = loadBundle(folder ?? context.settings.topologiesFolder)
    const counts = {
      clauses: bundle.policy.clauses.length,
      detectors: bundle.topologies.reduce((sum, topology) => sum + topology.detectors.length, 0),
      features: bundle.topologies.reduce((sum, topology) => sum + topology.features.length, 0),
      sha256: bundle.sha256,
    }
    if (json) context.print(JSON.stringify(counts))
    else
      context.print(
        `${counts.clauses} clauses, ${counts.detectors} detectors, ${counts.features} features: no problems`,
      )
    return Promise.resolve(EXIT.ok)
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    context.print(error.message)
    return EXIT.failed
  }
}
