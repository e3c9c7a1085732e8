/**
 * Servers that are killed under a running pipeline and come back on the same folders: it says what is missing,
 * stays alive, and goes on by itself (P8).
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { bailiff, environmentOf, type BailiffEnvironment } from '../support/bailiff-process.ts'
import { describeWithProcesses, serviceProcess, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { until } from '../support/until.ts'
import { statesWriter, type WriteStates } from './write-states.ts'

const SERVERS = ['kafka-1', 'registry', 'redis']

describeWithProcesses('bailiff run while a server is away', () => {
  let environment: BailiffEnvironment
  let running: RunningBailiff
  let writeStates: WriteStates

  beforeAll(async () => {
    environment = {
      ...environmentOf(services(), `outage-${process.pid}`),
      BAILIFF_SESSION_TIMEOUT_MS: '6000',
    }
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
    writeStates = await statesWriter()
    running = await RunningBailiff.start([], environment)
    await running.untilReady()
  })

  afterEach(async () => {
    for (const name of SERVERS) await serviceProcess(name).start()
  })

  afterAll(async () => {
    expect(await running.stop()).toBe(0)
  })

  const processed = async (): Promise<number> => {
    const { body } = await running.get('/metrics')
    const line = /bailiff_records_consumed_total\{topology="enforcement",topic="accounts.state.v1"\} (\d+)/
    return Number(line.exec(body)?.[1] ?? '0')
  }

  async function worksOn(from: number, records: number): Promise<void> {
    await until(`${records} more are processed`, async () => (await processed()) >= from + records, 60_000)
    await running.untilReady()
    expect(running.alive).toBe(true)
  }

  it('is not ready without Redis although nothing comes, and is again with it', async () => {
    await serviceProcess('redis').kill('SIGKILL')
    await running.untilMissing(/waiting for redis/)
    await serviceProcess('redis').start()
    await running.untilReady()
    expect(running.alive).toBe(true)
  })

  it('waits for Redis and goes on', async () => {
    const before = await processed()
    await serviceProcess('redis').kill('SIGKILL')
    await writeStates(6)
    await running.untilMissing(/waiting for redis/)
    await serviceProcess('redis').start()
    await writeStates(6)
    await worksOn(before, 12)
  })

  it('waits for the registry where a schema is new, and goes on', async () => {
    const before = await processed()
    await serviceProcess('registry').kill('SIGKILL')
    // With the schemas that it knows it works on.
    await writeStates(6)
    await worksOn(before, 6)
    await writeStates(1, 1_999_999_999)
    await running.untilMissing(/waiting for registry/)
    await serviceProcess('registry').start()
    await writeStates(6)
    await worksOn(before, 12)
    await running.untilSaid(/"reason":"unknownSchema"/)
  })

  it('waits for the broker and goes on', async () => {
    const before = await processed()
    await serviceProcess('kafka-1').kill('SIGKILL')
    await running.untilMissing(/kafka|no contact with its group/)
    await serviceProcess('kafka-1').start()
    await writeStates(6)
    await worksOn(before, 6)
  })

  it('waits at its start for what is away, then becomes ready', async () => {
    await running.stop()
    for (const name of ['redis', 'registry']) await serviceProcess(name).kill('SIGKILL')
    running = await RunningBailiff.start([], environment)
    await running.untilMissing(/waiting for redis/)
    await serviceProcess('redis').start()
    await running.untilMissing(/waiting for registry/)
    await serviceProcess('registry').start()
    await running.untilReady()
  })

  it('ends at once and in order when it is stopped while it waits at its start', async () => {
    await running.stop()
    await serviceProcess('redis').kill('SIGKILL')
    running = await RunningBailiff.start([], environment)
    await running.untilMissing(/waiting for redis/)
    expect(await running.stop()).toBe(0)
    await serviceProcess('redis').start()
    running = await RunningBailiff.start([], environment)
    await running.untilReady()
  })
})
