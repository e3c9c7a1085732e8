// @ts-check
// Asks a port whether somebody answers there, and how. A probe says no instead of throwing.
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { HOST } from './settings.mjs'

const PROBE_TIMEOUT_MS = 2_000
const POLL_MS = 100

/**
 * @typedef {(
 *   | { kind: 'tcp' | 'redis', port: number }
 *   | { kind: 'http', port: number, url: string }
 *   | { kind: 'unix', path: string }
 * )} Probe
 */

/**
 * Whether the service behind the probe serves requests now.
 * @param {Probe} probe
 * @returns {Promise<boolean>}
 */
export function answers(probe) {
  if (probe.kind === 'http') return httpOk(probe.url)
  if (probe.kind === 'unix') return talk({ path: probe.path }, '', () => true)
  if (probe.kind === 'redis') return redisPongs(probe.port)
  return isOpen(probe.port)
}

/** Whether anything at all listens on a local port. @param {number} port @returns {Promise<boolean>} */
export function isOpen(port) {
  return talk({ port, host: HOST }, '', () => true)
}

// A Redis that still reads its append-only file accepts connections and answers -LOADING.
/** @param {number} port */
function redisPongs(port) {
  return talk({ port, host: HOST }, 'PING\r\n', (reply) =>
    reply === '' ? undefined : reply.startsWith('+PONG'),
  )
}

/** @param {string} url */
async function httpOk(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })).ok
  } catch {
    return false
  }
}

/**
 * @param {import('node:net').NetConnectOpts} target
 * @param {string} request
 * @param {(reply: string) => boolean | undefined} judge undefined: not enough read yet
 * @returns {Promise<boolean>}
 */
function talk(target, request, judge) {
  return new Promise((resolve) => {
    let reply = ''
    const socket = connect({ ...target, timeout: PROBE_TIMEOUT_MS })
    /** @param {boolean | undefined} verdict */
    const settle = (verdict) => {
      if (verdict === undefined) return
      socket.destroy()
      resolve(verdict)
    }
    socket.on('connect', () => (socket.write(request), settle(judge(reply))))
    socket.on('data', (bytes) => settle(judge((reply += bytes.toString('latin1')))))
    socket.on('timeout', () => settle(false))
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
  })
}

/**
 * Polls until the condition holds.
 * @param {() => Promise<boolean> | boolean} condition
 * @param {number} withinMs
 * @returns {Promise<boolean>} false when the time was over first
 */
export async function waitUntil(condition, withinMs) {
  const deadline = Date.now() + withinMs
  while (Date.now() < deadline) {
    if (await condition()) return true
    await delay(POLL_MS)
  }
  return condition()
}

/**
 * Ports that are free now, all different.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere))
  return Promise.all(servers.map(closeAndTellPort))
}

/** @returns {Promise<import('node:net').Server>} */
function listenAnywhere() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, HOST, () => resolve(server))
  })
}

/** @param {import('node:net').Server} server @returns {Promise<number>} */
function closeAndTellPort(server) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a listening server has a port')
  return new Promise((resolve) => server.close(() => resolve(address.port)))
}
