#!/usr/bin/env node
// @ts-check
// `npm run services -- up|down|status|fetch`: Kafka, a schema registry and Redis on machines without Docker. Runs on
// plain Node 20. Progress goes to standard error, the result to standard output: that of `up` can
// be given to the shell's eval.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { addresses, down, fetchAll, status, up } from './services/all.mjs'
import { ServiceError } from './services/service-error.mjs'
import { OPTIONS, resolveSettings } from './services/settings.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const EXIT = { ok: 0, failed: 1, usage: 2 }

const HELP = `Kafka, a schema registry and Redis as plain processes of this machine.

  npm run services -- up       start what is not running; downloads Kafka and the registry once (needs Java, Maven)
  npm run services -- status   what runs where; exit code 1 unless all of it is ready
  npm run services -- down     stop all; --wipe removes the data too
  npm run services -- fetch    download only

Options (environment variable, default):
${Object.entries(OPTIONS)
  .map(([name, { env, value }]) => `  --${name.padEnd(16)} ${env} (${value})`)
  .join('\n')}
  --json             the result as JSON
`

/** @typedef {{ command: string | undefined, flags: Record<string, string | boolean | undefined> }} CommandLine */

/** @param {string[]} args @returns {CommandLine} */
function readCommandLine(args) {
  /** @type {Record<string, { type: 'string' | 'boolean' }>} */
  const options = { json: { type: 'boolean' }, wipe: { type: 'boolean' }, help: { type: 'boolean' } }
  for (const name of Object.keys(OPTIONS)) options[name] = { type: 'string' }
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    return { command: positionals.length > 1 ? undefined : positionals[0], flags: { ...values } }
  } catch (error) {
    throw new ServiceError(`${error instanceof Error ? error.message : error}`, 'usage')
  }
}

/** @param {string} line */
const report = (line) => void process.stderr.write(`${line}\n`)

/** @param {string[]} args */
async function main(args) {
  const { command, flags } = readCommandLine(args)
  if (flags.help === true) return print(HELP)
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => typeof value === 'string'))
  const settings = resolveSettings(given, process.env, ROOT)
  const json = flags.json === true
  if (command === 'up') return runUp(settings, json)
  if (command === 'status') return runStatus(settings.dataFolder, json)
  if (command === 'down') return runDown(settings.dataFolder, flags.wipe === true, json)
  if (command === 'fetch') return fetchAll(settings, report)
  throw new ServiceError(`Say one of up, status, down or fetch.\n\n${HELP}`, 'usage')
}

/** @param {import('./services/settings.mjs').Settings} settings @param {boolean} json */
async function runUp(settings, json) {
  const { launches, alreadyUp } = await up(settings, report)
  const found = addresses(launches)
  if (json) return print(JSON.stringify({ ...found, alreadyUp }))
  report(alreadyUp ? 'All services were up already.' : 'All services are up.')
  print(`export KAFKA_BROKERS=${found.kafkaBrokers.join(',')}`)
  print(`export SCHEMA_REGISTRY_URL=${found.registryUrl}`)
  print(`export REDIS_URL=${found.redisUrl}`)
}

/** @param {string} dataFolder @param {boolean} json */
async function runStatus(dataFolder, json) {
  const states = await status(dataFolder)
  const ready = states.length > 0 && states.every(({ state }) => state === 'ready')
  process.exitCode = ready ? EXIT.ok : EXIT.failed
  if (json) return print(JSON.stringify({ ready, services: states }))
  if (states.length === 0) return print(`Nothing was started in ${dataFolder}.`)
  for (const { name, state, pid, address } of states) {
    print(`${name.padEnd(9)} ${state.padEnd(9)} ${address}${pid === null ? '' : ` (pid ${pid})`}`)
  }
}

/** @param {string} dataFolder @param {boolean} wipe @param {boolean} json */
async function runDown(dataFolder, wipe, json) {
  const stopped = await down(dataFolder, { wipe })
  if (json) return print(JSON.stringify({ stopped }))
  print(stopped.length === 0 ? 'Nothing was running.' : `Stopped ${stopped.join(', ')}.`)
}

/** @param {string} text */
const print = (text) => void process.stdout.write(`${text}\n`)

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof ServiceError)) throw error
  report(error.message)
  process.exitCode = error.kind === 'usage' ? EXIT.usage : EXIT.failed
}
