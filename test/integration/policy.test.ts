/**
 * Policy rolled out to four processes on real servers, with the command line alone: live everywhere within five
 * seconds, no window of an unchanged feature lost, what is changed silent until it is warm, a bad bundle without effect.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { signingWith } from '../../src/sign/signature.ts'
import { checkBundle } from '../../src/topology/bundle.ts'
import { usageRecord } from '../detect/harness.ts'
import { bailiff, environmentOf, type BailiffEnvironment, type Finished } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { FIRST, SECOND, writeBundle, writeScenarios, type Rules } from '../support/small-bundle.ts'
import { until } from '../support/until.ts'

const run = process.pid
const PROCESSES = 4
/** Requests of each account while the bundle is published. */
const DURING = 3
const ACCOUNTS = Array.from({ length: 24 }, (_, at) => `rolled-${run}-${at}`)

const signalLine = z.object({
  detectorId: z.string(),
  bundleSha256: z.string().nullable(),
  policyVersion: z.number(),
  actor: z.object({ accountId: z.string() }),
  evidence: z.array(z.object({ name: z.string(), value: z.number() })),
})
const publishedLine = z.object({ version: z.number(), bundleSha256: z.string() })
const shownLine = z.object({ issuedAtMs: z.number() })

describeIntegration('policy that is rolled out', () => {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'))
  const signers = join(folder, 'signers.json')
  const scenarios = join(folder, 'scenarios')
  let environment: BailiffEnvironment
  let running: readonly RunningBailiff[] = []
  /** The version that was published last. */
  let newest = 0
  let published: z.infer<typeof publishedLine> = { version: 0, bundleSha256: '' }

  const bundle = (name: string, rules: Rules): string => writeBundle(join(folder, name), rules)

  const byAnn = (...args: readonly string[]): Promise<Finished> =>
    bailiff(args, { ...environment, BAILIFF_SIGNING_KEY_FILE: join(folder, 'ann') })
  const publish = (own: string): Promise<Finished> =>
    byAnn('policy', 'publish', own, '--scenarios', scenarios, '--reason', 'a test', '--json')

  beforeAll(async () => {
    writeScenarios(scenarios)
    environment = {
      ...environmentOf(services(), `policy-${run}`),
      BAILIFF_SIGNERS: signers,
      BAILIFF_TOPOLOGIES: bundle('first', FIRST),
    }
    expect(await bailiff(['topics'], environment)).toMatchObject({ exitCode: 0 })
    const newKey = ['keys', 'new', 'ann', '--private', join(folder, 'ann'), '--signers', signers]
    expect(await bailiff(newKey, environment)).toMatchObject({ exitCode: 0 })
    running = await Promise.all(
      Array.from({ length: PROCESSES }, () => RunningBailiff.start(['usage'], environment)),
    )
    for (const one of running) await one.untilReady()
  }, 240_000)
  afterAll(() => Promise.all(running.map((one) => one.stop())), 60_000)

  let sent = 0
  async function send(model: string, each: number): Promise<void> {
    const lines = ACCOUNTS.flatMap((accountId) =>
      Array.from({ length: each }, () => {
        const record = usageRecord(Date.now(), ++sent, { accountId, model, keyId: `${accountId}-key` })
        return `${JSON.stringify({ ...record, eventId: `${run}-${sent}`, requestId: `${run}-${sent}` })}\n`
      }),
    )
    const { exitCode, stderr } = await bailiff(['send', 'inference.usage.v1'], environment, lines.join(''))
    expect(exitCode, stderr).toBe(0)
  }

  /** The sum of a metric's series of `usage` in one process. */
  async function metric(of: RunningBailiff, name: string): Promise<number> {
    const { body } = await of.get('/metrics')
    const series = body
      .split('\n')
      .filter((line) => line.startsWith(`bailiff_${name}{`) && line.includes('"usage"'))
    return series.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }

  async function total(name: string): Promise<number> {
    const each = await Promise.all(running.map((one) => metric(one, name)))
    return each.reduce((sum, one) => sum + one, 0)
  }

  async function runs(one: RunningBailiff, version: number): Promise<boolean> {
    return (await one.get('/metrics')).body.includes(
      `bailiff_policy_info{topology="usage",version="${version}"`,
    )
  }

  async function signals(): Promise<readonly z.infer<typeof signalLine>[]> {
    const { stdout } = await bailiff(['tail', 'abuse.signals.v1', '--once'], environment)
    const lines = stdout.split('\n').filter((line) => line.includes(`rolled-${run}-`))
    return lines.map((line) => signalLine.parse(JSON.parse(line)))
  }

  const of = async (detectorId: string) => (await signals()).filter((one) => one.detectorId === detectorId)

  it('is live in all processes within five seconds', async () => {
    await send('kept', 20)
    await send('changed', 10)
    const consumed = 'records_consumed_total'
    await until('all is counted', async () => (await total(consumed)) >= ACCOUNTS.length * 30, 60_000)
    const before = await total('takeovers_total')
    const tasks = await total('tasks')
    expect(tasks).toBeGreaterThanOrEqual(PROCESSES)
    let liveAtMs = 0
    const live = (async () => {
      const everywhere = async (): Promise<boolean> =>
        (await total('takeovers_total')) >= before + tasks && (await total('tasks')) === tasks
      await until('every task goes on', everywhere, 120_000)
      liveAtMs = Date.now()
    })()
    const underLoad = (async () => {
      for (let round = 0; round < DURING; round++) await send('kept', 1)
    })()
    const { stdout, stderr, exitCode } = await publish(bundle('second', SECOND))
    await underLoad
    expect(exitCode, stderr).toBe(0)
    published = publishedLine.parse(JSON.parse(stdout))
    await live
    for (const one of running) expect(await runs(one, published.version)).toBe(true)
    const shown = await byAnn('policy', 'show', String(published.version), '--json')
    const tookMs = liveAtMs - shownLine.parse(JSON.parse(shown.stdout)).issuedAtMs
    expect(tookMs, `${tasks} tasks`).toBeLessThan(5_000)
  }, 240_000)

  it('loses no window of an unchanged feature, and names itself in every signal', async () => {
    // One less than the limit: whatever was counted twice at the switch would be told now, and what was lost never.
    await send('kept', 9 - DURING)
    await until('all is counted', async () => (await total('records_consumed_total')) >= sent, 60_000)
    expect(await of('roll.kept')).toEqual([])
    await send('kept', 1)
    const all = async (): Promise<boolean> => (await of('roll.kept')).length >= ACCOUNTS.length
    await until('every account is told of', all, 60_000)
    const told = await of('roll.kept')
    // Every account, and each once: nothing is lost at the switch, or told twice.
    expect(told.map(({ actor }) => actor.accountId).sort()).toEqual([...ACCOUNTS].sort())
    for (const { bundleSha256, policyVersion, evidence } of told) {
      expect({ bundleSha256, policyVersion }).toEqual({
        bundleSha256: published.bundleSha256,
        policyVersion: 1,
      })
      expect(evidence).toEqual([{ name: 'kept_1h', value: 30 }])
    }
  }, 120_000)

  it('is silent where it reads what is changed until that is warm', async () => {
    await send('changed', 10)
    const told = async (): Promise<boolean> => {
      await send('fresh', 4)
      return (await of('roll.fresh')).length >= ACCOUNTS.length
    }
    await until('what has a short window is warm', told, 90_000)
    expect(new Set((await of('roll.fresh')).map((one) => one.bundleSha256))).toEqual(
      new Set([published.bundleSha256]),
    )
    expect(await of('roll.changed')).toEqual([])
  }, 180_000)

  it('is refused before it is published where a check or a scenario fails, with their messages', async () => {
    const misspelt = bundle('misspelt', { ...SECOND, misspelt: true })
    const unchecked = await publish(misspelt)
    expect(unchecked).toMatchObject({ exitCode: 1, stdout: '' })
    expect(unchecked.stderr).toMatch(/usage\.yaml:\d+:\d+.*ketp_1h/)
    const untrue = await publish(bundle('untrue', { ...SECOND, fresh: 50 }))
    expect(untrue).toMatchObject({ exitCode: 1, stdout: '' })
    expect(untrue.stderr).toContain('roll.fresh: fires 0')
  }, 120_000)

  /** A bundle whose window is longer than the topic keeps, and what says that it kept enough. */
  function longWindow(): { readonly own: string; readonly schemas: string } {
    const own = bundle('long', SECOND)
    const usage = readFileSync(join(own, 'usage.yaml'), 'utf8')
    const long = 'features:\n  long_60d: { count: usage, window: 60d }\n'
    writeFileSync(join(own, 'usage.yaml'), usage.replace('features:\n', long))
    const schemas = join(folder, 'schemas')
    cpSync('schemas', schemas, { recursive: true })
    const table = readFileSync(join(schemas, 'topics.yaml'), 'utf8')
    writeFileSync(join(schemas, 'topics.yaml'), table.replaceAll('retention: 30d', 'retention: 90d'))
    return { own, schemas }
  }

  it('is refused where a topic really keeps less than a window needs; what runs so already is warned of', async () => {
    const { own, schemas } = longWindow()
    const words = ['policy', 'publish', own, '--scenarios', scenarios, '--reason', 'a test']
    const key = { BAILIFF_SIGNING_KEY_FILE: join(folder, 'ann'), BAILIFF_SCHEMAS: schemas }
    const { exitCode, stdout, stderr } = await bailiff(words, { ...environment, ...key })
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toMatch(/long_60d reaches back 60d, .*: more than the 30d that inference\.usage\.v1 keeps/)
    expect(stderr).toContain('not published: lengthen retention.ms of the topic')
    const alone = { ...environmentOf(services(), `long-${run}`), BAILIFF_TOPOLOGIES: own }
    const one = await RunningBailiff.start(['usage'], alone)
    try {
      await one.untilReady()
      await one.untilSaid(/"level":40.*long_60d reaches back 60d/)
    } finally {
      await one.stop()
    }
  }, 180_000)

  it('is what doctor looks at, unless it is asked for what stands in the files', async () => {
    const published12 = published.bundleSha256.slice(0, 12)
    const told = await bailiff(['doctor', '--records', '10'], environment)
    expect(told.stdout).toContain(
      `looking at version ${published.version}, as published: bundle ${published12}\n`,
    )
    const own = await bailiff(['doctor', '--records', '10', '--own'], environment)
    expect(own.stdout).toContain(`looking at the topologies in ${join(folder, 'first')}: bundle `)
  }, 120_000)

  /** Puts a bundle on the control topic past every check of `publish`, rightly signed. */
  async function force(
    version: number,
    bundleSha256: string,
    files: ReadonlyMap<string, string>,
  ): Promise<void> {
    const signing = await signingWith(readFileSync(join(folder, 'ann'), 'utf8'))
    const forced = await signing.sign({
      id: `policy/${version}/forced`,
      version,
      issuedBy: 'ann',
      issuedAtMs: Date.now(),
      reason: 'past every check',
      expiresAtMs: null,
      policy: {
        policyVersion: 1,
        bundleSha256,
        approvedBy: ['ann'],
        files: [...files].map(([name, text]) => ({ name, text })),
        tested: { scenarios: 12, scenariosSha256: 'b'.repeat(64) },
      },
      killSwitch: null,
      list: null,
      signature: null as string | null,
    })
    const line = `${JSON.stringify(forced)}\n`
    expect(await bailiff(['send', 'bailiff.control.v1'], environment, line)).toMatchObject({ exitCode: 0 })
  }

  /** What runs, by the names of its files. */
  async function filesOf(version: number): Promise<ReadonlyMap<string, string>> {
    const shown = await byAnn('policy', 'show', String(version), '--json')
    const { files } = z
      .object({ files: z.array(z.object({ name: z.string(), text: z.string() })) })
      .parse(JSON.parse(shown.stdout))
    return new Map(files.map(({ name, text }) => [name, text]))
  }

  it('changes nothing where it is bad, and every process says why', async () => {
    const files = await filesOf(published.version)
    const misspelt = [...files].map(
      ([name, text]) => [name, text.replace('when: kept_1h', 'when: ketp_1h')] as const,
    )
    const before = await total('takeovers_total')
    await force(published.version + 1, 'a'.repeat(64), new Map(misspelt))
    const told = async (): Promise<boolean> => (await total('policies_refused_total')) === PROCESSES
    await until('every process refuses it', told, 60_000)
    for (const one of running) {
      expect(await runs(one, published.version)).toBe(true)
      await one.untilSaid(/usage\.yaml:\d+:\d+.*ketp_1h/)
    }
    // No task ended for it.
    expect(await total('takeovers_total')).toBe(before)
  }, 120_000)

  it('is what a process starts with that starts later, whatever its own files are', async () => {
    const later = await RunningBailiff.start(['usage'], environment)
    try {
      await later.untilReady()
      expect(await runs(later, published.version)).toBe(true)
    } finally {
      await later.stop()
    }
  }, 120_000)

  it('is rolled back by publishing what was there before', async () => {
    const third = publishedLine.parse(JSON.parse((await publish(bundle('third', FIRST))).stdout))
    const back = await byAnn('policy', 'roll-back', String(published.version), '--reason', 'a test', '--json')
    const rolled = publishedLine.parse(JSON.parse(back.stdout))
    expect(rolled).toEqual({ version: third.version + 1, bundleSha256: published.bundleSha256 })
    for (const one of running) await until('it is back', () => runs(one, rolled.version), 60_000)
    const { stdout } = await byAnn('policy', 'list')
    expect(stdout.split('\n')[0]).toMatch(
      new RegExp(`${rolled.version} +${rolled.bundleSha256.slice(0, 12)}`),
    )
    newest = rolled.version
  }, 120_000)

  it('is rolled back with a warning where a topic has come to keep less than a window needs', async () => {
    const files = new Map(
      readdirSync(longWindow().own).map((name) => [name, readFileSync(join(folder, 'long', name), 'utf8')]),
    )
    const { bundle: long } = checkBundle(files, null)
    expect(long).not.toBeNull()
    await force(newest + 1, long?.sha256 ?? '', files)
    const heard = async (): Promise<boolean> =>
      (await byAnn('policy', 'show', String(newest + 1), '--json')).exitCode === 0
    await until('it is on the topic', heard, 60_000)
    const back = await byAnn('policy', 'roll-back', String(newest + 1), '--reason', 'a test', '--json')
    expect(back.exitCode, back.stderr).toBe(0)
    expect(back.stderr).toMatch(
      /^warning: .*long_60d reaches back 60d, .*more than the 30d that inference\.usage\.v1 keeps; lengthen retention\.ms/m,
    )
    expect(publishedLine.parse(JSON.parse(back.stdout))).toEqual({
      version: newest + 2,
      bundleSha256: long?.sha256,
    })
  }, 120_000)
})
