// @ts-check
// One service as a plain process of this machine. A launch is data: it can be written down, handed to another
// process, and started again after a kill, with the same folder and so the same state.
//
// L1 The folder is the identity: it stands in the process's arguments, so a pid file that outlived its process
//    never makes us signal a stranger who got the same number.
// L2 The process outlives whoever started it, until it is stopped by its pid file.
// L3 start() returns when the service answers, or fails with the end of its log.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answers, isOpen, waitUntil } from './probe.mjs'
import { ServiceError } from './service-error.mjs'

/**
 * @typedef {object} Launch
 * @property {string} name for people and folders: `kafka-1`, `registry`, `redis`
 * @property {string} command
 * @property {string[]} args name the folder somewhere (L1)
 * @property {string} cwd
 * @property {string} folder data, pid file, log
 * @property {import('./probe.mjs').Probe} probe
 * @property {number[]} ports every port that it listens on
 * @property {string} portOption the flag that moves it elsewhere
 * @property {string} address what a client is given
 *
 * @typedef {object} RunningService
 * @property {string} name
 * @property {number} pid
 * @property {string} address
 * @property {() => Promise<void>} stop
 * @property {(signal: NodeJS.Signals) => Promise<void>} kill
 *
 * @typedef {(line: string) => void} Report
 */

const READY_WITHIN_MS = 120_000
const STOP_WITHIN_MS = 20_000
const LOG_LINES_SHOWN = 25
/** @type {{ encoding: 'utf8' }} */
const UTF8 = { encoding: 'utf8' }

/**
 * Starts a service, or finds it running.
 * @param {Launch} launch
 * @param {Report} report
 * @returns {Promise<RunningService>}
 */
export async function start(launch, report) {
  let hasEnded = () => runningPid(launch) === undefined
  if (!hasEnded()) {
    requireSameLaunch(launch)
  } else {
    await requireFreePorts(launch)
    hasEnded = spawnDetached(launch)
    report(`${launch.name}: starting, log in ${logPath(launch)}`)
  }
  await requireReady(launch, hasEnded)
  const pid = runningPid(launch)
  if (pid === undefined) throw failure(launch, 'ended as soon as it was ready')
  return {
    name: launch.name,
    pid,
    address: launch.address,
    stop: () => stop(launch),
    kill: (s) => kill(launch, s),
  }
}

/** @param {Launch} launch */
function requireSameLaunch(launch) {
  if (readFileSync(launchPath(launch), 'utf8') === JSON.stringify(launch, null, 2)) return
  throw new ServiceError(
    `${launch.name} runs already, with other settings. Stop it first: \`down\`, then \`up\`.`,
  )
}

/** @param {Launch} launch */
export async function requireFreePorts(launch) {
  for (const port of launch.ports) {
    if (await isOpen(port)) throw new ServiceError(takenPort(launch, port))
  }
}

/** @param {Launch} launch @param {number} port */
function takenPort(launch, port) {
  return (
    `${launch.name}: port ${port} is in use by another program.\n` +
    `Stop that program, or choose another port with ${launch.portOption}.`
  )
}

/**
 * Gives how to learn whether the process has ended. Its command line does not tell at first: Linux shows none for a
 * moment while a program is being loaded.
 * @param {Launch} launch
 * @returns {() => boolean}
 */
function spawnDetached(launch) {
  mkdirSync(launch.folder, { recursive: true })
  const log = openSync(logPath(launch), 'a')
  const child = spawn(launch.command, launch.args, {
    cwd: launch.cwd,
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.on('error', () => {}) // a command that cannot run leaves no pid; requireReady tells
  child.unref()
  writeFileSync(launchPath(launch), JSON.stringify(launch, null, 2))
  if (child.pid !== undefined) writeFileSync(pidPath(launch), String(child.pid))
  return () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

/** @param {Launch} launch @param {() => boolean} hasEnded */
async function requireReady(launch, hasEnded) {
  let ended = false
  const ready = async () => (ended = hasEnded()) || (await answers(launch.probe))
  const inTime = await waitUntil(ready, READY_WITHIN_MS)
  if (ended) throw failure(launch, 'ended before it was ready')
  if (!inTime) throw failure(launch, `did not answer within ${READY_WITHIN_MS / 1000} s`)
}

/** @param {Launch} launch @param {string} what */
function failure(launch, what) {
  return new ServiceError(`${launch.name} ${what}. The end of ${logPath(launch)}:\n${logTail(launch)}`)
}

/** @param {Launch} launch */
function logTail(launch) {
  if (!existsSync(logPath(launch))) return '(no log)'
  return readFileSync(logPath(launch), 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n')
}

/** Lets the service end in its own way; one that does not is killed. @param {Launch} launch */
export async function stop(launch) {
  const pid = runningPid(launch)
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM')
    if (!(await waitUntil(() => isGone(launch), STOP_WITHIN_MS))) await kill(launch, 'SIGKILL')
  }
  rmSync(pidPath(launch), { force: true })
}

/**
 * Sends a signal; with SIGKILL and SIGTERM, returns when the process is gone.
 * @param {Launch} launch
 * @param {NodeJS.Signals} signal
 */
export async function kill(launch, signal) {
  const pid = runningPid(launch)
  if (pid === undefined) return
  process.kill(pid, signal)
  if (signal !== 'SIGKILL' && signal !== 'SIGTERM') return
  if (await waitUntil(() => isGone(launch), STOP_WITHIN_MS)) return
  throw new ServiceError(
    `${launch.name} (pid ${pid}) is still there ${STOP_WITHIN_MS / 1000} s after ${signal}`,
  )
}

// The kernel closes the ports of a dying process after it has forgotten its arguments.
/** @param {Launch} launch */
async function isGone(launch) {
  if (runningPid(launch) !== undefined) return false
  const open = await Promise.all(launch.ports.map(isOpen))
  return !open.includes(true)
}

/** The pid of the launch's process while it lives. @param {Launch} launch @returns {number | undefined} */
export function runningPid(launch) {
  if (!existsSync(pidPath(launch))) return undefined
  const pid = Number(readFileSync(pidPath(launch), 'utf8'))
  return commandLine(pid).includes(launch.folder) ? pid : undefined
}

// Empty for a process that is gone, and for one that is dead and waits for its parent to notice.
/** @param {number} pid */
function commandLine(pid) {
  if (!existsSync('/proc/self/cmdline'))
    return spawnSync('ps', ['-o', 'command=', '-p', `${pid}`], UTF8).stdout
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** @param {Launch} launch */
const logPath = (launch) => join(launch.folder, 'output.log')
/** @param {Launch} launch */
const launchPath = (launch) => join(launch.folder, 'launch.json')
/** @param {Launch} launch */
const pidPath = (launch) => join(launch.folder, 'pid')
