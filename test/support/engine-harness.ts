/**
 * The engine on memory, driven by hand: appends records, pumps a runner until nothing is left, reads what came
 * out. Time stands still unless a test moves it.
 */
import { ManualClock } from '../../src/domain/clock.ts'
import type { Stage, Topology } from '../../src/engine/logic.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import { defaultEngineOptions, type EngineOptions } from '../../src/engine/options.ts'
import { noProbe, type Probe } from '../../src/engine/probe.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { notedCommit } from '../../src/engine/noted.ts'
import { Runner, type RunnerPlan } from '../../src/engine/runner.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import { acquireStage } from '../../src/engine/stage-worker.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { Turns } from '../../src/engine/turns.ts'
import { acquireTask } from '../../src/engine/acquire-task.ts'
import { MemoryLog } from '../../src/log/memory/memory-log.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { MemoryStateStore } from '../../src/state/memory/memory-state-store.ts'

export const START_MS = 1_800_000_000_000

export interface Harness {
  readonly clock: ManualClock
  readonly log: MemoryLog
  readonly store: StateStore
  services(probe?: Probe): Promise<EngineServices>
}

export function createHarness(
  options: Partial<EngineOptions> = {},
  store: StateStore = new MemoryStateStore(),
): Harness {
  const clock = new ManualClock(START_MS)
  const log = new MemoryLog({ clock, autoDeliver: false, batchRecords: 7 })
  const services = async (probe: Probe = noProbe): Promise<EngineServices> => ({
    log,
    store,
    publisher: await log.publisher(),
    clock,
    pause: () => Promise.resolve(),
    partitionOf,
    observer: silentObserver,
    probe,
    options: { ...defaultEngineOptions, ...options },
    turns: Turns.inThread(),
  })
  return { clock, log, store, services }
}

export function taskPlan<S, E>(services: EngineServices, topology: Topology<S, E>): RunnerPlan {
  return {
    name: topology.name,
    group: `bailiff.${topology.name}`,
    topics: topology.sources.map((source) => source.topic),
    acquire: (partition, committed, letGo) =>
      acquireTask(services, topology, partition, notedCommit(committed), letGo),
  }
}

export function stagePlan(services: EngineServices, stage: Stage): RunnerPlan {
  return {
    name: stage.name,
    group: `bailiff.${stage.name}`,
    topics: stage.sources.map((source) => source.topic),
    acquire: (partition, committed, letGo) => acquireStage(services, stage, partition, committed, letGo),
  }
}

/** A runner of the topology that has joined its group and acquired its tasks. */
export async function startRunner<S, E>(services: EngineServices, topology: Topology<S, E>): Promise<Runner> {
  const runner = new Runner(services, taskPlan(services, topology))
  await runner.start()
  await runner.acquired()
  return runner
}

/** Works until nothing is left, then commits and publishes. */
export async function drain(log: MemoryLog, runner: Runner): Promise<void> {
  for (;;) {
    const delivered = log.deliver()
    const { worked } = await runner.pump()
    if (!worked && !delivered) break
  }
  await runner.flush()
}

/** All records of a topic, partition by partition. */
export async function recordsOf(log: MemoryLog, topic: string): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = []
  for (const partition of (await log.bounds(topic)).keys()) {
    for await (const record of log.readToEnd(topic, partition, 0)) records.push(record)
  }
  return records
}

export async function valuesOf(log: MemoryLog, topic: string): Promise<readonly string[]> {
  return (await recordsOf(log, topic)).map((record) => record.value?.toString() ?? '')
}
