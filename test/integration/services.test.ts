// The services that every other integration test stands on: each answers, with the settings that Bailiff demands.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { Kafka, logLevel } from 'kafkajs'
import type { Admin } from 'kafkajs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  describeIntegration,
  describeWithProcesses,
  serviceProcess,
  services,
} from '../support/integration.ts'

describeIntegration('Kafka', () => {
  let admin: Admin
  beforeAll(async () => {
    admin = kafkaAdmin()
    await admin.connect()
  })
  afterAll(() => admin.disconnect())

  it('names every broker that clients were told of', async () => {
    const { brokers } = await admin.describeCluster()
    const found = brokers.map(({ host, port }) => `${host}:${port}`)
    expect(found).toEqual(expect.arrayContaining([...services().kafkaBrokers]))
  })

  it('does not create a topic because somebody asked for it', async () => {
    const topic = `missing-${randomUUID()}`
    await expect(admin.fetchTopicMetadata({ topics: [topic] })).rejects.toThrow(/does not host this topic/)
    expect(await admin.listTopics()).not.toContain(topic)
  })
})

describeIntegration('the schema registry', () => {
  it('lists subjects', async () => {
    const response = await fetch(`${services().registryUrl}/subjects`)
    expect(response.status).toBe(200)
    expect(await response.json()).toBeInstanceOf(Array)
  })
})

describeIntegration('Redis', () => {
  let redis: Redis
  beforeAll(() => {
    redis = new Redis(services().redisUrl)
  })
  afterAll(() => redis.quit())

  it('keeps an append-only file', async () => {
    expect(await redis.info('persistence')).toMatch(/^aof_enabled:1\r?$/m)
  })

  it('evicts nothing', async () => {
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
  })
})

describeWithProcesses('a service that was killed and started again', () => {
  it('Kafka still has its topics', async () => {
    const topic = `kept-${randomUUID()}`
    await withAdmin((admin) => admin.createTopics({ topics: [{ topic }], waitForLeaders: true }))
    await killAndStart('kafka-1')
    expect(await withAdmin((admin) => admin.listTopics())).toContain(topic)
  })

  it('the registry still has its schemas under their ids', async () => {
    const subject = `kept-${randomUUID()}`
    const id = await register(subject)
    await killAndStart('registry')
    const response = await fetch(`${services().registryUrl}/subjects/${subject}/versions/1`)
    expect(await response.json()).toMatchObject({ subject, id })
  })

  it('Redis still has what it acknowledged', async () => {
    const key = `kept-${randomUUID()}`
    await withRedis((redis) => redis.set(key, 'value'))
    await killAndStart('redis')
    expect(await withRedis((redis) => redis.get(key))).toBe('value')
  })
})

function kafkaAdmin(): Admin {
  const brokers = [...services().kafkaBrokers]
  return new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 10 } }).admin()
}

async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafkaAdmin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

async function withRedis<T>(use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(services().redisUrl)
  try {
    return await use(redis)
  } finally {
    redis.disconnect()
  }
}

async function register(subject: string): Promise<unknown> {
  const schema = JSON.stringify({ type: 'record', name: 'Kept', fields: [{ name: 'at', type: 'long' }] })
  const response = await fetch(`${services().registryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
  })
  const body: unknown = await response.json()
  expect(body).toMatchObject({ id: expect.any(Number) as number })
  return typeof body === 'object' && body !== null && 'id' in body ? body.id : undefined
}

async function killAndStart(name: string): Promise<void> {
  const service = serviceProcess(name)
  await service.kill('SIGKILL')
  await service.start()
}
