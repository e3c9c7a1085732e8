/** The set of signers' keys as it changes: added, taken out, damaged, gone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/domain/clock.ts'
import { RefusedError, TransientError } from '../../src/engine/errors.ts'
import { KeySource } from '../../src/sign/key-source.ts'
import { newKey, type NewKey } from '../../src/sign/new-key.ts'

const START_MS = Date.UTC(2026, 10, 26)
const FRESH_MS = 30_000
const MOST_STALE_MS = 600_000

describe('the set of signers', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'signers-')), 'signers.json')
  let [ann, ben]: NewKey[] = []
  let clock: ManualClock
  let keys: KeySource

  beforeAll(async () => {
    ann = await newKey('ann', null)
    ben = await newKey('ben', null)
  })

  beforeEach(() => {
    clock = new ManualClock(START_MS)
    keys = new KeySource(file, clock)
    put(ann)
  })

  const put = (...some: readonly (NewKey | undefined)[]): void =>
    writeFileSync(file, JSON.stringify({ keys: some.map((key) => key?.publicKey) }))
  const after = (ms: number): void => clock.advanceTo(START_MS + ms)
  const personOf = async (key: NewKey | undefined): Promise<string | undefined> =>
    (await keys.signer(String(key?.publicKey['kid'])))?.person

  it('is asked again for a key that nobody knows, once it is no longer fresh', async () => {
    expect(await personOf(ann)).toBe('ann')
    put(ann, ben)
    expect(await personOf(ben)).toBeUndefined()
    after(FRESH_MS)
    expect(await personOf(ben)).toBe('ben')
  })

  it('forgets a key that was taken out, without a restart', async () => {
    expect(await personOf(ann)).toBe('ann')
    put(ben)
    after(FRESH_MS)
    expect(await personOf(ann)).toBeUndefined()
  })

  it('stays in force while what is there now is damaged or gone, and not for ever', async () => {
    expect(await personOf(ann)).toBe('ann')
    writeFileSync(file, 'damaged')
    after(FRESH_MS)
    expect(await personOf(ann)).toBe('ann')
    rmSync(file)
    after(MOST_STALE_MS)
    expect(await personOf(ann)).toBe('ann')
    after(MOST_STALE_MS + FRESH_MS)
    await expect(personOf(ann)).rejects.toBeInstanceOf(TransientError)
    await expect(personOf(ann)).rejects.toBeInstanceOf(TransientError)
    after(MOST_STALE_MS + 2 * FRESH_MS)
    await expect(personOf(ann)).rejects.toBeInstanceOf(TransientError)
    put(ann)
    after(MOST_STALE_MS + 3 * FRESH_MS)
    expect(await personOf(ann)).toBe('ann')
  })

  it('stays in force also where nobody had said a word for long', async () => {
    expect(await personOf(ann)).toBe('ann')
    writeFileSync(file, 'damaged')
    after(10 * MOST_STALE_MS)
    expect(await personOf(ann)).toBe('ann')
  })

  it('that was there again in between is given as long anew', async () => {
    expect(await personOf(ann)).toBe('ann')
    writeFileSync(file, 'damaged')
    after(FRESH_MS)
    expect(await personOf(ann)).toBe('ann')
    put(ann)
    after(2 * FRESH_MS)
    expect(await personOf(ann)).toBe('ann')
    writeFileSync(file, 'damaged')
    after(MOST_STALE_MS + FRESH_MS)
    expect(await personOf(ann)).toBe('ann')
  })

  it('is refused at the start where it is wrong', async () => {
    writeFileSync(file, 'damaged')
    await expect(keys.read()).rejects.toBeInstanceOf(RefusedError)
  })
})
