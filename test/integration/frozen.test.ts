/**
 * A process that is told to end while a server is there and says nothing, as one that is stopped or cut off by a
 * network that drops what it carries: calls are not refused, they are not answered.
 */
import { afterEach, beforeAll, expect, it } from 'vitest'
import { bailiff, environmentOf, type BailiffEnvironment } from '../support/bailiff-process.ts'
import { describeWithProcesses, serviceProcess, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { statesWriter, type WriteStates } from './write-states.ts'

const DRAIN_TIMEOUT_MS = 25_000
/** Which no other test asks for on the same topics: what a registry has said of an id is remembered. */
const UNKNOWN_IDS = { registry: 1_888_000_001, redis: 1_888_000_002 } as const
const SERVERS = ['kafka-1', 'registry', 'redis']

describeWithProcesses('bailiff run that is told to end while a server does not answer', () => {
  let environment: BailiffEnvironment
  let writeStates: WriteStates

  beforeAll(async () => {
    environment = environmentOf(services(), `frozen-${process.pid}`)
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    writeStates = await statesWriter()
  })

  afterEach(async () => {
    for (const name of SERVERS) await serviceProcess(name).kill('SIGCONT')
  })

  /** In order, before the drain timeout, and without a word of an error. */
  async function endsInOrder(running: RunningBailiff): Promise<void> {
    const startMs = performance.now()
    expect(await running.stop(), running.stderr).toBe(0)
    expect(performance.now() - startMs).toBeLessThan(DRAIN_TIMEOUT_MS)
    expect(running.stdout).toContain('"msg":"ended"')
    expect(running.stderr).toBe('')
  }

  it.each(['registry', 'redis'] as const)('ends in order while it waits for %s', async (name) => {
    const running = await RunningBailiff.start(['usage', 'enforcement'], environment)
    await running.untilReady()
    await serviceProcess(name).kill('SIGSTOP')
    await writeStates(12)
    // Nobody has registered it.
    await writeStates(12, UNKNOWN_IDS[name])
    await running.untilMissing(new RegExp(`waiting for ${name}`))
    await endsInOrder(running)
  })

  it('ends in order when Kafka has just stopped under its work', async () => {
    const running = await RunningBailiff.start(['usage', 'enforcement'], environment)
    await running.untilReady()
    await writeStates(12)
    await serviceProcess('kafka-1').kill('SIGSTOP')
    await endsInOrder(running)
  })

  it('ends in order while it waits for Kafka', async () => {
    const running = await RunningBailiff.start(['usage', 'enforcement'], environment)
    await running.untilReady()
    await serviceProcess('kafka-1').kill('SIGSTOP')
    await running.untilMissing(/kafka|no contact/)
    await endsInOrder(running)
  })

  it.each(['kafka-1', 'registry'])('ends in order while it waits at its start for %s', async (name) => {
    await serviceProcess(name).kill('SIGSTOP')
    const running = await RunningBailiff.start(['usage', 'enforcement'], environment)
    await running.untilMissing(new RegExp(`waiting for ${name.replace(/-.*/, '')}`))
    await endsInOrder(running)
  })
})
