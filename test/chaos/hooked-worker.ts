/**
 * A worker process with a fault hook: the product's own composition of `usage` and `enforcement`, as in
 * `bailiff run`, but with a probe that can stop the process (see `stall.ts`). Takes `{ arm: POINT }` from its
 * parent; drains on SIGTERM; ends with 1 when a topology fails, as `bailiff run` does.
 */
import { openTopology } from '../../src/cli/compose/open-topology.ts'
import { quietKnownWarnings } from '../../src/cli/warnings.ts'
import { Turns } from '../../src/engine/turns.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { createEngineObserver } from '../../src/service/engine-observer.ts'
import { createLogger } from '../../src/service/log.ts'
import { createMetrics } from '../../src/service/metrics.ts'
import { processEnvironment, readSettings, type Settings } from '../../src/service/settings.ts'
import { StallProbe } from './stall.ts'

const TOPOLOGIES = ['usage', 'enforcement'] as const

function settingsNow(): Settings {
  const result = readSettings(processEnvironment(), process.cwd())
  if (!result.ok) throw new Error(result.problems.join('\n'))
  return result.settings
}

async function run(
  topology: (typeof TOPOLOGIES)[number],
  probe: StallProbe,
  turns: Turns,
  stop: Promise<void>,
): Promise<void> {
  const settings = settingsNow()
  const logger = createLogger(settings.logLevel, false, { topology })
  const metrics = createMetrics()
  const ending = new AbortController()
  void stop.then(() => ending.abort())
  const opening = openTopology({
    topology,
    settings,
    clock: systemClock,
    logger,
    metrics,
    observer: createEngineObserver(topology, metrics, logger, new Map(), systemClock),
    probe,
    turns,
    ending: ending.signal,
  })
  // As in the product's own threads: what has not begun has nothing to drain.
  const open = await Promise.race([opening, stop.then(() => null)])
  if (open === null) return
  try {
    await open.runner.run(stop)
    await open.runner.stop()
  } finally {
    await open.close()
  }
}

function isArm(message: unknown): message is { readonly arm: string } {
  return (
    typeof message === 'object' && message !== null && 'arm' in message && typeof message.arm === 'string'
  )
}

quietKnownWarnings()
const turns = Turns.inThread()
const probe = new StallProbe(() => process.kill(process.pid, 'SIGSTOP'))
process.on('message', (message) => {
  if (isArm(message)) probe.arm(message.arm)
})
const stop = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()))
try {
  await Promise.all(TOPOLOGIES.map((topology) => run(topology, probe, turns, stop)))
  process.exit(0)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exit(1)
}
