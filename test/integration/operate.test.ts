/**
 * What operators see of `bailiff run`, and what nobody must see: health, metrics and logs tell positions, counts
 * and times; the words of requests and answers stay where they came in (P9).
 */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadFlows } from '../../src/codec/schema-files.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { bailiff, environmentOf, type BailiffEnvironment } from '../support/bailiff-process.ts'
import { accountLine, responseLine } from '../support/inference-lines.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { until } from '../support/until.ts'
import { RawReader, RawWriter } from './raw-records.ts'

/** Words, an address and a name of a client that appear nowhere else: not in logs, not in state, not in outputs. */
const WORDS = 'quokkalantern'
const ADDRESS = '198.51.100.237'
const CLIENT = 'wombatsdk'
const MARKERS = [WORDS, ADDRESS, CLIENT]
const ACCOUNT = `quiet-${process.pid}`
const REQUESTS = 200
const PARTITIONS = 6

const { table } = loadFlows()
/** Everything that Bailiff writes, but for dead letters, which keep the source's bytes and its readers. */
const WRITTEN = [
  ...table.topics.filter(({ soleWriter }) => /^[a-z]+$/.test(soleWriter)).map(({ name }) => name),
  ...table.sideTopics.map(({ name }) => name).filter((name) => name.startsWith('late.')),
].filter((name) => !table.topics.some((topic) => topic.name === name && topic.content === true))

