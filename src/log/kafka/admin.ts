/**
 * What creating and checking topics needs of a broker, and how kafkajs does it.
 */
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { TransientError } from '../../engine/errors.ts'
import type { GroupPosition } from '../../engine/log.ts'
import { DeadlineError } from './deadline.ts'
import { classified } from './failure.ts'

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  /** -1 leaves it to the broker's default. */
  readonly replicationFactor: number
  /** Kafka's own names, such as `cleanup.policy`. */
  readonly configs: Readonly<Record<string, string>>
}

/** A topic as it is on the broker. */
export interface FoundTopic {
  readonly name: string
  readonly partitions: number
  readonly configs: ReadonlyMap<string, string>
}

/** One right of one user; what no entry allows an authorizer refuses. */
export interface Grant {
  /** Kafka's name of the user, as in `User:meter`. */
  readonly principal: string
  readonly resource: 'topic' | 'group' | 'transactionalId'
  readonly name: string
  readonly pattern: 'literal' | 'prefixed'
  readonly operation: 'read' | 'write' | 'describe'
}

export interface TopicAdmin {
  /** Those of the named topics that exist. */
  find(names: readonly string[]): Promise<readonly FoundTopic[]>
  /** Creates topics that do not exist; one that somebody else has just created is left as it is. */
  create(topics: readonly NewTopic[]): Promise<void>
  /** Gives the rights; those that were given before stay as they are. RefusedError where there is no authorizer. */
  allow(grants: readonly Grant[]): Promise<void>
  close(): Promise<void>
}

/** A connected admin client. Its failures are those of the engine: transient, refused, or a mistake of ours. */
export async function kafkaTopicAdmin(kafka: Kafka): Promise<TopicAdmin> {
  const admin = kafka.admin()
  await asking('connecting to Kafka', admin.connect())
  return {
    find: (names) => asking('describing topics', find(admin, names)),
    create: (topics) => asking('creating topics', createTopics(admin, topics)),
    allow: (grants) => asking('giving rights', allow(admin, grants)),
    close: () => admin.disconnect(),
  }
}

async function asking<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw classified(error, what)
  }
}

/** How many members the group has now; none for a group that nobody knows. */
export function groupMembers(kafka: Kafka, group: string): Promise<number> {
  return asked(kafka, async (admin) => {
    const { groups } = await admin.describeGroups([group])
    return groups.reduce((sum, { members }) => sum + members.length, 0)
  })
}

/** What the group was told of all partitions of the topics, for whoever is no member of it. */
export function groupPositions(
  kafka: Kafka,
  group: string,
  topics: readonly string[],
): Promise<readonly GroupPosition[]> {
  return asked(kafka, (admin) => fetchPositions(admin, group, topics))
}

async function asked<T>(kafka: Kafka, question: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await question(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Those partitions of which nothing was told are left out. */
export async function fetchPositions(
  admin: Admin,
  groupId: string,
  topics: readonly string[],
): Promise<readonly GroupPosition[]> {
  const found = await admin.fetchOffsets({ groupId, topics: [...topics] })
  return found.flatMap(({ topic, partitions }) =>
    partitions
      .filter(({ offset }) => Number(offset) >= 0)
      .map(({ partition, offset, metadata }) => {
        return { topic, partition, offset: Number(offset), metadata: metadata ?? '' }
      }),
  )
}

async function allow(admin: Admin, grants: readonly Grant[]): Promise<void> {
  const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs
  const resources = {
    topic: AclResourceTypes.TOPIC,
    group: AclResourceTypes.GROUP,
    transactionalId: AclResourceTypes.TRANSACTIONAL_ID,
  }
  const operations = {
    read: AclOperationTypes.READ,
    write: AclOperationTypes.WRITE,
    describe: AclOperationTypes.DESCRIBE,
  }
  const patterns = { literal: ResourcePatternTypes.LITERAL, prefixed: ResourcePatternTypes.PREFIXED }
  const acl = grants.map(({ principal, resource, name, pattern, operation }) => ({
    principal,
    host: '*',
    resourceType: resources[resource],
    resourceName: name,
    resourcePatternType: patterns[pattern],
    operation: operations[operation],
    permissionType: AclPermissionTypes.ALLOW,
  }))
  await admin.createAcls({ acl })
}

async function find(admin: Admin, names: readonly string[]): Promise<readonly FoundTopic[]> {
  const existing = new Set(await admin.listTopics())
  const wanted = names.filter((name) => existing.has(name))
  if (wanted.length === 0) return []
  const metadata = await admin.fetchTopicMetadata({ topics: wanted })
  const configs = await configsOf(admin, wanted)
  return metadata.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.length,
    configs: configs.get(name) ?? new Map<string, string>(),
  }))
}

/** By topic, Kafka's settings of it. */
export async function configsOf(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  })
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
}

/** Resolves when every partition of them has a leader. */
export async function createTopics(admin: Admin, topics: readonly NewTopic[]): Promise<void> {
  if (topics.length === 0) return
  await admin.createTopics({
    waitForLeaders: false,
    topics: topics.map(({ name, partitions, replicationFactor, configs }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    })),
  })
  await untilLed(
    admin,
    topics.map(({ name }) => name),
  )
}

const LED_WITHIN_MS = 30_000
const LOOK_MS = 100

/**
 * Resolves when every partition has a leader. kafkajs's own waiting gives up where it asks a broker that has not
 * heard of a topic yet (trap 32).
 */
async function untilLed(admin: Admin, names: readonly string[]): Promise<void> {
  const endMs = performance.now() + LED_WITHIN_MS
  while (!(await areLed(admin, names))) {
    if (performance.now() > endMs) throw new DeadlineError(`no leaders yet for all of ${names.join(', ')}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function areLed(admin: Admin, names: readonly string[]): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [...names] })
    return topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))
  } catch (error) {
    const failure = classified(error, 'waiting for leaders')
    if (failure instanceof TransientError) return false
    throw failure
  }
}
