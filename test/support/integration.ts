// What integration tests import: the addresses of the real services that the global set-up found, and hands on
// the processes behind them.
import { describe, inject } from 'vitest'
import { kill, start, stop } from '../../scripts/services/launch.mjs'
import type { Launch } from '../../scripts/services/launch.mjs'

/** Where the services of this run are, and what kind of thing runs them. */
export type Services = {
  /** `given`: by environment variables; we do not own them */
  readonly kind: 'given' | 'processes' | 'containers'
  readonly kafkaBrokers: readonly string[]
  readonly registryUrl: string
  readonly redisUrl: string
  /** one a process; empty unless `kind` is `processes` */
  readonly launches: readonly Launch[]
}

declare module 'vitest' {
  interface ProvidedContext {
    services: Services | null
  }
}

/** The services of this run. Throws where there are none: use it inside describeIntegration only. */
export function services(): Services {
  const found = inject('services')
  if (found === null) throw new Error('no services in this run; wrap the suite in describeIntegration')
  return found
}

/** A suite that needs Kafka, the registry and Redis; skipped where they are not to be had. */
export const describeIntegration = describe.skipIf(inject('services') === null)

/** A suite that kills and restarts services, and so needs them as processes of ours. */
export const describeWithProcesses = describe.skipIf(inject('services')?.kind !== 'processes')

/** One service of this run as a process. Whatever a test does to it, it starts it again before it ends. */
export type ServiceProcess = {
  readonly name: string
  /** Sends a signal; for SIGKILL and SIGTERM it resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Lets it end in its own way. */
  stop(): Promise<void>
  /** Starts it again on the same folder and ports; resolves when it answers. Nothing happens if it runs. */
  start(): Promise<void>
}

/**
 * @param name `redis`, `registry` or `kafka-1`
 * @param of those of this run, unless a suite has started its own
 */
export function serviceProcess(name: string, of: Services = services()): ServiceProcess {
  const launch = of.launches.find((each) => each.name === name)
  if (launch === undefined) throw new Error(`${name} is not a process of this run`)
  return {
    name,
    kill: (signal) => kill(launch, signal),
    stop: () => stop(launch),
    start: async () => void (await start(launch, () => {})),
  }
}
