// @ts-check
// Programs of the machine: where they are, and running one to its end.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ServiceError } from './service-error.mjs'

const REQUIRED_JAVA = 17

/** @typedef {{ code: number | null, output: string }} Outcome */

/**
 * The full path of a program on PATH, or undefined.
 * @param {string} name
 * @param {Record<string, string | undefined>} [env]
 */
export function findCommand(name, env = process.env) {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs a program to its end; standard output and error come back as one text.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (bytes) => (output += bytes))
    child.stderr.on('data', (bytes) => (output += bytes))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}

/**
 * Runs a program that has to succeed.
 * @param {string} what for the message, as in "Maven could not fetch Kafka"
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string }} [options]
 */
export async function mustRun(what, command, args, options) {
  const { code, output } = await run(command, args, options)
  if (code !== 0) throw new ServiceError(`${what}: ${command} ended with ${code}\n${output.trim()}`)
  return output
}

/** Whether there is a process of that number. @param {number} pid */
export function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The path of a Java that can run the services. @returns {Promise<string>} */
export async function requireJava() {
  const home = process.env['JAVA_HOME']
  const java = home === undefined || home === '' ? findCommand('java') : join(home, 'bin', 'java')
  const hint = `Java ${REQUIRED_JAVA} or newer is needed (apt-get install openjdk-17-jre-headless)`
  if (java === undefined || !isExecutable(java)) throw new ServiceError(`${hint}; none was found`)
  const major = javaMajor((await run(java, ['-version'])).output)
  if (major < REQUIRED_JAVA) throw new ServiceError(`${hint}; ${java} is version ${major}`)
  return java
}

/** Reads `openjdk version "17.0.15"` and the old `java version "1.8.0"`. @param {string} text */
export function javaMajor(text) {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(text) ?? []
  return Number(first === '1' ? second : (first ?? 0))
}

/** The path of Maven. */
export function requireMaven() {
  const maven = findCommand('mvn')
  if (maven === undefined) {
    throw new ServiceError('Maven is needed to download Kafka and the registry (apt-get install maven)')
  }
  return maven
}