describeIntegration('bailiff run, as its operators see it', () => {
  let environment: BailiffEnvironment
  let running: RunningBailiff
  let reader: RawReader
  let sendSaid = ''

  beforeAll(async () => {
    environment = environmentOf(services(), `operate-${process.pid}`)
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    running = await RunningBailiff.start([], { ...environment, BAILIFF_LOG_LEVEL: 'trace' })
    await running.untilReady()
    reader = await RawReader.on(WRITTEN)
    await sendEvents()
    await reader.first(
      'the harvest is warned of',
      ({ topic, key }) => topic === 'abuse.sanctions.v1' && key?.toString() === ACCOUNT,
      60_000,
    )
    await reader.first(
      'the words were judged',
      ({ topic, key }) => topic === 'inference.verdicts.v1' && key?.toString() === ACCOUNT,
    )
  })

  afterAll(async () => {
    await reader.close()
    await running.stop()
  })

  const send = async (topic: string, lines: string, exitCode = 0): Promise<void> => {
    const sent = await bailiff(['send', topic], environment, lines)
    expect(sent.exitCode, sent.stderr).toBe(exitCode)
    sendSaid += sent.stdout + sent.stderr
  }

  /** A harvest, so that signals and sanctions with their evidence come of it, and damaged records with words. */
  async function sendEvents(): Promise<void> {
    const nowMs = Date.now()
    await send('accounts.state.v1', accountLine(ACCOUNT, nowMs))
    await send('inference.requests.v1', requestLines(nowMs))
    await send('inference.responses.v1', responseLines(nowMs))
    await send('inference.requests.v1', `{"eventId":"x","inputMessages":"${WORDS}"}\n{"${WORDS}\n`, 1)
    const writer = new RawWriter()
    await writer.connect()
    const value = Buffer.from(`{"text":"${WORDS}"}`)
    const home = partitionOf(Buffer.from(ACCOUNT), PARTITIONS)
    await writer.write('inference.requests.v1', home, [{ key: ACCOUNT, value }])
    await writer.close()
    await until('it was set aside', () => running.stdout.includes('record set aside'), 60_000)
  }

  it('is alive and ready', async () => {
    expect(await running.get('/livez')).toEqual({ status: 200, body: '{"status":"ok","missing":[]}\n' })
    expect(await running.get('/readyz')).toEqual({ status: 200, body: '{"status":"ok","missing":[]}\n' })
    expect((await running.get('/')).status).toBe(404)
  })

  it('tells every topology, the process and the build in metrics', async () => {
    const { status, body } = await running.get('/metrics')
    expect(status).toBe(200)
    for (const topology of ['meter', 'classify', 'usage', 'enforcement', 'capacity']) {
      expect(body).toMatch(new RegExp(`^bailiff_tasks\\{topology="${topology}"\\} 6$`, 'm'))
    }
    expect(body).toMatch(/^bailiff_build_info\{version="\d/m)
    expect(body).toMatch(/^process_resident_memory_bytes \d/m)
    expect(body).toMatch(/^bailiff_commit_duration_seconds_count\{.*topology="usage".*\} \d/m)
    expect(body).toMatch(
      /^bailiff_sanctions_total\{act="warning",clause="fair-use.scraping",mode="live"\} 1$/m,
    )
  })

  it('names each metric once, by the conventions', async () => {
    const { body } = await running.get('/metrics')
    const names = [...body.matchAll(/^# TYPE (\S+) (\w+)$/gm)].map(([, name = '', kind]) => ({ name, kind }))
    const own = names.filter(({ name }) => name.startsWith('bailiff_'))
    expect(new Set(names.map(({ name }) => name)).size).toBe(names.length)
    expect(own.length).toBeGreaterThan(15)
    for (const { name, kind } of own) expect(name.endsWith('_total'), name).toBe(kind === 'counter')
  })

  it('logs one JSON object a line, with a level, a time and a topology', () => {
    const lines = running.stdout.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(20)
    for (const line of lines) {
      const parsed: unknown = JSON.parse(line)
      expect(parsed).toMatchObject({ level: expect.any(Number) as number })
      expect(parsed).toMatchObject({
        topology: expect.any(String) as string,
        msg: expect.any(String) as string,
      })
      expect(parsed).toHaveProperty('time', expect.stringMatching(/^\d{4}-.*Z$/))
    }
    expect(running.stderr).toBe('')
  })

  describe('keeps the words, addresses and clients of customers', () => {
    it('out of its logs', () => {
      expect(markersIn(running.stdout + running.stderr)).toEqual([])
    })

    it('out of what `bailiff send` says of damaged lines', () => {
      expect(sendSaid).toContain('line 1')
      expect(markersIn(sendSaid)).toEqual([])
    })

    it('out of its metrics, and accounts too', async () => {
      const { body } = await running.get('/metrics')
      expect(markersIn(body)).toEqual([])
      expect(body).not.toContain(ACCOUNT)
    })

    it('out of its state', async () => {
      const redis = new Redis(services().redisUrl)
      const held = await everythingUnder(redis, environment['BAILIFF_REDIS_PREFIX'] ?? '')
      await redis.quit()
      expect(held).toContain(ACCOUNT)
      expect(markersIn(held)).toEqual([])
    })

    it('out of everything that it publishes', () => {
      const topics = new Set(reader.records.map(({ topic }) => topic))
      for (const topic of [
        'inference.usage.v1',
        'inference.verdicts.v1',
        'abuse.signals.v1',
        'abuse.standing.v1',
      ])
        expect(topics).toContain(topic)
      const told = reader.records.filter(
        ({ key, value, headers }) =>
          markersIn(`${key?.toString()} ${value?.toString('latin1')} ${JSON.stringify(headers)}`).length > 0,
      )
      expect(told.map(({ topic, offset }) => `${topic} ${offset}`)).toEqual([])
    })
  })
})

function markersIn(text: string): readonly string[] {
  return MARKERS.filter((marker) => text.includes(marker))
}

function requestLines(endMs: number): string {
  return recent(endMs, (requestedAtMs, n) => ({
    eventId: `${ACCOUNT}-request-${n}`,
    requestId: `${ACCOUNT}-${n}`,
    accountId: ACCOUNT,
    keyId: `${ACCOUNT}-key`,
    operationName: 'chat',
    requestModel: 'assistant-large',
    clientAddress: ADDRESS,
    userAgent: CLIENT,
    requestedAtMs,
    inputMessages: [{ role: 'user', text: `Summarise ${WORDS} entry ${18_000 + n} in two sentences.` }],
  }))
}

function responseLines(endMs: number): string {
  return recent(endMs, (completedAtMs, n) => ({
    ...asObject(responseLine({ requestId: `${ACCOUNT}-${n}`, accountId: ACCOUNT, completedAtMs })),
    clientAddress: ADDRESS,
    userAgent: CLIENT,
    outputMessages: n > 0 ? null : [{ role: 'assistant', text: `This is about ${WORDS}.` }],
  }))
}

function asObject(line: string): object {
  const parsed: unknown = JSON.parse(line)
  return typeof parsed === 'object' && parsed !== null ? parsed : {}
}

/** Lines over the last 20 seconds: recent, so that they are not late on a log that is in use. */
function recent(endMs: number, event: (atMs: number, n: number) => object): string {
  const lines = Array.from({ length: REQUESTS }, (_, n) => JSON.stringify(event(endMs - 20_000 + n * 100, n)))
  return `${lines.join('\n')}\n`
}

/** All keys under the prefix with all that they hold, as text. */
async function everythingUnder(redis: Redis, prefix: string): Promise<string> {
  const held: string[] = []
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    for (const key of Array.isArray(keys) ? keys : [])
      held.push(String(key), await contentOf(redis, String(key)))
  }
  return held.join('\n')
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key)
  if (type === 'hash') {
    const fields = await redis.hgetallBuffer(key)
    return Object.entries(fields)
      .flatMap(([name, value]) => [name, value.toString('latin1')])
      .join('\n')
  }
  if (type === 'zset') return (await redis.zrange(key, '0', '-1')).join('\n')
  if (type === 'string') return (await redis.getBuffer(key))?.toString('latin1') ?? ''
  // Gone since it was listed: a live task clears what was acknowledged.
  if (type === 'none') return ''
  throw new Error(`${key} is a ${type}: read it here too`)
}
