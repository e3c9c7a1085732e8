/** `bailiff run`: topologies on real services until SIGTERM or SIGINT, then drained and ended with 0. */
import { systemClock } from '../../domain/clock.ts'
import { createLogger } from '../../service/log.ts'
import { createProcessMetrics } from '../../service/metrics.ts'
import { DEVELOPMENT_HASH_KEY, processEnvironment, redacted } from '../../service/settings.ts'
import { didYouMean } from '../../topology/problem.ts'
import type { CommandContext } from '../context.ts'
import { CommandError, EXIT } from '../exit.ts'
import { misspelledSettings } from '../misspelled-settings.ts'
import { Supervisor } from '../run/supervisor.ts'
import { TOPOLOGY_NAMES, type TopologyName } from '../run/thread-protocol.ts'

export async function run(
  context: CommandContext,
  names: readonly string[],
  printConfig: boolean,
): Promise<number> {
  const { settings } = context
  const misspelled = misspelledSettings(processEnvironment())
  if (printConfig) {
    for (const { given, meant } of misspelled) context.stderr.line(unreadAdvice(given, meant))
    context.print(JSON.stringify(redacted(settings), null, 2))
    return EXIT.ok
  }
  const topologies = names.length === 0 ? TOPOLOGY_NAMES : names.map(knownTopology)
  const pretty = context.stdout.interactive
  const logger = createLogger(settings.logLevel, pretty, { topology: 'main' })
  for (const { given, meant } of misspelled) logger.warn({}, unreadAdvice(given, meant))
  if (settings.hashKey === DEVELOPMENT_HASH_KEY) {
    logger.warn(
      {},
      'BAILIFF_HASH_KEY is not set: the key that is in the source is used; set your own in production',
    )
  }
  const supervisor = new Supervisor(
    settings,
    logger,
    pretty,
    systemClock,
    createProcessMetrics(context.version),
  )
  // Asked for before the start: a signal that comes meanwhile drains too.
  const { interrupted } = context
  await supervisor.start(topologies)
  logger.info({ topologies, port: supervisor.httpPort, version: context.version }, 'started')
  void interrupted.then(() => supervisor.stop())
  await supervisor.ended()
  logger.info({}, 'ended')
  return EXIT.ok
}

function unreadAdvice(given: string, meant: string): string {
  return `Nothing reads ${given}. Did you mean ${meant}?`
}

function knownTopology(name: string): TopologyName {
  const found = TOPOLOGY_NAMES.find((known) => known === name)
  if (found !== undefined) return found
  const near = didYouMean(name, TOPOLOGY_NAMES)
  const hint = near === null ? `Topologies: ${TOPOLOGY_NAMES.join(', ')}` : `Did you mean ${near}?`
  throw new CommandError(`There is no topology ${name}. ${hint}`, EXIT.usage)
}
