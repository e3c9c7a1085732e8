/**
 * Makes broker and registry ready: topics, compatibility levels, schemas. Safe to repeat; the second time it
 * only reads. Nothing that exists is changed but a subject's compatibility level.
 */
import type { Flows } from '../../codec/schema-files.ts'
import { valueSubject } from '../../codec/schema-source.ts'
import type { RegistryClient } from '../../codec/registry.ts'
import type { TopicEntry } from '../../codec/topic-table.ts'
import type { Grant, TopicAdmin } from '../../log/kafka/admin.ts'
import { planTopics, type Difference, type Replication } from './plan.ts'

export interface SubjectResult {
  readonly subject: string
  readonly outcome: 'registered' | 'kept' | 'incompatible'
  /** The registry's reason where it refused; else empty. */
  readonly reason: string
}

export interface TopicsReport {
  readonly created: readonly string[]
  readonly kept: readonly string[]
  readonly differs: readonly Difference[]
  readonly subjects: readonly SubjectResult[]
  /** Rights that were given, those from before included; zero where none were asked for. */
  readonly granted: number
}

/** True where everything is as the table wants it. */
export function isInOrder(report: TopicsReport): boolean {
  return report.differs.length === 0 && report.subjects.every(({ outcome }) => outcome !== 'incompatible')
}

/** Creates what is missing, registers what is new, and tells what differs. */
export async function applyTopics(
  flows: Flows,
  admin: TopicAdmin,
  registry: RegistryClient,
  replication: Replication,
  grants: readonly Grant[] = [],
): Promise<TopicsReport> {
  const names = [...flows.table.topics, ...flows.table.sideTopics].map((topic) => topic.name)
  const plan = planTopics(flows.table, await admin.find(names), replication)
  await admin.create(plan.create)
  const subjects: SubjectResult[] = []
  for (const entry of flows.table.topics) subjects.push(await applySubject(flows, entry, registry))
  if (grants.length > 0) await admin.allow(grants)
  return {
    created: plan.create.map(({ name }) => name),
    kept: plan.kept,
    differs: plan.differs,
    subjects,
    granted: grants.length,
  }
}

/** The level first, so that the registry holds the very first new version to it. */
async function applySubject(
  flows: Flows,
  entry: TopicEntry,
  registry: RegistryClient,
): Promise<SubjectResult> {
  const subject = valueSubject(entry.name)
  const schema = flows.schemas.get(entry.name) ?? ''
  const level = await registry.compatibility(subject)
  if (level !== entry.compatibility) await registry.setCompatibility(subject, entry.compatibility)
  if ((await registry.idFor(subject, schema)) !== null) return { subject, outcome: 'kept', reason: '' }
  const result = await registry.register(subject, schema)
  const reason = result.outcome === 'incompatible' ? result.reason : ''
  return { subject, outcome: result.outcome, reason }
}
