/** The engine's services on real servers, with the clock on the wall; `processed` is told how many records are through. */
import { setTimeout } from 'node:timers/promises'
import { systemClock } from '../../src/domain/clock.ts'
import type { Log } from '../../src/engine/log.ts'
import { silentObserver } from '../../src/engine/observer.ts'
import { defaultEngineOptions } from '../../src/engine/options.ts'
import { noProbe } from '../../src/engine/probe.ts'
import type { EngineServices } from '../../src/engine/services.ts'
import type { StateStore } from '../../src/engine/state-store.ts'
import { Turns } from '../../src/engine/turns.ts'
import { partitionOf } from '../../src/log/murmur2.ts'

export async function engineOn(
  log: Log,
  store: StateStore,
  processed: (records: number) => void,
): Promise<EngineServices> {
  return {
    log,
    store,
    publisher: await log.publisher(),
    clock: systemClock,
    pause: (ms) => setTimeout(ms),
    partitionOf,
    observer: { ...silentObserver, processed: (_topic, records) => processed(records) },
    probe: noProbe,
    options: defaultEngineOptions,
    turns: Turns.inThread(),
  }
}
