// The services as processes of this machine, for one test run: fresh folder, free ports, gone at the end. What a
// killed run left behind is found by its folder and stopped at the start of the next.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addresses, down, fetchAll, up } from '../../scripts/services/all.mjs'
import { findCommand, isAlive, requireJava } from '../../scripts/services/command.mjs'
import { hasKafka } from '../../scripts/services/kafka.mjs'
import { freePorts } from '../../scripts/services/probe.mjs'
import { requireRedis } from '../../scripts/services/redis.mjs'
import { hasRegistry } from '../../scripts/services/registry.mjs'
import { resolveSettings } from '../../scripts/services/settings.mjs'
import type { Settings } from '../../scripts/services/settings.mjs'
import type { Attempt, Started } from './services.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER_PREFIX = 'bailiff-services-'
const OWNER_FILE = 'owner.pid'

/** Starts the services, or says what this machine lacks. A machine that has all, yet fails, is an error. */
export async function startProcesses(): Promise<Attempt> {
  const missing = await missingPrograms()
  if (missing.length > 0) return { missing }
  const offline = await problemOf(() => fetchAll(resolveSettings({}, {}, ROOT), report))
  if (offline !== undefined) return { missing: [offline] }
  await stopOrphans()
  const settings = await freshSettings()
  const { launches } = await up(settings, report)
  const stop = async () => {
    await down(settings.dataFolder, { wipe: false })
    rmSync(settings.dataFolder, { recursive: true, force: true })
  }
  return { services: { kind: 'processes', ...addresses(launches), launches }, stop }
}

/** Services of a suite's own, for one that tells of all that ever stood in them. Ends with an error where there are none. */
export async function startOwnProcesses(): Promise<Started> {
  const attempt = await startProcesses()
  if ('missing' in attempt) throw new Error(attempt.missing.join('\n'))
  return attempt
}

async function missingPrograms(): Promise<string[]> {
  const downloaded = hasKafka(resolveSettings({}, {}, ROOT)) && hasRegistry(resolveSettings({}, {}, ROOT))
  const problems = [await problemOf(requireJava), await problemOf(async () => requireRedis())]
  if (!downloaded && findCommand('mvn') === undefined) {
    problems.push('Maven is needed to download Kafka and the registry (apt-get install maven)')
  }
  return problems.filter((problem) => problem !== undefined)
}

async function problemOf(check: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await check()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function freshSettings(): Promise<Settings> {
  const dataFolder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX))
  writeFileSync(join(dataFolder, OWNER_FILE), String(process.pid))
  const [port = 0, controllerPort = 0, registryPort = 0, redisPort = 0] = await freePorts(4)
  const settings = resolveSettings({}, {}, ROOT)
  return { ...settings, dataFolder, brokers: [{ nodeId: 1, port, controllerPort }], registryPort, redisPort }
}

async function stopOrphans(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(FOLDER_PREFIX))
  for (const folder of folders.map((name) => join(tmpdir(), name)).filter(isOrphan)) {
    report(`stopping the services that an earlier test run left in ${folder}`)
    await down(folder, { wipe: false })
    rmSync(folder, { recursive: true, force: true })
  }
}

function isOrphan(folder: string): boolean {
  const ownerFile = join(folder, OWNER_FILE)
  return existsSync(ownerFile) && !isAlive(Number(readFileSync(ownerFile, 'utf8')))
}

function report(line: string): void {
  process.stderr.write(`${line}\n`)
}
