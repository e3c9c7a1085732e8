/**
 * The example gateway on real servers: it serves, refuses and slows down as the compacted topic says, from before it was
 * started and within moments of a change.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { readyCodec } from '../../src/cli/compose/with-topics.ts'
import { kafkaOptions } from '../../src/cli/compose/kafka-options.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { silentLogger } from '../../src/domain/logger.ts'
import type { ActiveSanction, Standing } from '../../src/domain/standing.ts'
import type { Publisher } from '../../src/engine/log.ts'
import { KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { readSettings } from '../../src/service/settings.ts'
import { bailiff, environmentOf } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { until } from '../support/until.ts'

const TOPIC = 'abuse.standing.v1'
const HOUR_MS = 3_600_000
const refusal = z.object({ error: z.object({ code: z.string(), sanction_id: z.string().nullable() }) })

/** Accounts of this run alone: the topic is everybody's. */
const account = (name: string): string => `${name}-${run}`
const run = randomUUID().slice(0, 8)

function standing(name: string, given: Partial<ActiveSanction>): Standing {
  const nowMs = Date.now()
  const active: ActiveSanction = {
    sanctionId: `sanction of ${name}`,
    act: 'suspension',
    scope: 'account',
    scopeTarget: null,
    rateCeilingPerMinute: null,
    actorLevel: 'account',
    actorId: account(name),
    reasonCode: 'fair-use',
    effectiveAtMs: nowMs - HOUR_MS,
    endsAtMs: nowMs + HOUR_MS,
    ...given,
  }
  return {
    accountId: account(name),
    updatedAtMs: nowMs,
    active: [active],
    shadow: false,
    strikes: [],
    keyFlags: [],
    snoozes: [],
  }
}

describeIntegration('the example gateway', () => {
  let log: KafkaLog
  let publisher: Publisher
  let put: (name: string, standing: Standing | null) => Promise<void>
  let gateway: ChildProcess
  let said = ''
  const port = (): string => /"port":(\d+)/.exec(said)?.[1] ?? ''

  beforeAll(async () => {
    const environment = environmentOf(services(), `gateway-${run}`)
    expect(await bailiff(['topics'], environment)).toMatchObject({ exitCode: 0 })
    const read = readSettings(environment, process.cwd())
    if (!read.ok) throw new Error(read.problems.join('\n'))
    const codec = await readyCodec(read.settings, [TOPIC])
    log = new KafkaLog(kafkaOptions(read.settings, 'test'), systemClock, silentLogger)
    publisher = await log.publisher()
    put = (name, value) => {
      const bytes = value === null ? null : codec.encode(TOPIC, value)
      return publisher.publish([{ topic: TOPIC, key: account(name), value: bytes, headers: {} }])
    }
    await put('suspended', standing('suspended', {}))
    await put('slowed', standing('slowed', { act: 'restriction', scope: 'rate', rateCeilingPerMinute: 1 }))
    gateway = spawn(process.execPath, ['examples/gateway.ts', '0'], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    gateway.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()))
    await until('the gateway listens', () => port() !== '', 60_000)
  }, 120_000)
  afterAll(async () => {
    gateway.kill('SIGTERM')
    if (gateway.exitCode === null) await once(gateway, 'exit')
    await log.close()
  })

  async function ask(
    name: string,
  ): Promise<{ status: number; code: string | null; sanctionId: string | null }> {
    const headers = { authorization: `Bearer ${account(name)}.key` }
    const answer = await fetch(`http://127.0.0.1:${port()}/v1/chat/completions`, { headers })
    const body = refusal.safeParse(await answer.json())
    const error = body.success ? body.data.error : null
    return { status: answer.status, code: error?.code ?? null, sanctionId: error?.sanction_id ?? null }
  }

  it('serves those who did nothing, and knows from the start who is suspended', async () => {
    expect(await ask('honest')).toMatchObject({ status: 200 })
    expect(await ask('suspended')).toEqual({
      status: 403,
      code: 'access_suspended',
      sanctionId: 'sanction of suspended',
    })
  })

  it('holds an account to its ceiling', async () => {
    const codes = [await ask('slowed'), await ask('slowed'), await ask('slowed')].map(({ code }) => code)
    expect(codes).toContain('rate_ceiling')
  })

  it('follows: a new suspension, and its reversal', async () => {
    expect((await ask('later')).status).toBe(200)
    await put('later', standing('later', {}))
    await until('the suspension is known', async () => (await ask('later')).status === 403, 60_000)
    await put('later', null)
    await until('its reversal is known', async () => (await ask('later')).status === 200, 60_000)
  })
})
