/**
 * The main job on real Kafka, registry and Redis, with nothing but the command line: topics made, topologies run,
 * responses sent as a platform would, sanctions read as a gateway would (read-committed).
 */
import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  bailiff,
  environmentOf,
  httpPortOf,
  linesFrom,
  startBailiff,
  stopBailiff,
  untilReady,
  type BailiffEnvironment,
} from '../support/bailiff-process.ts'
import { accountLine, harvestRequestLines, responseLines } from '../support/inference-lines.ts'
import { describeIntegration, services } from '../support/integration.ts'

describeIntegration('the pipeline on real services', () => {
  let environment: BailiffEnvironment
  let running: ChildProcess
  let port: number
  const account = `harvester-${process.pid}`
  const honest = `honest-${process.pid}`

  beforeAll(async () => {
    environment = environmentOf(services(), `pipeline-${process.pid}`)
    const made = await bailiff(['topics', '--json'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    running = startBailiff(['run'], environment)
    running.stderr?.resume()
    port = await httpPortOf(running)
    running.stdout?.resume()
  })

  afterAll(async () => {
    await stopBailiff(running)
  })

  const send = async (topic: string, lines: string): Promise<void> => {
    const sent = await bailiff(['send', topic], environment, lines)
    expect(sent.exitCode, sent.stderr).toBe(0)
  }

  it('creates nothing the second time', async () => {
    const again = await bailiff(['topics'], environment)
    expect(again.stderr).toContain('0 topics created')
  })

  it('becomes ready', async () => {
    expect(await untilReady(port, 60_000)).toBe('ready')
  })

  it('turns an unauthorised harvest into one warning, and leaves the honest account alone', async () => {
    const nowMs = Date.now()
    const accounts = accountLine(honest, nowMs) + accountLine(account, nowMs)
    await send('accounts.state.v1', accounts)
    await send('inference.requests.v1', harvestRequestLines(account, 200, nowMs))
    await send('inference.responses.v1', responseLines(account, 200, nowMs))
    await send('inference.responses.v1', responseLines(honest, 40, nowMs))
    const sanction = await firstSanction(environment, account)
    expect(sanction).toMatchObject({
      act: 'warning',
      clause: 'fair-use.scraping',
      automated: true,
      shadow: false,
    })
    expect(sanction['endsAtMs']).toBeTypeOf('number')
    const all = await bailiff(['tail', 'abuse.sanctions.v1', '--once'], environment)
    expect(all.stdout).not.toContain(honest)
    expect(all.stdout.split('\n').filter((line) => line.includes(account))).toHaveLength(1)
  })

  it('explains from the topics why, and says which detectors could see anything', async () => {
    const why = await bailiff(['explain', account], environment)
    expect(why.exitCode, why.stderr).toBe(0)
    expect(why.stdout).toContain(`scraping.bulk-harvest version 3, live: ${account}`)
    expect(why.stdout).toContain('it would not have fired, had it been served_1h at most')
    // Other tests' accounts are in the same topics, not all of them told of: some sight is what can be asked for.
    const sight = await bailiff(['doctor'], environment)
    expect(sight.stdout, sight.stderr).toMatch(/scraping\.bulk-harvest +(live|degraded)/)
  })

  it('sets what it cannot read aside and goes on', async () => {
    const nowMs = Date.now()
    const damaged = await bailiff(['send', 'inference.responses.v1'], environment, '{"requestId":"x"}\n')
    expect(damaged.exitCode).toBe(1)
    expect(damaged.stderr).toContain('line 1')
    await send('inference.responses.v1', responseLines(`${honest}-2`, 5, nowMs))
  })

  it('tells what it does in metrics', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    expect(metrics).toMatch(
      /bailiff_records_consumed_total\{topology="meter",topic="inference.responses.v1"\} \d+/,
    )
    expect(metrics).toContain('bailiff_signals_total')
    expect(metrics).not.toContain(account)
  })

  it('drains on SIGTERM and ends with 0', async () => {
    expect(await stopBailiff(running)).toBe(0)
  })
})

/** Reads sanctions as they come until one names the account. */
async function firstSanction(
  environment: BailiffEnvironment,
  account: string,
): Promise<Record<string, unknown>> {
  const tailing = startBailiff(['tail', 'abuse.sanctions.v1'], environment)
  tailing.stderr?.resume()
  try {
    for await (const line of linesFrom(tailing)) {
      if (!line.includes(account)) continue
      const sanction: unknown = JSON.parse(line)
      if (typeof sanction === 'object' && sanction !== null) return { ...sanction }
    }
    throw new Error('tail ended')
  } finally {
    await stopBailiff(tailing)
  }
}
