/**
 * A Redis that was never there, is as it was left, was set back to an older append-only file, or was emptied: told
 * apart by `bailiff run`, and each time every sanction stands once and every strike is known (section 5).
 *
 * On services of its own: a store is new only where neither the group nor the log of sanctions tells of an owner, and
 * on shared ones any suite that ran before may have left both.
 */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SIGNAL_ID } from '../enforce/support/fixtures.ts'
import { partitionOf } from '../../src/log/murmur2.ts'
import { SAMPLES } from '../codec/samples.ts'
import { bailiff, environmentOf, type BailiffEnvironment } from '../support/bailiff-process.ts'
import { accountLine } from '../support/inference-lines.ts'
import { describeWithProcesses, serviceProcess } from '../support/integration.ts'
import { startOwnProcesses } from '../support/processes.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import type { Started } from '../support/services.ts'
import { until } from '../support/until.ts'
import { KafkaStrangers } from './log-fixtures.ts'

const SANCTIONS = 'abuse.sanctions.v1'
const PARTITIONS = 6
const APPEND_ONLY = 'appendonlydir'

describeWithProcesses('bailiff run on a store', () => {
  let own: Started
  let environment: BailiffEnvironment
  const prefix = `rebuild-${process.pid}`
  const accounts: string[] = []
  let offences = 0

  beforeAll(async () => {
    own = await startOwnProcesses()
    environment = { ...environmentOf(own.services, prefix), BAILIFF_SESSION_TIMEOUT_MS: '6000' }
    const made = await bailiff(['topics'], environment)
    expect(made.exitCode, made.stderr).toBe(0)
  })

  afterAll(() => own.stop())

  /** All of one partition, so that what is found of its store tells of what was done to it. */
  function newAccount(): string {
    for (;;) {
      const accountId = `${prefix}-${offences++}`
      if (partitionOf(Buffer.from(accountId), PARTITIONS) === 0) return accountId
    }
  }

  /** One more account does what a warning follows from. */
  async function offend(): Promise<void> {
    const accountId = newAccount()
    accounts.push(accountId)
    const atMs = Date.now()
    const actor = { accountId, level: 'account', id: accountId } as const
    const detectorId = 'scraping.bulk-harvest'
    const signal = {
      ...SAMPLES['abuse.signals.v1'],
      id: SIGNAL_ID(detectorId, actor, atMs, false),
      detectorId,
      clause: 'fair-use.scraping',
      actor,
      occurredAtMs: atMs,
      windowStartMs: atMs - 3_600_000,
      windowEndMs: atMs,
      pointers: [
        {
          requestId: `request-${accountId}`,
          topic: 'inference.usage.v1',
          partition: 0,
          offset: 1,
          templateHash: null,
        },
      ],
      capability: null,
    }
    await send('accounts.state.v1', accountLine(accountId, atMs - 60_000))
    await send('abuse.signals.v1', `${JSON.stringify(signal)}\n`)
  }

  const send = async (topic: string, lines: string): Promise<void> => {
    const sent = await bailiff(['send', topic], environment, lines)
    expect(sent.exitCode, sent.stderr).toBe(0)
  }

  const linesOf = async (topic: string): Promise<readonly string[]> => {
    const { stdout } = await bailiff(['tail', topic, '--once'], environment)
    return stdout.split('\n').filter((line) => line.includes(prefix))
  }

  /** Runs enforcement until every account so far has its sanction; gives how their task found its store. */
  async function enforce(): Promise<string> {
    const running = await RunningBailiff.start(['enforcement'], environment)
    await running.untilReady()
    await until(
      'every offender is warned',
      async () => (await linesOf(SANCTIONS)).length >= accounts.length,
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${running.stdout}`)
    })
    expect(await running.stop(), running.stdout).toBe(0)
    return /"partition":0,"store":"(\w+)"/.exec(running.stdout)?.[1] ?? 'never acquired'
  }

  /** Everybody once, and nothing that was not there before but for the newest. */
  async function expectEachOnce(): Promise<void> {
    const sanctions = await linesOf(SANCTIONS)
    for (const account of accounts) {
      expect(
        sanctions.filter((line) => line.includes(`"${account}"`)),
        account,
      ).toHaveLength(1)
    }
  }

  async function whileStopped(change: () => void): Promise<void> {
    const redis = serviceProcess('redis', own.services)
    await redis.stop()
    change()
    await redis.start()
  }

  it('that was never there starts for the first time, and resumes what it left', async () => {
    await offend()
    expect(await enforce()).toBe('first')
    await offend()
    expect(await enforce()).toBe('resumed')
    await expectEachOnce()
  })

  it('that was set back to an older append-only file says nothing twice', async () => {
    const folder = own.services.launches.find((launch) => launch.name === 'redis')?.folder ?? ''
    const current = join(folder, APPEND_ONLY)
    const older = join(folder, 'older')
    await whileStopped(() => cpSync(current, older, { recursive: true }))
    await offend()
    expect(await enforce()).toBe('resumed')
    await whileStopped(() => {
      rmSync(current, { recursive: true })
      cpSync(older, current, { recursive: true })
    })
    await offend()
    expect(await enforce()).toBe('rolledBack')
    await expectEachOnce()
  })

  it('that was emptied is rebuilt from the log, though the log of sanctions is gone too', async () => {
    const redis = new Redis(own.services.redisUrl)
    const strangers = new KafkaStrangers(own.services.kafkaBrokers)
    await strangers.connect()
    const told = await linesOf(SANCTIONS)
    const ends = await strangers.admin.fetchTopicOffsets(SANCTIONS)
    for (const { partition, high } of ends) await strangers.trim(SANCTIONS, partition, Number(high))
    await redis.flushall()
    const offender = accounts[0] ?? ''
    accounts.length = 0
    await offend()
    expect(await enforce()).toBe('lost')
    await expectEachOnce()
    expect(await linesOf(SANCTIONS)).toHaveLength(1)
    const stored: string[] = []
    for (let partition = 0; partition < 6; partition++) {
      const cell = await redis.hget(`${prefix}:{enforcement:${partition}}:s:facts`, offender)
      if (cell !== null) stored.push(cell)
    }
    const first: unknown = JSON.parse(told.find((line) => line.includes(`"${offender}"`)) ?? 'null')
    const id = typeof first === 'object' && first !== null && 'id' in first ? String(first.id) : 'none'
    expect(stored).toHaveLength(1)
    expect(stored[0]).toContain(id)
    await redis.quit()
    await strangers.disconnect()
  })
})
