// @ts-check
// What the local services are told to do: versions, ports, folders and the settings of Kafka, the registry and
// Redis. The launcher, the tests and docker-compose.yml all say the same because a test compares them with this
// file. Pure: environment and flags come in as arguments.
import { resolve } from 'node:path'
import { ServiceError } from './service-error.mjs'

/**
 * @typedef {{ nodeId: number, port: number, controllerPort: number, proxied?: ProxiedListener }} BrokerPorts
 * @typedef {{ port: number, advertisedPort: number }} ProxiedListener a second listener, which tells its clients
 *   the port of a proxy that stands before it
 * @typedef {object} Settings
 * @property {BrokerPorts[]} brokers one entry a broker; each is a controller too
 * @property {number} registryPort
 * @property {number} redisPort
 * @property {string} dataFolder one folder a service lies in it, with its data, pid file and log
 * @property {string} cacheFolder where downloaded archives are kept
 */

export const HOST = '127.0.0.1'

export const VERSIONS = { kafka: '4.1.1', slf4j: '1.7.36', registry: '3.0.9', redis: '7' }

/** Fixed, so that brokers that were formatted one by one find each other. */
export const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk'

/** The small collector and compiler halve memory and start-up time; these processes serve one developer. */
export const JVM_FLAGS = ['-Xms256m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

/** Ports of broker n are n-1 times this much above those of the first. */
const BROKER_PORT_STEP = 10
const MAX_BROKERS = 9

/** Flag, environment variable and default of everything that can be set. */
export const OPTIONS = {
  'kafka-port': { env: 'BAILIFF_KAFKA_PORT', value: 19092 },
  'controller-port': { env: 'BAILIFF_CONTROLLER_PORT', value: 19093 },
  'registry-port': { env: 'BAILIFF_REGISTRY_PORT', value: 18081 },
  'redis-port': { env: 'BAILIFF_REDIS_PORT', value: 16379 },
  brokers: { env: 'BAILIFF_BROKERS', value: 1 },
  data: { env: 'BAILIFF_SERVICES_DATA', value: '.cache/services' },
}

/** @typedef {keyof typeof OPTIONS} OptionName */

/**
 * Flags win over the environment, the environment over the defaults.
 * @param {Partial<Record<OptionName, string>>} flags
 * @param {Record<string, string | undefined>} env
 * @param {string} root the repository's root, for relative folders
 * @returns {Settings}
 */
export function resolveSettings(flags, env, root) {
  /** @param {OptionName} name */
  const given = (name) => flags[name] ?? env[OPTIONS[name].env] ?? String(OPTIONS[name].value)
  /** @param {OptionName} name @param {number} max */
  const number = (name, max = 65_535) => wholeNumber(given(name), max, `--${name} (${OPTIONS[name].env})`)
  return {
    brokers: brokerPorts(number('brokers', MAX_BROKERS), number('kafka-port'), number('controller-port')),
    registryPort: number('registry-port'),
    redisPort: number('redis-port'),
    dataFolder: resolve(root, given('data')),
    cacheFolder: resolve(root, '.cache'),
  }
}

/** @param {string} text @param {number} max @param {string} what */
function wholeNumber(text, max, what) {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= max) return value
  throw new ServiceError(`${what} must be a whole number from 1 to ${max}, not "${text}"`, 'usage')
}

/** @param {number} count @param {number} port @param {number} controllerPort @returns {BrokerPorts[]} */
function brokerPorts(count, port, controllerPort) {
  return Array.from({ length: count }, (_, index) => ({
    nodeId: index + 1,
    port: port + index * BROKER_PORT_STEP,
    controllerPort: controllerPort + index * BROKER_PORT_STEP,
  }))
}

/**
 * How the brokers behave, addresses and folders aside.
 * @param {number} brokers how many there are: up to three hold a copy of each record
 * @returns {Record<string, string>}
 */
export function kafkaBehaviour(brokers) {
  const copies = String(Math.min(brokers, 3))
  const inSync = String(Math.min(brokers, 2))
  return {
    'process.roles': 'broker,controller',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    // Topics come from schemas/topics.yaml; a misspelt name must fail, not create another topic.
    'auto.create.topics.enable': 'false',
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'num.partitions': '6',
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '2097152',
    // With the defaults a killed broker waits 9 s at its restart for its own registration to expire.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '500',
  }
}

/** How the official image spells a property: `node.id` is KAFKA_NODE_ID. @param {string} property */
export function kafkaVariable(property) {
  return `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`
}

/** How Redis keeps state: what Bailiff demands at its start (an append-only file, nothing evicted). */
export const REDIS_BEHAVIOUR = {
  appendonly: 'yes',
  appendfsync: 'everysec',
  'maxmemory-policy': 'noeviction',
  save: '',
}

/**
 * The registry's database. A write is on disk when it is acknowledged: schema ids stand in Kafka records, and a
 * registry that forgot one after a kill would give its number to another schema.
 * @param {string} folder
 */
export function registryDatabase(folder) {
  return `jdbc:h2:file:${folder}/registry;WRITE_DELAY=0`
}

/** Where the registry speaks the Confluent protocol. */
export const REGISTRY_PATH = '/apis/ccompat/v7'
