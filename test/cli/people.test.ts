/** Words of people at the door of enforcement: who is heard, and how soon a kill switch holds. */
import { describe, expect, it } from 'vitest'
import { loadBundle } from '../../src/cli/compose/bundle.ts'
import { EmbeddedPlatform } from '../../src/cli/compose/embedded-platform.ts'
import { enforcementTopology } from '../../src/cli/compose/enforcement.ts'
import { signedWords } from '../../src/cli/compose/signed-words.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import type { Decision } from '../../src/domain/case.ts'
import type { Control } from '../../src/domain/control.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { NO_DELAY } from '../../src/enforce/delay.ts'
import { Switches } from '../../src/enforce/switches.ts'
import { KeySource } from '../../src/sign/key-source.ts'
import { newKey } from '../../src/sign/new-key.ts'
import { signingWith } from '../../src/sign/signature.ts'
import { accountState, decision, HOUR, SANCTION_IDS, signalOf, T0 } from '../enforce/support/fixtures.ts'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const flows = loadFlows()
const bundle = loadBundle('topologies')

function wordOf(input: ReturnType<typeof decision>): Decision {
  if (input.kind !== 'decision') throw new Error('no decision')
  return input.decision
}

describe('a decision on its way in', () => {
  /** How enforcement decodes the decision: the reason where it is set aside. */
  async function outcome(value: Decision, keys: KeySource | null): Promise<string> {
    const codec = await embeddedCodec(flows)
    const { policy } = bundle
    const observer = { counted: () => undefined, issued: () => undefined }
    const words = signedWords(codec, keys)
    const wiring = {
      table: flows.table,
      codec,
      edition: 0,
      policy,
      words,
      switches: new Switches(),
      sanctionIds: SANCTION_IDS,
      delayShare: NO_DELAY,
      observer,
    }
    const logic = enforcementTopology(wiring).logic(0, null)
    const record: SourceRecord = {
      topic: 'abuse.decisions.v1',
      partition: 0,
      offset: 3,
      appendTimeMs: T0 + 1,
      key: Buffer.from(value.accountId),
      value: codec.encode('abuse.decisions.v1', value),
      headers: {},
    }
    await logic.prepare([record])
    const decoded = logic.decode(record)
    return decoded.outcome === 'rejected' ? decoded.rejection.reason : decoded.outcome
  }

  it('is heard where a known key signed it, and set aside with the reason where not', async () => {
    const { privateKey, publicKey } = await newKey('ann', null)
    const file = join(mkdtempSync(join(tmpdir(), 'signers-')), 'signers.json')
    writeFileSync(file, JSON.stringify({ keys: [publicKey] }))
    const keys = new KeySource(file, new ManualClock(T0))
    const unsigned = wordOf(decision('reject', 'ann'))
    const signed = await (await signingWith(JSON.stringify(privateKey))).sign(unsigned)
    expect(await outcome(signed, keys)).toBe('event')
    expect(await outcome(unsigned, keys)).toBe('unsigned')
    expect(await outcome({ ...signed, kind: 'terminate' }, keys)).toBe('badSignature')
    expect(await outcome(signed, null)).toBe('unknownSigner')
  })
})

describe('a kill switch on the control topic', () => {
  const CLAUSE = 'fair-use.scraping'
  const engaged = (version: number, on: boolean): Control => ({
    id: `killSwitch/clause/${CLAUSE}`,
    version,
    issuedBy: 'ann',
    issuedAtMs: T0,
    reason: 'it fires on everybody',
    expiresAtMs: T0 + 10 * HOUR,
    policy: null,
    killSwitch: { stops: 'clause', target: CLAUSE, engaged: on },
    list: null,
    signature: null,
  })

  it('stops at once what comes after it, and lets run again', async () => {
    const hashKey = { id: 'k1', secret: Buffer.from('a key for tests alone') }
    const platform = await EmbeddedPlatform.start({ flows, bundle, hashKey, classifier: null, startMs: T0 })
    const accuse = (accountId: string, atMs: number): void => {
      const state = accountState({ accountId })
      if (state.kind === 'accountState') platform.append('accounts.state.v1', state.state, atMs)
      const actor = { accountId, level: 'account', id: accountId } as const
      platform.append('abuse.signals.v1', signalOf({ actor, atMs }), atMs)
    }
    const sanctioned = async (): Promise<readonly string[]> =>
      (await platform.taken('abuse.sanctions.v1')).map(({ accountId }) => accountId)
    accuse('before', T0)
    await platform.advance(T0 + 1_000)
    platform.append('bailiff.control.v1', engaged(1, true), T0 + 1_000)
    accuse('during', T0 + 1_001)
    await platform.advance(T0 + 2_000)
    expect(await sanctioned()).toEqual(['before'])
    platform.append('bailiff.control.v1', engaged(2, false), T0 + 3_000)
    accuse('after', T0 + 3_001)
    await platform.advance(T0 + 4_000)
    expect(await sanctioned()).toEqual(['after'])
    await platform.stop()
  })
})
