/** Whose word counts: only what a known key signed, over this record, in time, in the name of the key's own person. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Decision } from '../../src/domain/case.ts'
import { RefusedError } from '../../src/engine/errors.ts'
import { readKeySet, type Signer } from '../../src/sign/key-set.ts'
import { newKey, type NewKey } from '../../src/sign/new-key.ts'
import { refusalOfWord, signingWith } from '../../src/sign/signature.ts'

const NOW = Date.UTC(2026, 10, 26)
const HOUR = 3_600_000

const DECISION: Decision = {
  id: 'decision-1',
  accountId: 'acc-1',
  caseId: 'case-1',
  sanctionId: null,
  kind: 'terminate',
  decidedBy: 'ann',
  decidedAtMs: NOW,
  reason: 'looked into it',
  sawContent: true,
  refund: null,
  narrowToScope: null,
  narrowToTarget: null,
  snooze: null,
  signature: null,
}

describe("a person's word", () => {
  let [ann, ben]: NewKey[] = []
  let signers: ReadonlyMap<string, Signer>
  const keyOf = (key: NewKey | undefined): string => JSON.stringify(key?.privateKey)

  beforeAll(async () => {
    ann = await newKey('ann', NOW + 10 * HOUR)
    ben = await newKey('ben', null)
    signers = await setOf(ann, ben)
  })

  async function setOf(...keys: readonly NewKey[]): Promise<ReadonlyMap<string, Signer>> {
    return readKeySet(JSON.stringify({ keys: keys.map(({ publicKey }) => publicKey) }), 'keys.json')
  }

  async function signed(by: NewKey | undefined, decision = DECISION): Promise<Decision> {
    return (await signingWith(keyOf(by))).sign(decision)
  }

  async function reasonFor(value: Decision, heardAtMs = NOW + 1): Promise<string | null> {
    const word = { value, claimedBy: value.decidedBy, saidAtMs: value.decidedAtMs, heardAtMs }
    return (await refusalOfWord(word, async (keyId) => signers.get(keyId)))?.reason ?? null
  }

  it('counts where a known key signed it', async () => {
    expect(await reasonFor(await signed(ann))).toBeNull()
  })

  it('does not count unsigned', async () => {
    expect(await reasonFor(DECISION)).toBe('unsigned')
  })

  it('does not count where anything in it was changed afterwards', async () => {
    const word = await signed(ann)
    for (const changed of [
      { reason: 'another' },
      { accountId: 'acc-2' },
      { kind: 'refer' },
      { sawContent: false },
      { caseId: null },
    ] as const)
      expect(await reasonFor({ ...word, ...changed })).toBe('badSignature')
    const [header, , mac] = (word.signature ?? '').split('.')
    expect(await reasonFor({ ...word, signature: `${header}..${mac}` })).toBe('badSignature')
    expect(await reasonFor({ ...word, signature: 'no JWS' })).toBe('badSignature')
  })

  it('counts where it was signed before there were snoozes', async () => {
    const { snooze, ...before } = DECISION
    const word = await (await signingWith(keyOf(ann))).sign(before)
    expect(await reasonFor({ ...word, snooze })).toBeNull()
    const snoozed = { ...word, snooze: { detectorId: null, untilMs: NOW } }
    expect(await reasonFor(snoozed)).toBe('badSignature')
  })

  it('counts where it was signed before there were lists, and not where one was slipped in', async () => {
    const word = await signed(ann)
    const without = { ...word, list: null }
    const slippedIn = { ...word, list: { name: 'partners', accountIds: [] } }
    expect(await reasonFor(without)).toBeNull()
    expect(await reasonFor(slippedIn)).toBe('badSignature')
  })

  it('does not count under an algorithm that asks for no key', async () => {
    const word = await signed(ann)
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: ann?.publicKey.kid })).toString('base64url')
    const [, payload] = (word.signature ?? '').split('.')
    expect(await reasonFor({ ...word, signature: `${header}.${payload}.` })).toBe('badSignature')
  })

  it('counts for the person of the key, not for a claimed name', async () => {
    expect(await reasonFor(await signed(ben))).toBe('notItsSigner')
  })

  it('does not count by a key that nobody knows', async () => {
    expect(await reasonFor(await signed(await newKey('ann', null)))).toBe('unknownSigner')
  })

  it('expires after a day, and with its key', async () => {
    expect(await reasonFor(await signed(ben, { ...DECISION, decidedBy: 'ben' }), NOW + 25 * HOUR)).toBe(
      'expiredSignature',
    )
    expect(await reasonFor(await signed(ann), NOW + 11 * HOUR)).toBe('expiredSignature')
    expect(await reasonFor(await signed(ann), NOW - HOUR)).toBe('expiredSignature')
  })

  it('counts to the end of its day, from a clock that is five minutes ahead, and while its key signs', async () => {
    const DAY = 24 * HOUR
    const ofBen = await signed(ben, { ...DECISION, decidedBy: 'ben' })
    const times = [-5 * 60_000 - 1, -5 * 60_000, DAY, DAY + 1].map((ms) => reasonFor(ofBen, NOW + ms))
    expect(await Promise.all(times)).toEqual(['expiredSignature', null, null, 'expiredSignature'])

    const from = { ...ann?.publicKey, nbf: NOW / 1_000 + 3_600, exp: NOW / 1_000 + 7_200 }
    const later = await readKeySet(JSON.stringify({ keys: [from] }), 'keys.json')
    const word = await signed(ann)
    const heard = async (heardAtMs: number) => {
      const said = { value: word, claimedBy: 'ann', saidAtMs: NOW, heardAtMs }
      return (await refusalOfWord(said, async (keyId) => later.get(keyId)))?.reason ?? null
    }
    const atMs = [HOUR - 1, HOUR, 2 * HOUR - 1, 2 * HOUR].map((ms) => heard(NOW + ms))
    expect(await Promise.all(atMs)).toEqual(['expiredSignature', null, null, 'expiredSignature'])
  })

  it('is of one person, whichever of their keys signed it, and under whichever id (K2)', async () => {
    const renamed = { ...ann?.publicKey, kid: 'of last year' }
    const set = await readKeySet(JSON.stringify({ keys: [ann?.publicKey, renamed] }), 'keys.json')
    expect([...set.values()].map(({ person }) => person)).toEqual(['ann', 'ann'])
  })

  it('is only taken from public keys that name their person, each once', async () => {
    const set = (...keys: readonly unknown[]) => readKeySet(JSON.stringify({ keys }), 'keys.json')
    await expect(set(ann?.privateKey)).rejects.toThrow(/keys\.0\.d: is private/)
    await expect(set({ ...ann?.publicKey, sub: '' })).rejects.toThrow(/keys\.0\.sub: names the person/)
    await expect(set(ann?.publicKey, ann?.publicKey)).rejects.toThrow(/given twice/)
    const copied = { ...ann?.publicKey, kid: 'another', sub: 'ben' }
    await expect(set(ann?.publicKey, copied)).rejects.toThrow(/another person has the same key/)
    await expect(readKeySet('nothing', 'keys.json')).rejects.toBeInstanceOf(RefusedError)
  })
})
