// The Docker daemon: one that answers already, or one of our own, which only root can start. Ours keeps its images
// under the project's cache folder and ends with the run.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findCommand, isAlive, run } from '../../../scripts/services/command.mjs'
import { runningPid, start, stop } from '../../../scripts/services/launch.mjs'
import type { Launch } from '../../../scripts/services/launch.mjs'

export const ROOT = join(import.meta.dirname, '..', '..', '..')

/** A daemon that answers. */
export type Docker = {
  /** `unix:///path` or another address that DOCKER_HOST takes */
  readonly host: string
  /** Ends the daemon if this run started it. */
  readonly stop: () => Promise<void>
}

/** The daemon that answers now, at DOCKER_HOST or where Docker puts it. */
export async function answeringDocker(): Promise<Docker | undefined> {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'
  return (await dockerAnswers(host)) ? { host, stop: async () => {} } : undefined
}

/** Starts a daemon of our own; undefined where that cannot be. */
export async function startDocker(): Promise<Docker | undefined> {
  const command = findCommand('dockerd')
  if (command === undefined || findCommand('iptables') === undefined || process.getuid?.() !== 0)
    return undefined
  const launch = daemonLaunch(command)
  mkdirSync(launch.folder, { recursive: true })
  const ours = takeOver(launch)
  await start(launch, (line) => process.stderr.write(`${line}\n`))
  return { host: launch.address, stop: async () => (ours ? stop(launch) : undefined) }
}

// A daemon that a killed run left behind becomes this run's; one that another run uses stays with that one.
function takeOver(launch: Launch): boolean {
  const ownerFile = join(launch.folder, 'owner.pid')
  const owned = runningPid(launch) !== undefined && existsSync(ownerFile)
  if (owned && isAlive(Number(readFileSync(ownerFile, 'utf8')))) return false
  writeFileSync(ownerFile, String(process.pid))
  return true
}

// The daemon's sockets lie in the folder for temporary files, because the path of a socket must be short.
function daemonLaunch(command: string): Launch {
  const folder = join(ROOT, '.cache', 'docker')
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 8)
  const runFolder = join(tmpdir(), `bailiff-docker-${id}`)
  const socket = join(runFolder, 'docker.sock')
  const folders = ['--data-root', join(folder, 'data'), '--exec-root', runFolder]
  return {
    name: 'docker',
    command,
    args: [...folders, '--pidfile', join(runFolder, 'dockerd.pid'), '-H', `unix://${socket}`],
    cwd: ROOT,
    folder,
    probe: { kind: 'unix', path: socket },
    ports: [],
    portOption: 'none',
    address: `unix://${socket}`,
  }
}

async function dockerAnswers(host: string): Promise<boolean> {
  const socket = host.startsWith('unix://') ? host.slice('unix://'.length) : undefined
  if (findCommand('docker') === undefined || (socket !== undefined && !existsSync(socket))) return false
  return (await docker(host, ['version'])).code === 0
}

/** Runs the docker command against a daemon. */
export function docker(host: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return run('docker', ['-H', host, ...args], { env: { ...process.env, DOCKER_BUILDKIT: '0' } })
}
