// docker-compose.yml and the launcher start the same services in the same way: whoever develops on the one has what
// the tests ran on the other.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  CLUSTER_ID,
  OPTIONS,
  REDIS_BEHAVIOUR,
  VERSIONS,
  kafkaBehaviour,
  kafkaVariable,
  registryDatabase,
} from '../../scripts/services/settings.mjs'

const Service = z.object({
  image: z.string(),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  command: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()), retries: z.number() }),
})
const Compose = z.object({ services: z.object({ kafka: Service, registry: Service, redis: Service }) })

const file = join(import.meta.dirname, '..', '..', 'docker-compose.yml')
const { kafka, registry, redis } = Compose.parse(parse(readFileSync(file, 'utf8'))).services

describe('docker-compose.yml and the launcher', () => {
  it('agree on versions', () => {
    expect(kafka.image).toBe(`apache/kafka:${VERSIONS.kafka}`)
    expect(registry.image).toBe(`apicurio/apicurio-registry:${VERSIONS.registry}`)
    expect(redis.image).toBe(`redis:${VERSIONS.redis}`)
  })

  it('agree on ports, and open them to this machine only', () => {
    const kafkaPort = OPTIONS['kafka-port'].value
    expect(kafka.ports).toEqual([`127.0.0.1:${kafkaPort}:${kafkaPort}`])
    expect(registry.ports).toEqual([`127.0.0.1:${OPTIONS['registry-port'].value}:8080`])
    expect(redis.ports).toEqual([`127.0.0.1:${OPTIONS['redis-port'].value}:6379`])
  })

  it('agree on how Kafka behaves', () => {
    const wanted = Object.entries(kafkaBehaviour(1)).map(([key, value]) => [kafkaVariable(key), value])
    expect(kafka.environment).toMatchObject(Object.fromEntries(wanted))
    expect(kafka.environment['CLUSTER_ID']).toBe(CLUSTER_ID)
  })

  it('set nothing about Kafka that the other does not, addresses and folders aside', () => {
    const addresses = [
      'NODE_ID',
      'CONTROLLER_QUORUM_VOTERS',
      'LISTENERS',
      'ADVERTISED_LISTENERS',
      'LOG_DIRS',
      'HEAP_OPTS',
    ]
    const known = [
      ...Object.keys(kafkaBehaviour(1)).map(kafkaVariable),
      ...addresses.map((name) => `KAFKA_${name}`),
    ]
    expect(known).toEqual(
      expect.arrayContaining(Object.keys(kafka.environment).filter((key) => key !== 'CLUSTER_ID')),
    )
  })

  it('tell clients the Kafka port that they can reach', () => {
    const address = `PLAINTEXT://127.0.0.1:${OPTIONS['kafka-port'].value}`
    expect(kafka.environment['KAFKA_ADVERTISED_LISTENERS']).toBe(address)
  })

  it('agree on how Redis keeps state', () => {
    const options = Object.entries(REDIS_BEHAVIOUR).flatMap(([key, value]) => [`--${key}`, value])
    expect(redis.command).toEqual(['redis-server', ...options])
  })

  it('agree on where the registry keeps schemas', () => {
    expect(registry.environment['APICURIO_DATASOURCE_URL']).toBe(registryDatabase('/data'))
    expect(registry.volumes).toEqual(['registry:/data'])
  })

  it.each(Object.entries({ kafka, registry, redis }))('%s has a health check and a volume', (_, service) => {
    expect(service.healthcheck.test.length).toBeGreaterThan(0)
    expect(service.volumes.length).toBe(1)
  })
})
