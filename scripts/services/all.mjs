// @ts-check
// Kafka, the registry and Redis together: all of them up, or none that was not up before.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fetchKafka, prepareKafka } from './kafka.mjs'
import { requireFreePorts, runningPid, start, stop } from './launch.mjs'
import { answers } from './probe.mjs'
import { prepareRedis } from './redis.mjs'
import { fetchRegistry, prepareRegistry } from './registry.mjs'
import { ServiceError } from './service-error.mjs'

/**
 * @typedef {import('./launch.mjs').Launch} Launch
 * @typedef {import('./launch.mjs').Report} Report
 * @typedef {import('./settings.mjs').Settings} Settings
 * @typedef {{ kafkaBrokers: string[], registryUrl: string, redisUrl: string }} Addresses
 * @typedef {{ name: string, state: 'ready' | 'starting' | 'down', pid: number | null, address: string }} Status
 */

/**
 * Downloads what is missing, and starts nothing.
 * @param {Settings} settings
 * @param {Report} report
 */
export async function fetchAll(settings, report) {
  await fetchKafka(settings, report)
  await fetchRegistry(settings, report)
}

/**
 * Downloads what is missing and starts what is not running.
 * @param {Settings} settings
 * @param {Report} report
 * @returns {Promise<{ launches: Launch[], alreadyUp: boolean }>}
 */
export async function up(settings, report) {
  mkdirSync(settings.dataFolder, { recursive: true })
  const launches = await prepareAll(settings, report)
  const stopped = launches.filter((launch) => runningPid(launch) === undefined)
  for (const launch of stopped) await requireFreePorts(launch)
  const results = await Promise.allSettled(launches.map((launch) => startTimed(launch, report)))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [reason(result.reason)] : []))
  if (failures.length === 0) return { launches, alreadyUp: stopped.length === 0 }
  await Promise.all(stopped.map(stop))
  throw new ServiceError(failures.join('\n\n'))
}

// Redis first: it is the one that most often lacks, and says so before anything is downloaded.
/** @param {Settings} settings @param {Report} report @returns {Promise<Launch[]>} */
async function prepareAll(settings, report) {
  const redis = await prepareRedis(settings)
  const kafka = await prepareKafka(settings, report)
  const registry = await prepareRegistry(settings, report)
  return [...kafka, ...registry, ...redis]
}

/** @param {Launch} launch @param {Report} report */
async function startTimed(launch, report) {
  const startedAt = Date.now()
  const service = await start(launch, report)
  report(`${launch.name}: ready at ${launch.address} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
  return service
}

/** @param {unknown} error */
const reason = (error) => (error instanceof Error ? error.message : String(error))

/** What clients need to know. @param {Launch[]} launches @returns {Addresses} */
export function addresses(launches) {
  /** @param {RegExp} name */
  const of = (name) => launches.filter((launch) => name.test(launch.name)).map((launch) => launch.address)
  return {
    kafkaBrokers: of(/^kafka-/),
    registryUrl: of(/^registry$/)[0] ?? '',
    redisUrl: of(/^redis$/)[0] ?? '',
  }
}

/** The services that were ever started in a data folder. @param {string} dataFolder @returns {Launch[]} */
export function knownLaunches(dataFolder) {
  if (!existsSync(dataFolder)) return []
  const files = readdirSync(dataFolder).map((name) => join(dataFolder, name, 'launch.json'))
  return files.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')))
}

/** @param {string} dataFolder @returns {Promise<Status[]>} */
export function status(dataFolder) {
  return Promise.all(knownLaunches(dataFolder).map(statusOf))
}

/** @param {Launch} launch @returns {Promise<Status>} */
async function statusOf(launch) {
  const pid = runningPid(launch) ?? null
  const state = pid === null ? 'down' : (await answers(launch.probe)) ? 'ready' : 'starting'
  return { name: launch.name, state, pid, address: launch.address }
}

/**
 * Stops everything in a data folder.
 * @param {string} dataFolder
 * @param {{ wipe: boolean }} options wipe: remove the services' data too
 * @returns {Promise<string[]>} the names of those that were running
 */
export async function down(dataFolder, { wipe }) {
  const launches = knownLaunches(dataFolder)
  const running = launches.filter((launch) => runningPid(launch) !== undefined)
  await Promise.all(running.map(stop))
  if (wipe) for (const launch of launches) rmSync(launch.folder, { recursive: true, force: true })
  return running.map((launch) => launch.name)
}
