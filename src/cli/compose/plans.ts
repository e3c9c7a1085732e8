/** From a wired stage or topology to what a runner runs. One consumer group each: `bailiff.<name>`. */
import type { Stage, Topology } from '../../engine/logic.ts'
import { notedCommit } from '../../engine/noted.ts'
import type { RunnerPlan } from '../../engine/runner.ts'
import type { EngineServices } from '../../engine/services.ts'
import { acquireStage } from '../../engine/stage-worker.ts'
import { acquireTask } from '../../engine/acquire-task.ts'

export function stagePlan(services: EngineServices, stage: Stage): RunnerPlan {
  return {
    name: stage.name,
    group: `bailiff.${stage.name}`,
    topics: stage.sources.map((source) => source.topic),
    acquire: (partition, committed, letGo) => acquireStage(services, stage, partition, committed, letGo),
  }
}

export function taskPlan<S, E>(services: EngineServices, topology: Topology<S, E>): RunnerPlan {
  return renewablePlan(services, () => topology)
}

/** What runs is what `current` gives whenever a task is acquired: always of the same name, with the same topics. */
export function renewablePlan<S, E>(services: EngineServices, current: () => Topology<S, E>): RunnerPlan {
  const { name, sources } = current()
  return {
    name,
    group: `bailiff.${name}`,
    topics: sources.map((source) => source.topic),
    acquire: (partition, committed, letGo) =>
      acquireTask(services, current(), partition, notedCommit(committed), letGo),
  }
}
