/** From a partition that has been assigned to a task that works on it (takeover.ts). */
import { kept, untilLetGo } from './let-go.ts'
import type { Topology } from './logic.ts'
import type { NotedCommit } from './noted.ts'
import { probed } from './probe.ts'
import type { EngineServices } from './services.ts'
import { takeOver } from './takeover.ts'
import { Task } from './task.ts'

/**
 * Acquires the task and gives it ready to be fed from `nextOffset` of each source. TransientError before the next question
 * to a server once it is let go.
 */
export async function acquireTask<S, E>(
  services: EngineServices,
  topology: Topology<S, E>,
  partition: number,
  noted: NotedCommit | null,
  letGo: AbortSignal = kept(),
): Promise<Task<S, E>> {
  const startMs = services.clock.now()
  const probe = untilLetGo(letGo, services.probe)
  const takeover = await takeOver(
    { ...services, probe },
    {
      task: { topology: topology.name, partition },
      stateVersion: topology.stateVersion,
      edition: topology.edition,
      sources: topology.sources.map((source) => source.topic),
      outputs: topology.outputs,
      deadLetterTopics: topology.sources.map((source) => source.deadLetterTopic),
      noted,
    },
  )
  const task = new Task(services, topology, partition, takeover)
  const abandon = (): void => task.abandon()
  letGo.addEventListener('abort', abandon)
  try {
    const folded = await probed(probe, 'acquire.fold', () => task.foldTail())
    // Own outputs without a store: it was lost, even where the group's note has expired too.
    const found = takeover.found === 'first' && folded > 0 ? 'lost' : takeover.found
    services.observer.acquired(partition, found, services.clock.now() - startMs)
  } catch (error) {
    await probed(services.probe, 'release', () => takeover.producer.close())
    throw error
  } finally {
    letGo.removeEventListener('abort', abandon)
  }
  return task
}
