// Global set-up of the integration tests: finds or starts Kafka, the registry and Redis, and tells the tests where
// they are. In this order:
//
//   1. KAFKA_BROKERS, REDIS_URL and SCHEMA_REGISTRY_URL, when all three are given;
//   2. processes of this machine (Java, redis-server; Kafka and the registry from Maven), in a fresh folder;
//   3. containers, when a Docker daemon answers;
//   4. none: the tests are skipped, loudly, or fail where REQUIRE_INTEGRATION=1 or CI=true.
//
// BAILIFF_SERVICES=processes or containers asks for one kind and takes no other.
import type { TestProject } from 'vitest/node'
import { startContainers } from './containers.ts'
import type { Services } from './integration.ts'
import { startProcesses } from './processes.ts'

/** Services that run for these tests, and what ends them. */
export type Started = { readonly services: Services; readonly stop: () => Promise<void> }

/** Either the services, or the reasons, one a line, why this way does not lead to any. */
export type Attempt = Started | { readonly missing: readonly string[] }

type Environment = Readonly<Record<string, string | undefined>>

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const attempt = await findServices(process.env)
  if ('missing' in attempt) {
    const notice = skipNotice(attempt.missing, process.env)
    process.stderr.write(notice)
    project.provide('services', null)
    // Once more at the end, where people look.
    return async () => void process.stderr.write(notice)
  }
  project.provide('services', attempt.services)
  return attempt.stop
}

async function findServices(env: Environment): Promise<Attempt> {
  const wanted = env['BAILIFF_SERVICES']
  if (wanted === 'processes') return startProcesses()
  if (wanted === 'containers') return startContainers(true)
  if (wanted !== undefined) throw new Error(`BAILIFF_SERVICES is processes or containers, not ${wanted}`)
  const given = givenServices(env)
  if (given !== undefined) return { services: given, stop: async () => {} }
  const processes = await startProcesses()
  if (!('missing' in processes)) return processes
  const containers = await startContainers(false)
  if (!('missing' in containers)) return containers
  return { missing: [...processes.missing, ...containers.missing] }
}

function givenServices(env: Environment): Services | undefined {
  const [brokers, redisUrl, registryUrl] = [
    env['KAFKA_BROKERS'],
    env['REDIS_URL'],
    env['SCHEMA_REGISTRY_URL'],
  ]
  if (brokers === undefined || redisUrl === undefined || registryUrl === undefined) return undefined
  return { kind: 'given', kafkaBrokers: brokers.split(','), redisUrl, registryUrl, launches: [] }
}

/** Throws where skipping is not allowed. */
function skipNotice(reasons: readonly string[], env: Environment): string {
  const required =
    env['REQUIRE_INTEGRATION'] === '1' || env['CI'] === 'true' || env['BAILIFF_SERVICES'] !== undefined
  const notice = missingNotice(reasons, required)
  if (required) throw new Error(notice)
  return notice
}

/** What a person reads who has no services. */
export function missingNotice(reasons: readonly string[], required: boolean): string {
  const bar = '='.repeat(100)
  const lines = [
    '',
    bar,
    required
      ? 'INTEGRATION TESTS ARE REQUIRED AND CANNOT RUN'
      : 'THE INTEGRATION TESTS ARE SKIPPED: NOTHING WAS PROVED ON REAL KAFKA',
    'They need Kafka, a schema registry and Redis. None could be found or started:',
    ...reasons.map((reason) => `  - ${reason}`),
    'Either install what is missing, or start the services yourself and set KAFKA_BROKERS, REDIS_URL and',
    'SCHEMA_REGISTRY_URL (`docker compose up -d`, or `npm run services -- up`, which prints them).',
    bar,
    '',
  ]
  return lines.join('\n')
}
