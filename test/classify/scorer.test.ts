/** The scoring processes: order, death and replacement, refusal, bounds, a clean end. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEFAULT_BUNDLE_FOLDER, readCascade } from '../../src/classify/model/bundle.ts'
import { ScoreSession } from '../../src/classify/score-session.ts'
import {
  NO_SCORING_OBSERVER,
  SCORING_DEFAULTS,
  startScorer,
  type Scorer,
  type ScoringOptions,
} from '../../src/classify/scorer.ts'
import { until } from '../support/until.ts'

const processFile = new URL('./fixtures/mortal-process.ts', import.meta.url)
const stuckFile = new URL('./fixtures/stuck-process.ts', import.meta.url)
const TEXTS = Array.from({ length: 200 }, (_, i) => `order ${i} `.repeat((i % 17) + 1))

let scorer: Scorer | undefined
let folder: string
let deaths: string[]

async function start(options: Partial<ScoringOptions>): Promise<Scorer> {
  const observer = { ...NO_SCORING_OBSERVER, died: (how: string) => void deaths.push(how) }
  const bundleFolder = DEFAULT_BUNDLE_FOLDER
  scorer = await startScorer({ ...SCORING_DEFAULTS, bundleFolder, observer, ...options })
  return scorer
}

beforeEach(async () => {
  deaths = []
  folder = await mkdtemp(join(tmpdir(), 'bailiff-scorer-'))
})
afterEach(async () => {
  await scorer?.close()
  scorer = undefined
  await rm(folder, { recursive: true })
})

/** Processes that this one, or another, started and that still live. */
async function children(owner = process.pid): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => {
    try {
      const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return state !== 'Z' && parent === String(owner)
    } catch {
      return false
    }
  })
}

describe('the scorer', () => {
  it('answers in the order of the texts, whatever was scored with what and where (W1)', async () => {
    const session = await ScoreSession.open(await readCascade(DEFAULT_BUNDLE_FOLDER))
    const together = await (await start({ processes: 2 })).score(TEXTS)
    for (const i of [0, 1, 77, 199]) expect(together[i]).toEqual((await session.score([TEXTS[i] ?? '']))[0])
    await session.release()
  })

  it('survives native crashes: a text with which three processes died is unscored, the rest is not (W3)', async () => {
    const texts = [...TEXTS.slice(0, 40), 'die', ...TEXTS.slice(40, 90)]
    const results = await (await start({ processFile })).score(texts)
    expect(results.map((result) => result === null)).toEqual(texts.map((text) => text === 'die'))
    expect(deaths).toEqual(['SIGSEGV', 'SIGSEGV', 'SIGSEGV'])
    const [afterwards] = await (scorer?.score(['still there']) ?? [])
    expect(afterwards?.scores).toHaveLength(8)
  })

  it('asks again after one death, and the answers are what they would have been (W3)', async () => {
    const texts = ['a quiet text', `die once: ${join(folder, 'mark')}`, 'another quiet text']
    const mortal = await start({ processFile })
    const first = await mortal.score(texts)
    expect(first).not.toContain(null)
    expect(deaths).toHaveLength(1)
    expect(await mortal.score(texts)).toEqual(first)
  })

  it('goes on when somebody kills a busy process from outside (W3)', async () => {
    const before = await children()
    const mortal = await start({ processFile })
    const gate = join(folder, 'gate')
    const asked = mortal.score(['a quiet text', `wait: ${gate}`])
    const [pid] = (await children()).filter((one) => !before.includes(one))
    process.kill(Number(pid), 'SIGKILL')
    await until('its death is told', () => deaths.length > 0, 60_000)
    await writeFile(gate, '')
    expect(await asked).not.toContain(null)
    expect(deaths).toEqual(['SIGKILL'])
  })

  it('takes no notice of a signal to the group: what was asked is answered (O2)', async () => {
    const before = await children()
    const mortal = await start({ processFile })
    const gate = join(folder, 'gate')
    const asked = mortal.score([`wait: ${gate}`])
    const [pid] = (await children()).filter((one) => !before.includes(one))
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.kill(Number(pid), signal)
    await writeFile(gate, '')
    expect(await asked).not.toContain(null)
    expect(deaths).toEqual([])
  })

  it('leaves no process behind when its owner is killed (O1)', async () => {
    const file = fileURLToPath(new URL('./fixtures/lone-owner.ts', import.meta.url))
    const owner = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(owner.stdout, 'data')
    const [pid] = await children(owner.pid)
    owner.kill('SIGKILL')
    await until('it has left', () => !existsSync(`/proc/${pid}`), 60_000)
  })

  it('kills a process that hangs, and its text gets no score (W3, L2)', async () => {
    const before = await children()
    const results = await (await start({ processFile, silenceMs: 1_000 })).score(['a quiet text', 'hang'])
    expect(results.map((result) => result === null)).toEqual([false, true])
    expect(deaths).toEqual(Array<string>(3).fill('silent for 1000 ms'))
    const others = async (): Promise<number> => (await children()).length - before.length
    await until('only the last one lives', async () => (await others()) === 1, 60_000)
  })

  it('gives up a process that never opens its models (W4, L2)', async () => {
    const before = await children()
    const opening = start({
      processFile: stuckFile,
      bundleFolder: join(folder, 'stuck-opening'),
      openMs: 500,
    })
    await expect(opening).rejects.toThrow('no scoring process can start: silent for 500 ms')
    expect(deaths).toHaveLength(3)
    await until('all are gone', async () => (await children()).length === before.length, 60_000)
  })

  it('closes although a process hangs instead of leaving, and kills it (L2)', async () => {
    const before = await children()
    const stuck = await start({ processFile: stuckFile, silenceMs: 250 })
    expect(await stuck.score(['a quiet text'])).toHaveLength(1)
    await stuck.close()
    await until('it is gone', async () => (await children()).length === before.length, 60_000)
  })

  it('finishes what was asked before it closes, takes nothing afterwards and leaves no process (W2)', async () => {
    const before = await children()
    const closing = await start({ processes: 2 })
    const asked = closing.score(TEXTS)
    await closing.close()
    expect(await asked).toHaveLength(TEXTS.length)
    await expect(closing.score(['late'])).rejects.toThrow('closed')
    expect(await children()).toEqual(before)
  })

  it('closes even when a process dies meanwhile', async () => {
    const mortal = await start({ processFile })
    const asked = mortal.score(['die', 'and then'])
    await mortal.close()
    expect((await asked).map((result) => result === null)).toEqual([true, false])
  })

  it('fails loudly when no process can start, and says why (W4)', async () => {
    const stillborn = start({ processFile: new URL('./fixtures/stillborn-process.ts', import.meta.url) })
    await expect(stillborn).rejects.toThrow(/no scoring process can start: exit code 1: .*stillborn/s)
  })

  it('passes on why a bundle was refused', async () => {
    await expect(start({ bundleFolder: folder })).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
      reasons: ['manifest.json cannot be read', 'golden.json cannot be read', 'model.onnx cannot be read'],
    })
  })
})
