/** `bailiff topics`: creates what is missing, tells what differs, changes nothing that is there. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { applyTopics, isInOrder } from '../../src/cli/topics/apply.ts'
import { grantsOf } from '../../src/cli/topics/grants.ts'
import { planTopics } from '../../src/cli/topics/plan.ts'
import { RegistryClient } from '../../src/codec/registry.ts'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { FoundTopic, Grant, NewTopic, TopicAdmin } from '../../src/log/kafka/admin.ts'
import { RegistryServer } from '../codec/registry-server.ts'

const flows = loadFlows()
const names = [...flows.table.topics, ...flows.table.sideTopics].map(({ name }) => name)

/** A broker that keeps topics in memory. */
class MemoryBroker implements TopicAdmin {
  readonly topics = new Map<string, FoundTopic>()
  readonly created: NewTopic[] = []

  async find(wanted: readonly string[]): Promise<readonly FoundTopic[]> {
    return [...this.topics.values()].filter(({ name }) => wanted.includes(name))
  }

  async create(topics: readonly NewTopic[]): Promise<void> {
    this.created.push(...topics)
    for (const { name, partitions, configs } of topics) {
      this.topics.set(name, { name, partitions, configs: new Map(Object.entries(configs)) })
    }
  }

  readonly rights: Grant[] = []

  async allow(grants: readonly Grant[]): Promise<void> {
    this.rights.push(...grants)
  }

  async close(): Promise<void> {}
}

describe('rights', () => {
  const grants = grantsOf(flows.table, (principal) => `User:${principal}`)
  const who = (name: string, operation: Grant['operation']): readonly string[] =>
    grants
      .filter((one) => one.resource === 'topic' && one.name === name && one.operation === operation)
      .map(({ principal }) => principal)

  it('let meter and classify alone read text, also what was set aside of it', () => {
    for (const { name } of flows.table.topics.filter(({ content }) => content)) {
      expect(who(name, 'read')).toEqual(['User:meter', 'User:classify'])
      expect(who(`dlq.${name}`, 'read')).toEqual([])
      expect(who(`dlq.${name}`, 'write')).toEqual(['User:meter', 'User:classify'])
    }
  })

  it('let the legal team alone read referrals, beside enforcement, which wrote them', () => {
    expect(who('abuse.referrals.v1', 'read')).toEqual(['User:legal', 'User:enforcement'])
  })

  it('let one principal write each topic, and nobody write what people decide but their console', () => {
    for (const { name } of flows.table.topics) expect(who(name, 'write')).toHaveLength(1)
    expect(who('abuse.decisions.v1', 'write')).toEqual(['User:console'])
    expect(who('abuse.sanctions.v1', 'write')).toEqual(['User:enforcement'])
  })

  it('give each topology its group and its transactional ids, and nobody an operation on everything', () => {
    const own = grants.filter(({ principal, resource }) => principal === 'User:usage' && resource !== 'topic')
    expect(
      own.map(({ resource, name, pattern, operation }) => `${resource} ${name} ${pattern} ${operation}`),
    ).toEqual([
      'group bailiff.usage literal read',
      'transactionalId usage- prefixed write',
      'transactionalId usage- prefixed describe',
    ])
    expect(grants.filter(({ name }) => name === '*' || name === '')).toEqual([])
  })

  it('are given when they are asked for', async () => {
    const server = new RegistryServer()
    const baseUrl = await server.listen()
    const registry = new RegistryClient({ baseUrl, clock: systemClock, timeoutMs: 5_000, absentForMs: 1_000 })
    const broker = new MemoryBroker()
    expect((await applyTopics(flows, broker, registry, { factor: 1 })).granted).toBe(0)
    await applyTopics(flows, broker, registry, { factor: 1 }, grants)
    expect(broker.rights).toEqual(grants)
    await server.close()
  })
})

