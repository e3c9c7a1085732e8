// @ts-check
// Apache Kafka in KRaft mode from its Maven jars: every broker is a controller too.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun, requireJava } from './command.mjs'
import { fetchJars } from './maven.mjs'
import { ServiceError } from './service-error.mjs'
import { CLUSTER_ID, HOST, JVM_FLAGS, VERSIONS, kafkaBehaviour } from './settings.mjs'

/**
 * @typedef {import('./launch.mjs').Launch} Launch
 * @typedef {import('./launch.mjs').Report} Report
 * @typedef {import('./settings.mjs').Settings} Settings
 * @typedef {import('./settings.mjs').BrokerPorts} BrokerPorts
 */

const KAFKA = [
  { group: 'org.apache.kafka', name: 'kafka_2.13', version: VERSIONS.kafka },
  { group: 'org.slf4j', name: 'slf4j-simple', version: VERSIONS.slf4j },
]

/** Where the jars lie. @param {Settings} settings */
export function kafkaLibs(settings) {
  return join(settings.cacheFolder, 'kafka', 'libs')
}

/** @param {Settings} settings */
export function hasKafka(settings) {
  return existsSync(join(kafkaLibs(settings), `kafka_2.13-${VERSIONS.kafka}.jar`))
}

/**
 * Fetches the jars once. They appear under their name only when all are there.
 * @param {Settings} settings
 * @param {Report} report
 */
export async function fetchKafka(settings, report) {
  if (hasKafka(settings)) return
  report(`kafka: downloading ${VERSIONS.kafka} (43 MB, once)`)
  await fetchJars('Kafka', KAFKA, kafkaLibs(settings))
}

/**
 * One launch a broker; the folders are formatted where they are new.
 * @param {Settings} settings
 * @param {Report} report
 * @returns {Promise<Launch[]>}
 */
export async function prepareKafka(settings, report) {
  const java = await requireJava()
  requireSameCluster(settings)
  await fetchKafka(settings, report)
  const launches = settings.brokers.map((broker) => kafkaLaunch(settings, broker, java))
  await Promise.all(
    settings.brokers.map((broker, index) => format(settings, broker, launches[index], report)),
  )
  return launches
}

/**
 * @param {Settings} settings
 * @param {BrokerPorts} broker
 * @param {string} java
 * @returns {Launch}
 */
export function kafkaLaunch(settings, broker, java) {
  const folder = brokerFolder(settings, broker.nodeId)
  const logLevel = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  return {
    name: `kafka-${broker.nodeId}`,
    command: java,
    args: [
      ...JVM_FLAGS,
      logLevel,
      '-cp',
      classPath(settings),
      'kafka.Kafka',
      join(folder, 'server.properties'),
    ],
    cwd: settings.cacheFolder,
    folder,
    probe: { kind: 'tcp', port: broker.port },
    ports: listeners(broker).map(({ port }) => port),
    portOption: '--kafka-port and --controller-port',
    address: `${HOST}:${broker.port}`,
  }
}

/** @param {BrokerPorts} broker */
function listeners({ port, controllerPort, proxied }) {
  return [
    { name: 'PLAINTEXT', port, advertisedPort: port },
    { name: 'CONTROLLER', port: controllerPort, advertisedPort: controllerPort },
    ...(proxied === undefined ? [] : [{ name: 'PROXIED', ...proxied }]),
  ]
}

/** The content of a broker's server.properties. @param {Settings} settings @param {BrokerPorts} broker */
export function kafkaProperties(settings, broker) {
  const voters = settings.brokers.map((each) => `${each.nodeId}@${HOST}:${each.controllerPort}`).join(',')
  const properties = {
    'node.id': String(broker.nodeId),
    'controller.quorum.voters': voters,
    listeners: listeners(broker)
      .map(({ name, port }) => `${name}://${HOST}:${port}`)
      .join(','),
    'advertised.listeners': listeners(broker)
      .filter(({ name }) => name !== 'CONTROLLER')
      .map(({ name, advertisedPort }) => `${name}://${HOST}:${advertisedPort}`)
      .join(','),
    'log.dirs': join(brokerFolder(settings, broker.nodeId), 'log'),
    ...kafkaBehaviour(settings.brokers.length),
    'listener.security.protocol.map': listeners(broker)
      .map(({ name }) => `${name}:PLAINTEXT`)
      .join(','),
  }
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

/** @param {Settings} settings @param {BrokerPorts} broker @param {Launch | undefined} launch @param {Report} report */
async function format(settings, broker, launch, report) {
  if (launch === undefined) return
  const properties = join(launch.folder, 'server.properties')
  mkdirSync(launch.folder, { recursive: true })
  writeFileSync(properties, kafkaProperties(settings, broker))
  if (existsSync(join(launch.folder, 'log', 'meta.properties'))) return
  report(`${launch.name}: formatting ${launch.folder}`)
  const tool = [
    '-cp',
    classPath(settings),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    CLUSTER_ID,
    '-c',
    properties,
  ]
  await mustRun(`${launch.name} could not be formatted`, launch.command, [...JVM_FLAGS, ...tool])
}

// A quorum cannot be made larger or smaller by another properties file.
/** @param {Settings} settings */
function requireSameCluster(settings) {
  if (!existsSync(settings.dataFolder)) return
  const found = readdirSync(settings.dataFolder).filter((name) => /^kafka-\d$/.test(name)).length
  if (found === 0 || found === settings.brokers.length) return
  throw new ServiceError(
    `${settings.dataFolder} holds the data of ${found} broker(s), not ${settings.brokers.length}.\n` +
      `Use --brokers ${found}, or another folder with --data, or remove the data with \`down --wipe\`.`,
  )
}

/** @param {Settings} settings */
const classPath = (settings) => join(kafkaLibs(settings), '*')
/** @param {Settings} settings @param {number} nodeId */
const brokerFolder = (settings, nodeId) => join(settings.dataFolder, `kafka-${nodeId}`)
