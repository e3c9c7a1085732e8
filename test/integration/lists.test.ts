/** A list of accounts on real servers, with the command line alone: declared by a topology, published, asked for. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { usageRecord } from '../detect/harness.ts'
import { bailiff, environmentOf, type BailiffEnvironment, type Finished } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { FIRST, writeBundle, writeScenarios } from '../support/small-bundle.ts'
import { until } from '../support/until.ts'

const run = process.pid
const LISTED = `listed-${run}`
const OTHER = `other-${run}`

const signalLine = z.object({
  detectorId: z.string(),
  actor: z.object({ accountId: z.string() }),
  broadcastOffsets: z.record(z.string(), z.number()),
})

/** The small bundle, with one detector that asks for a list. */
function bundleThatAsks(folder: string): string {
  const usage = join(writeBundle(folder, FIRST), 'usage.yaml')
  const text = readFileSync(usage, 'utf8')
    .replace('features:', 'lists: { watched: those who are looked at }\nfeatures:')
    .replace('when: fresh_5s >= 3', 'when: fresh_5s >= 3 && lists.watched')
  writeFileSync(usage, text)
  return folder
}

describeIntegration('a list of accounts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lists-'))
  const signers = join(folder, 'signers.json')
  let environment: BailiffEnvironment
  let running: RunningBailiff

  const byAnn = (...args: readonly string[]): Promise<Finished> =>
    bailiff(args, { ...environment, BAILIFF_SIGNING_KEY_FILE: join(folder, 'ann') })
  const set = (name: string, ...accounts: readonly string[]): Promise<Finished> =>
    byAnn('list', 'set', name, ...accounts, '--reason', 'a test', '--for', '1h')

  beforeAll(async () => {
    environment = {
      ...environmentOf(services(), `lists-${run}`),
      BAILIFF_SIGNERS: signers,
      BAILIFF_TOPOLOGIES: bundleThatAsks(join(folder, 'bundle')),
    }
    expect(await bailiff(['topics'], environment)).toMatchObject({ exitCode: 0 })
    const newKey = ['keys', 'new', 'ann', '--private', join(folder, 'ann'), '--signers', signers]
    expect(await bailiff(newKey, environment)).toMatchObject({ exitCode: 0 })
    running = await RunningBailiff.start(['usage'], environment)
    await running.untilReady()
  }, 240_000)
  afterAll(() => running.stop(), 60_000)

  let sent = 0
  async function send(): Promise<void> {
    const lines = [LISTED, OTHER].flatMap((accountId) =>
      Array.from({ length: 4 }, () => {
        const record = usageRecord(Date.now(), ++sent, { accountId, model: 'fresh' })
        return `${JSON.stringify({ ...record, eventId: `${run}-${sent}`, requestId: `${run}-${sent}` })}\n`
      }),
    )
    const { exitCode, stderr } = await bailiff(['send', 'inference.usage.v1'], environment, lines.join(''))
    expect(exitCode, stderr).toBe(0)
  }

  async function signals(): Promise<readonly z.infer<typeof signalLine>[]> {
    const { stdout } = await bailiff(['tail', 'abuse.signals.v1', '--once'], environment)
    const lines = stdout.split('\n').filter((line) => line.includes(`-${run}`))
    return lines.map((line) => signalLine.parse(JSON.parse(line)))
  }

  it('that no topology declares is not published, and what was meant is said', async () => {
    const { exitCode, stderr } = await set('wached', LISTED)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('did you mean watched?')
    expect(await byAnn('list', 'show', 'watched')).toMatchObject({ exitCode: 1, stdout: '' })
  }, 60_000)

  it('that nobody has published makes blind who asks for it, and doctor and the metrics say so', async () => {
    await send()
    const { stdout } = await bailiff(['doctor'], environment)
    expect(stdout).toMatch(/lists\.watched +nobody has published it/)
    expect(stdout).toMatch(/roll\.fresh +blind +lists\.watched of bailiff\.control\.v1 is known never/)
    expect((await running.get('/metrics')).body).toMatch(/^bailiff_list_expires_\S*watched\S* 0$/m)
  }, 60_000)

  it('is asked for from when it is published, of those who are on it alone', async () => {
    await send()
    const consumed = async (): Promise<boolean> =>
      /^bailiff_records_consumed_total\{[^}]*"usage"[^}]*\} [1-9]/m.test((await running.get('/metrics')).body)
    await until('it is judged', consumed, 60_000)
    expect(await set('watched', LISTED)).toMatchObject({ exitCode: 0 })
    const told = async (): Promise<boolean> => {
      await send()
      return (await signals()).length > 0
    }
    await until('who is on it is told of', told, 90_000)
    for (const { detectorId, actor, broadcastOffsets } of await signals()) {
      expect({ detectorId, accountId: actor.accountId }).toEqual({
        detectorId: 'roll.fresh',
        accountId: LISTED,
      })
      expect(broadcastOffsets['bailiff.control.v1/0']).toBeGreaterThan(0)
    }
    expect(await byAnn('list', 'show', 'watched')).toMatchObject({ exitCode: 0, stdout: `${LISTED}\n` })
    expect((await bailiff(['doctor'], environment)).stdout).toMatch(/lists\.watched +runs out soon, on /)
    const hasEnd = async (): Promise<boolean> =>
      /^bailiff_list_expires_\S*watched\S* 1\d{9}/m.test((await running.get('/metrics')).body)
    await until('the metrics tell its end', hasEnd, 60_000)
  }, 180_000)

  it('is replaced whole', async () => {
    expect(await set('watched', OTHER)).toMatchObject({ exitCode: 0 })
    expect(await byAnn('list', 'show', 'watched')).toMatchObject({ exitCode: 0, stdout: `${OTHER}\n` })
    const told = async (): Promise<boolean> => {
      await send()
      return (await signals()).some(({ actor }) => actor.accountId === OTHER)
    }
    await until('who is on it now is told of', told, 90_000)
  }, 120_000)

  it('is declared by the bundle that runs, whatever the own files say', async () => {
    const [published, scenarios] = [writeBundle(join(folder, 'published'), FIRST), join(folder, 'scenarios')]
    writeScenarios(scenarios)
    const usage = join(published, 'usage.yaml')
    const text = readFileSync(usage, 'utf8')
    writeFileSync(usage, text.replace('features:', 'lists: { late: those who came late }\nfeatures:'))
    const said = ['--scenarios', scenarios, '--reason', 'a test']
    expect(await byAnn('policy', 'publish', published, ...said)).toMatchObject({ exitCode: 0 })
    expect(await set('late', OTHER)).toMatchObject({ exitCode: 0 })
    const { exitCode, stderr } = await set('watched', OTHER)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('The bundle that runs has no list watched; there are: late')
  }, 120_000)
})
