// @ts-check
// Apicurio Registry from its Maven archive, speaking the Confluent protocol, with its schemas on disk.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { mustRun, requireJava, requireMaven } from './command.mjs'
import { HOST, JVM_FLAGS, REGISTRY_PATH, VERSIONS, registryDatabase } from './settings.mjs'

/**
 * @typedef {import('./launch.mjs').Launch} Launch
 * @typedef {import('./launch.mjs').Report} Report
 * @typedef {import('./settings.mjs').Settings} Settings
 */

const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSIONS.registry}:tar.gz:all`
const ARCHIVE = `apicurio-registry-app-${VERSIONS.registry}-all.tar.gz`
const RUNNER = `apicurio-registry-app-${VERSIONS.registry}-runner.jar`

/** Where the unpacked archive lies. @param {Settings} settings */
export function registryHome(settings) {
  return join(settings.cacheFolder, 'registry', VERSIONS.registry)
}

/** @param {Settings} settings */
export function hasRegistry(settings) {
  return existsSync(join(registryHome(settings), RUNNER))
}

/**
 * Fetches and unpacks the archive once.
 * @param {Settings} settings
 * @param {Report} report
 */
export async function fetchRegistry(settings, report) {
  if (hasRegistry(settings)) return
  const maven = requireMaven()
  report(`registry: downloading Apicurio ${VERSIONS.registry} (109 MB, once)`)
  const get = ['-q', '-B', 'dependency:get', `-Dartifact=${ARTIFACT}`, '-Dtransitive=false']
  await mustRun('Maven could not fetch the registry', maven, get)
  await unpack(await downloadedArchive(maven), settings)
}

// dependency:get only leaves the archive in Maven's own repository, which the user's settings may have moved.
/** @param {string} maven */
async function downloadedArchive(maven) {
  const inside = join('io', 'apicurio', 'apicurio-registry-app', VERSIONS.registry, ARCHIVE)
  const usual = join(homedir(), '.m2', 'repository', inside)
  if (existsSync(usual)) return usual
  const ask = ['-q', '-B', 'help:evaluate', '-Dexpression=settings.localRepository', '-DforceStdout']
  return join((await mustRun('Maven could not tell its repository', maven, ask)).trim(), inside)
}

/** @param {string} archive @param {Settings} settings */
async function unpack(archive, settings) {
  const home = registryHome(settings)
  mkdirSync(join(settings.cacheFolder, 'registry'), { recursive: true })
  const work = mkdtempSync(join(settings.cacheFolder, 'registry', 'fetch-'))
  await mustRun('The registry could not be unpacked', 'tar', ['xzf', archive, '-C', work])
  rmSync(home, { recursive: true, force: true })
  renameSync(work, home)
}

/**
 * @param {Settings} settings
 * @param {Report} report
 * @returns {Promise<Launch[]>}
 */
export async function prepareRegistry(settings, report) {
  const java = await requireJava()
  await fetchRegistry(settings, report)
  return [registryLaunch(settings, java)]
}

/**
 * @param {Settings} settings
 * @param {string} java
 * @returns {Launch}
 */
export function registryLaunch(settings, java) {
  const folder = join(settings.dataFolder, 'registry')
  const port = settings.registryPort
  const address = `http://${HOST}:${port}${REGISTRY_PATH}`
  const options = {
    'quarkus.http.host': HOST,
    'quarkus.http.port': String(port),
    'apicurio.datasource.url': registryDatabase(folder),
  }
  const properties = Object.entries(options).map(([key, value]) => `-D${key}=${value}`)
  return {
    name: 'registry',
    command: java,
    args: [...JVM_FLAGS, ...properties, '-jar', RUNNER],
    cwd: registryHome(settings),
    folder,
    probe: { kind: 'http', port, url: `${address}/subjects` },
    ports: [port],
    portOption: '--registry-port',
    address,
  }
}
