// The services as containers, for one test run, through testcontainers. The variables and options are those of
// docker-compose.yml. What a killed run left behind carries that run's process number as a label, and goes at the
// start of the next.
import { GenericContainer, Wait } from 'testcontainers'
import type { StartedTestContainer } from 'testcontainers'
import { isAlive } from '../../scripts/services/command.mjs'
import { freePorts } from '../../scripts/services/probe.mjs'
import {
  CLUSTER_ID,
  HOST,
  REDIS_BEHAVIOUR,
  REGISTRY_PATH,
  kafkaBehaviour,
  kafkaVariable,
  registryDatabase,
} from '../../scripts/services/settings.mjs'
import { answeringDocker, docker, startDocker } from './containers/docker.ts'
import type { Docker } from './containers/docker.ts'
import { requireImages } from './containers/images.ts'
import type { Images } from './containers/images.ts'
import type { Attempt } from './services.ts'

const OWNER_LABEL = 'bailiff.test.owner'
const STARTUP_TIMEOUT_MS = 180_000
const REGISTRY_PORT = 8080
const REDIS_PORT = 6379

/**
 * Starts the services in containers, or says why not.
 * @param mayStartDaemon whether a daemon may be started where none answers: it changes the machine's firewall
 */
export async function startContainers(mayStartDaemon: boolean): Promise<Attempt> {
  const found = (await answeringDocker()) ?? (mayStartDaemon ? await startDocker() : undefined)
  if (found === undefined)
    return { missing: ['no Docker daemon answers (DOCKER_HOST, or /var/run/docker.sock)'] }
  try {
    return await startOn(found)
  } catch (error) {
    await found.stop()
    throw error
  }
}

async function startOn(daemon: Docker): Promise<Attempt> {
  process.env['DOCKER_HOST'] = daemon.host
  // Its helper for cleaning up is one more image, which often cannot be pulled; labels do the same.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  // From inside a container it would go by the bridge's address; ports are published on this one too.
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= HOST
  await removeOrphans(daemon.host)
  const images = await requireImages(daemon.host, report)
  const starts = [startKafka(images), startRegistry(images), startRedis(images)] as const
  const stop = async () => {
    const started = await Promise.allSettled(starts)
    const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value.container] : []))
    await Promise.all(running.map((container) => container.stop()))
    await daemon.stop()
  }
  try {
    const [kafka, registry, redis] = await Promise.all(starts)
    const [kafkaBrokers, registryUrl, redisUrl] = [[kafka.address], registry.address, redis.address]
    return { services: { kind: 'containers', kafkaBrokers, registryUrl, redisUrl, launches: [] }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type StartedService = { readonly container: StartedTestContainer; readonly address: string }

// A broker tells clients its address, so its port outside has to be known before it starts.
async function startKafka(images: Images): Promise<StartedService> {
  const [port = 0] = await freePorts(1)
  const container = await owned(images.kafka)
    .withEnvironment(kafkaVariables(port))
    .withExposedPorts({ container: port, host: port })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start()
  return announced('kafka', { container, address: `${HOST}:${port}` })
}

/** What docker-compose.yml says, with the port of this run. */
function kafkaVariables(port: number): Record<string, string> {
  const controllerPort = port === 19093 ? 19094 : 19093
  const properties = {
    'node.id': '1',
    'controller.quorum.voters': `1@${HOST}:${controllerPort}`,
    listeners: `PLAINTEXT://0.0.0.0:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${port}`,
    'log.dirs': '/tmp/kafka-data',
    ...kafkaBehaviour(1),
  }
  const variables: Record<string, string> = { CLUSTER_ID, KAFKA_HEAP_OPTS: '-Xms256m -Xmx256m' }
  for (const [key, value] of Object.entries(properties)) variables[kafkaVariable(key)] = value
  return variables
}

async function startRegistry(images: Images): Promise<StartedService> {
  const container = await owned(images.registry)
    .withEnvironment({ APICURIO_DATASOURCE_URL: registryDatabase('/tmp') })
    .withExposedPorts(REGISTRY_PORT)
    .withWaitStrategy(Wait.forHttp(`${REGISTRY_PATH}/subjects`, REGISTRY_PORT))
    .start()
  const port = container.getMappedPort(REGISTRY_PORT)
  return announced('registry', {
    container,
    address: `http://${container.getHost()}:${port}${REGISTRY_PATH}`,
  })
}

async function startRedis(images: Images): Promise<StartedService> {
  const options = Object.entries(REDIS_BEHAVIOUR).flatMap(([key, value]) => [`--${key}`, value])
  const container = await owned(images.redis)
    .withCommand(['redis-server', ...options])
    .withExposedPorts(REDIS_PORT)
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .start()
  return announced('redis', {
    container,
    address: `redis://${container.getHost()}:${container.getMappedPort(REDIS_PORT)}`,
  })
}

function owned(image: string): GenericContainer {
  const container = new GenericContainer(image)
  return container.withLabels({ [OWNER_LABEL]: String(process.pid) }).withStartupTimeout(STARTUP_TIMEOUT_MS)
}

function announced(name: string, started: StartedService): StartedService {
  report(`${name}: container ready at ${started.address}`)
  return started
}

async function removeOrphans(host: string): Promise<void> {
  const format = `{{.ID}} {{.Label "${OWNER_LABEL}"}}`
  const { output } = await docker(host, ['ps', '-a', '--filter', `label=${OWNER_LABEL}`, '--format', format])
  const rows = output.split('\n').filter((row) => row !== '')
  const orphans = rows.map((row) => row.split(' ')).filter(([, owner]) => !isAlive(Number(owner)))
  const ids = orphans.flatMap(([id]) => id ?? [])
  if (ids.length > 0) await docker(host, ['rm', '--force', '--volumes', ...ids])
}

function report(line: string): void {
  process.stderr.write(`${line}\n`)
}