describe('planTopics', () => {
  const plan = planTopics(flows.table, [], { factor: 3 })
  const planned = (name: string): NewTopic | undefined => plan.create.find((topic) => topic.name === name)

  it('creates topics and side topics, each with the settings of the table', () => {
    expect(plan.create.map(({ name }) => name)).toEqual(names)
    expect(planned('inference.requests.v1')).toEqual({
      name: 'inference.requests.v1',
      partitions: 6,
      replicationFactor: 3,
      configs: {
        'cleanup.policy': 'delete',
        'retention.ms': '604800000',
        'message.timestamp.type': 'LogAppendTime',
        'max.message.bytes': '1048588',
        'min.insync.replicas': '2',
      },
    })
  })

  it('keeps deletions on compacted topics readable for a week, and states for ever', () => {
    expect(planned('abuse.standing.v1')?.configs).toMatchObject({
      'cleanup.policy': 'compact',
      'retention.ms': '-1',
      'delete.retention.ms': '604800000',
      'message.timestamp.type': 'CreateTime',
    })
  })

  it('asks for two replicas in step only where there are three', () => {
    const single = planTopics(flows.table, [], { factor: 1 }).create[0]
    expect(single?.configs).not.toHaveProperty('min.insync.replicas')
  })
})

describe('applyTopics', () => {
  let server: RegistryServer
  let registry: RegistryClient
  let broker: MemoryBroker

  beforeEach(async () => {
    server = new RegistryServer()
    const baseUrl = await server.listen()
    registry = new RegistryClient({ baseUrl, clock: systemClock, timeoutMs: 5_000, absentForMs: 1_000 })
    broker = new MemoryBroker()
  })
  afterEach(() => server.close())

  const apply = () => applyTopics(flows, broker, registry, { factor: 1 })

  it('creates everything the first time, and nothing the second', async () => {
    const first = await apply()
    expect(first.created).toEqual(names)
    expect(first.subjects.every(({ outcome }) => outcome === 'registered')).toBe(true)
    server.requests.length = 0
    const second = await apply()
    expect(second).toMatchObject({ created: [], kept: names, differs: [] })
    expect(second.subjects.every(({ outcome }) => outcome === 'kept')).toBe(true)
    expect(server.requests.filter((request) => /versions|PUT/.test(request))).toEqual([])
    expect(isInOrder(second)).toBe(true)
  })

  it("sets each subject's level before its first schema", async () => {
    await apply()
    const sanctions = server.requests.filter((request) => request.includes('abuse.sanctions.v1-value'))
    expect(sanctions.indexOf('PUT /config/abuse.sanctions.v1-value')).toBeLessThan(
      sanctions.indexOf('POST /subjects/abuse.sanctions.v1-value/versions'),
    )
    expect(await registry.compatibility('abuse.sanctions.v1-value')).toBe('FULL_TRANSITIVE')
    expect(await registry.compatibility('inference.requests.v1-value')).toBe('BACKWARD_TRANSITIVE')
  })

  it('tells what differs and leaves it as it is', async () => {
    await apply()
    const found = broker.topics.get('inference.usage.v1')
    const configs = new Map([...(found?.configs ?? []), ['retention.ms', '1000'] as const])
    broker.topics.set('inference.usage.v1', { name: 'inference.usage.v1', partitions: 12, configs })
    const report = await apply()
    expect(report.differs).toEqual([
      { topic: 'inference.usage.v1', setting: 'partitions', is: '12', should: '6' },
      { topic: 'inference.usage.v1', setting: 'retention.ms', is: '1000', should: '2592000000' },
    ])
    expect(report.created).toEqual([])
    expect(report.kept).not.toContain('inference.usage.v1')
    expect(isInOrder(report)).toBe(false)
  })

  it('tells which schema the registry refused, and goes on with the others', async () => {
    server.refuses.add('abuse.sanctions.v1-value')
    const report = await apply()
    expect(report.subjects.filter(({ outcome }) => outcome !== 'registered')).toEqual([
      {
        subject: 'abuse.sanctions.v1-value',
        outcome: 'incompatible',
        reason: 'READER_FIELD_MISSING_DEFAULT_VALUE',
      },
    ])
    expect(isInOrder(report)).toBe(false)
  })
})
