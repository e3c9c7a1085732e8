// @ts-check
// Redis as the system's package installs it.
import { join } from 'node:path'
import { findCommand } from './command.mjs'
import { ServiceError } from './service-error.mjs'
import { HOST, REDIS_BEHAVIOUR } from './settings.mjs'

/**
 * @typedef {import('./launch.mjs').Launch} Launch
 * @typedef {import('./settings.mjs').Settings} Settings
 */

/** @returns {string} the path of redis-server */
export function requireRedis() {
  const command = findCommand('redis-server')
  if (command === undefined) {
    throw new ServiceError('redis-server is missing. Install it: apt-get install redis-server')
  }
  return command
}

/** @param {Settings} settings @returns {Promise<Launch[]>} */
export async function prepareRedis(settings) {
  return [redisLaunch(settings, requireRedis())]
}

/** @param {Settings} settings @param {string} command @returns {Launch} */
export function redisLaunch(settings, command) {
  const folder = join(settings.dataFolder, 'redis')
  const port = settings.redisPort
  const options = {
    port: String(port),
    bind: HOST,
    dir: folder,
    // Redis would write its own title over its arguments, and those tell whose process it is.
    'set-proc-title': 'no',
    ...REDIS_BEHAVIOUR,
  }
  return {
    name: 'redis',
    command,
    args: Object.entries(options).flatMap(([key, value]) => [`--${key}`, value]),
    cwd: settings.dataFolder,
    folder,
    probe: { kind: 'redis', port },
    ports: [port],
    portOption: '--redis-port',
    address: `redis://${HOST}:${port}`,
  }
}
