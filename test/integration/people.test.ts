/**
 * People at work on real servers, with the command line alone: cases, signed decisions of two people, a kill switch, a
 * bulk reversal, and what an account's page says.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { accountActor } from '../../src/domain/actor.ts'
import { uuidV5 } from '../../src/domain/ids.ts'
import { accountState, signalOf } from '../enforce/support/fixtures.ts'
import { bailiff, environmentOf, type BailiffEnvironment, type Finished } from '../support/bailiff-process.ts'
import { describeIntegration, services } from '../support/integration.ts'
import { RunningBailiff } from '../support/running-bailiff.ts'
import { until } from '../support/until.ts'

const run = process.pid
const KNOWN_MEDIA = { clause: 'prohibited.csam', detectorId: 'csam.known-media' }
const EXACT = { evidence: [{ name: 'exactMatch', value: 1 }] }
const caseLine = z.object({ id: z.string(), accountId: z.string(), votes: z.array(z.string()) })
const sanctionLine = z.object({
  id: z.string(),
  accountId: z.string(),
  act: z.string(),
  decidedBy: z.array(z.string()),
  endsSanctionId: z.string().nullable(),
})
const controlLine = z.object({ issuedAtMs: z.number() })

describeIntegration('people who decide', () => {
  const folder = mkdtempSync(join(tmpdir(), 'people-'))
  const signers = join(folder, 'signers.json')
  const account = (name: string): string => `${name}-${run}`
  const beganMs = Date.now()
  let environment: BailiffEnvironment
  let running: RunningBailiff

  const as = (person: string): BailiffEnvironment => ({
    ...environment,
    BAILIFF_SIGNING_KEY_FILE: join(folder, person),
  })
  const by = (person: string, ...args: readonly string[]): Promise<Finished> => bailiff(args, as(person))

  beforeAll(async () => {
    environment = { ...environmentOf(services(), `people-${run}`), BAILIFF_SIGNERS: signers }
    expect(await bailiff(['topics'], environment)).toMatchObject({ exitCode: 0 })
    for (const person of ['ann', 'ben'])
      expect(
        await bailiff(
          ['keys', 'new', person, '--private', join(folder, person), '--signers', signers],
          environment,
        ),
      ).toMatchObject({ exitCode: 0 })
    running = await RunningBailiff.start(['enforcement'], environment)
    await running.untilReady()
  }, 180_000)
  afterAll(() => running.stop())

  async function send(topic: string, ...values: readonly unknown[]): Promise<void> {
    const lines = values.map((value) => `${JSON.stringify(value)}\n`).join('')
    expect(await bailiff(['send', topic], environment, lines)).toMatchObject({ exitCode: 0 })
  }

  async function accuse(
    name: string,
    shape: Parameters<typeof signalOf>[0],
    is: Parameters<typeof accountState>[0] = {},
  ): Promise<void> {
    const accountId = account(name)
    const state = accountState({ accountId, createdAtMs: beganMs - 1e10, updatedAtMs: beganMs, ...is })
    if (state.kind === 'accountState') await send('accounts.state.v1', state.state)
    const signal = signalOf({ ...shape, actor: accountActor(accountId), atMs: Date.now() })
    await send('abuse.signals.v1', { ...signal, id: uuidV5(signal.id, 'people', run) })
  }

  async function sanctionsOf(name: string) {
    const { stdout } = await bailiff(['tail', 'abuse.sanctions.v1', '--once'], environment)
    const lines = stdout.split('\n').filter((line) => line.includes(account(name)))
    return lines.map((line) => sanctionLine.parse(JSON.parse(line)))
  }

  const untilSanctioned = (name: string, act: string): Promise<void> =>
    until(`${name}: ${act}`, async () => (await sanctionsOf(name)).some((one) => one.act === act), 60_000)

  async function caseOf(name: string) {
    const { stdout } = await by('ann', 'review', 'list', '--account', account(name), '--json')
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => caseLine.parse(JSON.parse(line)))
  }

  const terminate = (person: string, caseId: string): Promise<Finished> =>
    by(
      person,
      'review',
      'decide',
      caseId,
      '--kind',
      'terminate',
      '--reason',
      'looked into it',
      '--saw-content',
    )

  it('terminates when two different people have signed it, and not before', async () => {
    await accuse('grave', { ...KNOWN_MEDIA, more: EXACT }, { organizationId: 'organisation-of-grave' })
    await untilSanctioned('grave', 'suspension')
    const [open] = await caseOf('grave')
    const id = open?.id ?? ''
    expect(await terminate('ann', id)).toMatchObject({ exitCode: 0 })
    expect(await terminate('ann', id.slice(0, 12))).toMatchObject({ exitCode: 0 })
    expect(await caseOf('grave')).toMatchObject([{ id, votes: ['ann: terminate'] }])
    expect((await sanctionsOf('grave')).map(({ act }) => act)).toEqual(['suspension'])
    expect(await terminate('ben', id)).toMatchObject({ exitCode: 0 })
    await untilSanctioned('grave', 'termination')
    expect((await sanctionsOf('grave')).at(-1)?.decidedBy).toEqual(['ann', 'ben'])
    expect(await caseOf('grave')).toEqual([])
  }, 240_000)

  it('sets what nobody has signed aside, with the reason', async () => {
    const unsigned = {
      id: `unsigned-${run}`,
      accountId: account('grave'),
      kind: 'reverse',
      decidedBy: 'ann',
      decidedAtMs: Date.now(),
      reason: 'no reason',
      sawContent: true,
    }
    await send('abuse.decisions.v1', unsigned)
    const dead = async (): Promise<boolean> =>
      (await bailiff(['tail', 'dlq.abuse.decisions.v1', '--once'], environment)).stdout.includes('"unsigned"')
    await until('the decision is set aside', dead, 60_000)
  }, 120_000)

  it('stops a clause within two seconds, and what comes meanwhile leads to nothing', async () => {
    const engaged = async (): Promise<boolean> =>
      /^bailiff_kill_switches\S* [1-9]/m.test((await running.get('/metrics')).body)
    const misspelt = ['switch', 'off', '--detector', 'scraping.bulk-harvst', '--reason', 'it fires']
    const refused = await by('ann', ...misspelt)
    expect(refused.exitCode).toBe(2)
    expect(refused.stderr).toContain('did you mean scraping.bulk-harvest?')
    let effectiveAtMs = 0
    const seen = until('the switch is engaged', engaged, 60_000).then(() => (effectiveAtMs = Date.now()))
    const switched = await by(
      'ann',
      ...['switch', 'off', '--clause', 'fair-use.scraping', '--reason', 'it fires on everybody', '--json'],
    )
    await seen
    const tookMs = effectiveAtMs - controlLine.parse(JSON.parse(switched.stdout)).issuedAtMs
    expect(tookMs).toBeLessThanOrEqual(2_000)
    await accuse('stopped', {})
    await accuse('witness', { ...KNOWN_MEDIA, more: EXACT })
    await untilSanctioned('witness', 'suspension')
    await by('ann', 'switch', 'on', '--clause', 'fair-use.scraping', '--reason', 'mended')
    await until('the switch is released', async () => !(await engaged()), 60_000)
    await accuse('running', {})
    await untilSanctioned('running', 'warning')
    expect(await sanctionsOf('stopped')).toEqual([])
  }, 240_000)

  it('reverses in bulk what a detector did: counted first, once', async () => {
    const args = ['reverse', '--detector', 'csam.known-media', '--version', '3', '--json']
    const since = ['--from', new Date(beganMs).toISOString(), '--reason', 'a bad list entry']
    const dry = await by('ann', ...args, ...since, '--dry-run')
    expect(JSON.parse(dry.stdout)).toMatchObject({ accounts: 2, dryRun: true })
    expect(await by('ann', ...args, ...since)).toMatchObject({ exitCode: 0 })
    await untilSanctioned('witness', 'reversal')
    await untilSanctioned('grave', 'reversal')
    expect(JSON.parse((await by('ann', ...args, ...since)).stdout)).toMatchObject({ sanctionIds: [] })
  }, 240_000)

  it('releases in bulk what was held, by what it rests on', async () => {
    await accuse('protected', {}, { protected: true })
    await until('it is held', async () => (await caseOf('protected')).length === 1, 60_000)
    const held = ['--held', 'protectedAccount', '--reason', 'looked into it', '--json']
    const none = await by('ann', 'review', 'discard', ...held, '--detector', 'nobody', '--dry-run')
    expect(JSON.parse(none.stdout)).toMatchObject({ cases: [] })
    expect(await by('ann', 'review', 'release', ...held)).toMatchObject({ exitCode: 0 })
    await untilSanctioned('protected', 'warning')
    expect((await sanctionsOf('protected'))[0]?.decidedBy).toEqual(['ann'])
  }, 240_000)

  it('sends to people what they have snoozed, and shows the snooze', async () => {
    const snooze = [
      'snooze',
      account('snoozed'),
      '--detector',
      'scraping.bulk-harvest',
      '--reason',
      'they test',
    ]
    expect(await by('ann', ...snooze)).toMatchObject({ exitCode: 2 })
    expect(await by('ann', ...snooze, '--for', '7d')).toMatchObject({ exitCode: 0 })
    await accuse('snoozed', {})
    const held = async (): Promise<boolean> => (await caseOf('snoozed')).length === 1
    await until('it is held', held, 60_000)
    expect(await sanctionsOf('snoozed')).toEqual([])
    const { stdout } = await by('ann', 'account', 'show', account('snoozed'))
    expect(stdout).toContain('in force: snooze of scraping.bulk-harvest, until')
    expect(stdout).toContain('case: snoozed')
  }, 120_000)

  it('tells the log in the words of others', async () => {
    const lines = async (format: string): Promise<string> =>
      (await by('ann', 'export', '--as', format, '--from', new Date(beganMs).toISOString())).stdout
    expect(await lines('dsa')).toContain('"category":"STATEMENT_CATEGORY_PROTECTION_OF_MINORS"')
    expect(await lines('ssf')).toContain(`"id":"${account('grave')}"`)
    expect(await lines('ocsf')).toContain('"class_uid":2004')
    expect(await lines('transparency')).toContain('"act":"termination"')
  }, 120_000)

  it('shows an account to people, and to its subject only what they may see', async () => {
    const whole = await by('ann', 'account', 'show', account('grave'))
    expect(whole.stdout).toContain('nothing is in force')
    expect(whole.stdout).toContain('organisation: organisation-of-grave')
    expect(whole.stdout).toContain('linked accounts: not known yet')
    expect(whole.stdout).not.toContain('no reason')
    expect(whole.stdout).toContain('csam.known-media v3')
    expect(whole.stdout).toContain('terminate by ann, content seen: looked into it')
    const told = await by('ann', 'account', 'show', account('grave'), '--subject', '--json')
    expect(told.stdout).toContain('"act":"termination"')
    for (const hidden of [
      'csam',
      'detector',
      'signal',
      'ann',
      'looked into it',
      'rganisation',
      'organization',
      'linked',
    ])
      expect(told.stdout).not.toContain(hidden)
    expect(await by('ann', 'account', 'show', account('nobody'))).toMatchObject({ exitCode: 1 })
  }, 120_000)
})
