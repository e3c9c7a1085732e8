/** `bailiff topics`: creates topics, registers schemas, sets compatibility, from `schemas/topics.yaml`. */
import { REGISTRY_DEFAULTS, RegistryClient } from '../../codec/registry.ts'
import { loadFlows } from '../../codec/schema-files.ts'
import type { TopicTable } from '../../codec/topic-table.ts'
import { systemClock } from '../../domain/clock.ts'
import { silentLogger } from '../../domain/logger.ts'
import { kafkaTopicAdmin, type Grant } from '../../log/kafka/admin.ts'
import { createKafka, READER_RETRY } from '../../log/kafka/client.ts'
import { kafkaOptions } from '../compose/kafka-options.ts'
import type { CommandContext } from '../context.ts'
import { EXIT, usageError } from '../exit.ts'
import { grantsOf } from '../topics/grants.ts'
import { applyTopics, isInOrder, type TopicsReport } from '../topics/apply.ts'

export interface TopicsOptions {
  readonly partitions: number | null
  readonly replication: number
  /** Kafka's name of each principal of the table, `{}` standing for it; null leaves rights alone. */
  readonly users: string | null
  readonly json: boolean
}

export async function topics(context: CommandContext, options: TopicsOptions): Promise<number> {
  const { settings } = context
  const counts = options.partitions === null ? {} : { account: options.partitions, pool: options.partitions }
  const flows = loadFlows(counts, settings.schemasFolder)
  const registry = new RegistryClient({
    baseUrl: settings.registryUrl,
    clock: systemClock,
    ...REGISTRY_DEFAULTS,
  })
  const admin = await kafkaTopicAdmin(
    createKafka(kafkaOptions(settings, 'topics'), silentLogger, READER_RETRY),
  )
  try {
    const report = await applyTopics(
      flows,
      admin,
      registry,
      { factor: options.replication },
      rightsOf(flows.table, options.users),
    )
    if (options.json) context.print(JSON.stringify(report))
    else tell(context, report)
    return isInOrder(report) ? EXIT.ok : EXIT.failed
  } finally {
    await admin.close()
  }
}

function rightsOf(table: TopicTable, users: string | null): readonly Grant[] {
  if (users === null) return []
  if (!users.includes('{}'))
    throw usageError([`--acls ${users}: write {} where the principal's name goes, as in User:{}`])
  return grantsOf(table, (principal) => users.replace('{}', principal))
}

function tell(context: CommandContext, report: TopicsReport): void {
  for (const topic of report.created) context.print(`created     ${topic}`)
  for (const { subject, outcome, reason } of report.subjects) {
    if (outcome === 'registered') context.print(`registered  ${subject}`)
    if (outcome === 'incompatible') context.print(`refused     ${subject}: ${reason}`)
  }
  for (const { topic, setting, is, should } of report.differs) {
    context.print(`differs     ${topic}: ${setting} is ${is}, should be ${should}; nothing was changed`)
  }
  if (report.granted > 0) context.print(`granted     ${report.granted} rights`)
  const registered = report.subjects.filter(({ outcome }) => outcome === 'registered').length
  context.stderr.line(
    `${report.created.length} topics created, ${report.kept.length} kept, ${registered} schemas registered, ` +
      `${report.differs.length} differences`,
  )
}
