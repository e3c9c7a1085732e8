/**
 * What a gateway's view of standings costs at a million sanctioned accounts, on a real broker and registry.
 *
 *   npm run bench -- standing-view [--accounts 1000000] [--asks 2000000]        (needs the development services, fresh)
 *
 * How: standings are written to `abuse.standing.v1` (some minutes; not measured), then a process of its own opens the
 * view: seconds until it is complete, resident memory, CPU time of an ask (half of them of sanctioned accounts).
 *
 * Ends with 1 where the view is not complete, or past 20 s, 400 MiB or a microsecond an ask.
 *
 * Not measured: several brokers, a network. Broker and view share the machine.
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { readyCodec } from '../src/cli/compose/with-topics.ts'
import { kafkaOptions } from '../src/cli/compose/kafka-options.ts'
import { standingView } from '../src/client/index.ts'
import { systemClock } from '../src/domain/clock.ts'
import { silentLogger } from '../src/domain/logger.ts'
import type { Standing } from '../src/domain/standing.ts'
import { KafkaLog } from '../src/log/kafka/kafka-log.ts'
import { processEnvironment, readSettings, type Settings } from '../src/service/settings.ts'
import { highWaterMiB } from './proc.ts'

const TOPIC = 'abuse.standing.v1'
const BATCH = 2_000
const DAY_MS = 86_400_000

const { values } = parseArgs({
  options: {
    accounts: { type: 'string', default: '1000000' },
    asks: { type: 'string', default: '2000000' },
    reader: { type: 'boolean', default: false },
  },
})
const accounts = Number(values.accounts)
const asks = Number(values.asks)
const nameOf = (n: number): string => `acct-${String(n).padStart(8, '0')}`

function settings(): Settings {
  const read = readSettings(processEnvironment(), process.cwd())
  if (!read.ok) throw new Error(read.problems.join('\n'))
  return read.settings
}

function standing(n: number, nowMs: number): Standing {
  const accountId = nameOf(n)
  const sanction = {
    sanctionId: `3b1f0c52-7c1d-5a52-9d2e-${String(n).padStart(12, '0')}`,
    act: 'suspension' as const,
    scope: 'account' as const,
    scopeTarget: null,
    rateCeilingPerMinute: null,
    actorLevel: 'account' as const,
    actorId: accountId,
    reasonCode: 'fair-use',
  }
  const active = [{ ...sanction, effectiveAtMs: nowMs - DAY_MS, endsAtMs: nowMs + 30 * DAY_MS }]
  const strike = {
    ...sanction,
    cause: null,
    step: 1,
    strikeOrdinal: 1,
    issuedAtMs: nowMs - DAY_MS,
    endedAtMs: null,
  }
  const until = {
    endsAtMs: nowMs + DAY_MS,
    appealUntilMs: nowMs + 180 * DAY_MS,
    expiresAtMs: nowMs + 180 * DAY_MS,
  }
  return {
    accountId,
    updatedAtMs: nowMs,
    active,
    shadow: false,
    strikes: [{ ...strike, ...until }],
    keyFlags: [],
    snoozes: [],
  }
}

async function write(): Promise<void> {
  const codec = await readyCodec(settings(), [TOPIC])
  const log = new KafkaLog(kafkaOptions(settings(), 'bench'), systemClock, silentLogger)
  const publisher = await log.publisher()
  const nowMs = Date.now()
  for (let from = 0; from < accounts; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, accounts - from) }, (_, at) => from + at)
    await publisher.publish(
      numbers.map((n) => ({
        topic: TOPIC,
        key: nameOf(n),
        value: codec.encode(TOPIC, standing(n, nowMs)),
        headers: {},
      })),
    )
  }
  await log.close()
}

async function read(): Promise<boolean> {
  const { kafka, registryUrl } = settings()
  const startMs = performance.now()
  const view = await standingView({ brokers: kafka.brokers, registryUrl })
  const bootstrapSeconds = Math.round(performance.now() - startMs) / 1000
  const peakRssMiB = highWaterMiB(process.pid)
  const names = Array.from({ length: 100_000 }, (_, at) => nameOf((at * 7_919) % (2 * accounts)))
  const ask = { keyId: 'key', capability: 'model' }
  let refused = 0
  const before = process.cpuUsage()
  for (let at = 0; at < asks; at++) if (!view.may(names[at % names.length] ?? '', ask).allow) refused++
  const { user, system } = process.cpuUsage(before)
  const microsecondsAnAsk = Math.round(((user + system) / asks) * 1000) / 1000
  console.log(
    JSON.stringify({ accounts: view.size, bootstrapSeconds, peakRssMiB, microsecondsAnAsk, refused }),
  )
  await view.close()
  return view.size >= accounts && bootstrapSeconds <= 20 && peakRssMiB <= 400 && microsecondsAnAsk <= 1
}

if (values.reader) process.exitCode = (await read()) ? 0 : 1
else {
  await write()
  const args = [import.meta.filename, '--reader', '--accounts', values.accounts, '--asks', values.asks]
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
}
