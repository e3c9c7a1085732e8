import { describe, expect, it } from 'vitest'
import { kafkaLaunch, kafkaProperties } from '../../scripts/services/kafka.mjs'
import { redisLaunch } from '../../scripts/services/redis.mjs'
import { registryLaunch } from '../../scripts/services/registry.mjs'
import { resolveSettings } from '../../scripts/services/settings.mjs'
import { javaMajor } from '../../scripts/services/command.mjs'

const ROOT = '/project'

describe('settings of the local services', () => {
  it('takes a flag before the environment, and the environment before the default', () => {
    const env = { BAILIFF_REDIS_PORT: '7001', BAILIFF_REGISTRY_PORT: '7002' }
    const settings = resolveSettings({ 'redis-port': '7000' }, env, ROOT)
    expect(settings).toMatchObject({ redisPort: 7000, registryPort: 7002, brokers: [{ port: 19092 }] })
  })

  it('places a relative data folder in the project and leaves an absolute one alone', () => {
    expect(resolveSettings({}, {}, ROOT).dataFolder).toBe('/project/.cache/services')
    expect(resolveSettings({ data: '/elsewhere' }, {}, ROOT).dataFolder).toBe('/elsewhere')
  })

  it.each(['0', '1.5', 'many', '65536', ''])(
    'refuses the port "%s" and names the flag and the variable',
    (port) => {
      const resolve = () => resolveSettings({ 'kafka-port': port }, {}, ROOT)
      expect(resolve).toThrow(/--kafka-port \(BAILIFF_KAFKA_PORT\) must be a whole number from 1 to 65535/)
    },
  )

  it('gives each broker ports of its own', () => {
    const { brokers } = resolveSettings({ brokers: '3' }, {}, ROOT)
    const ports = brokers.flatMap(({ port, controllerPort }) => [port, controllerPort])
    expect(new Set(ports).size).toBe(6)
  })
})

describe('the properties of a broker', () => {
  it('with one broker ask for one copy', () => {
    const [first, ...others] = properties('1')
    expect(others).toEqual([])
    expect(first).toContain('offsets.topic.replication.factor=1\n')
    expect(first).toContain('controller.quorum.voters=1@127.0.0.1:19093\n')
  })

  it('with three brokers keep three copies, two of them in sync, and know all voters', () => {
    for (const each of properties('3')) {
      expect(each).toContain('transaction.state.log.replication.factor=3\n')
      expect(each).toContain('min.insync.replicas=2\n')
      expect(each).toContain('voters=1@127.0.0.1:19093,2@127.0.0.1:19103,3@127.0.0.1:19113\n')
    }
  })

  it('never create a topic by accident', () => {
    expect(properties('1')[0]).toContain('auto.create.topics.enable=false\n')
  })
})

describe('a launch', () => {
  const settings = resolveSettings({}, {}, ROOT)
  const launches = [
    ...settings.brokers.map((broker) => kafkaLaunch(settings, broker, 'java')),
    registryLaunch(settings, 'java'),
    redisLaunch(settings, 'redis-server'),
  ]

  it.each(launches)('of $name names its folder, by which its process is known again', ({ args, folder }) => {
    expect(args.join(' ')).toContain(folder)
  })

  it('survives being written down, as a restart by another process needs', () => {
    expect(JSON.parse(JSON.stringify(launches))).toEqual(launches)
  })
})

describe('the version that java prints', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "21" 2023-09-19', 21],
    ['command not understood', 0],
  ])('%s', (text, major) => {
    expect(javaMajor(text)).toBe(major)
  })
})

function properties(brokers: string): string[] {
  const settings = resolveSettings({ brokers }, {}, ROOT)
  return settings.brokers.map((broker) => kafkaProperties(settings, broker))
}
