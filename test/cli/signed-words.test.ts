/** Whose word counts on each topic that people write to: nobody's that is not signed (P10). */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { signedWords } from '../../src/cli/compose/signed-words.ts'
import { embeddedCodec, loadFlows } from '../../src/codec/schema-files.ts'
import { ManualClock } from '../../src/domain/clock.ts'
import type { SourceRecord } from '../../src/engine/record.ts'
import { KeySource } from '../../src/sign/key-source.ts'
import { newKey } from '../../src/sign/new-key.ts'
import { signingWith } from '../../src/sign/signature.ts'
import { SAMPLES } from '../codec/samples.ts'

const codec = await embeddedCodec(loadFlows())
const key = await newKey('ann', null)
const signing = await signingWith(JSON.stringify(key.privateKey))
const file = join(mkdtempSync(join(tmpdir(), 'signers-')), 'signers.json')
writeFileSync(file, JSON.stringify({ keys: [key.publicKey] }))

const NOW_MS = SAMPLES['bailiff.control.v1'].issuedAtMs
const CONTROL = { ...SAMPLES['bailiff.control.v1'], issuedBy: 'ann', signature: null }
const DECISION = { ...SAMPLES['abuse.decisions.v1'], decidedBy: 'ann', decidedAtMs: NOW_MS, signature: null }

function recordOf(topic: string, value: Buffer | null): SourceRecord {
  return { topic, partition: 0, offset: 0, appendTimeMs: NOW_MS, key: null, value, headers: {} }
}

async function refusalOf(record: SourceRecord, keys: KeySource | null): Promise<string | null> {
  const words = signedWords(codec, keys)
  await words.prepare([record])
  return words.refusalOf(record)?.reason ?? null
}

describe('a word', () => {
  const keys = new KeySource(file, new ManualClock(NOW_MS))

  it('on the control topic counts where its person signed it, and for nothing where not', async () => {
    const encoded = (value: typeof CONTROL) =>
      recordOf('bailiff.control.v1', codec.encode('bailiff.control.v1', value))
    const signed = await signing.sign(CONTROL)
    expect(await refusalOf(encoded(signed), keys)).toBeNull()
    expect(await refusalOf(encoded(CONTROL), keys)).toBe('unsigned')
    expect(await refusalOf(encoded({ ...signed, reason: 'another' }), keys)).toBe('badSignature')
    expect(await refusalOf(encoded(await signing.sign({ ...CONTROL, issuedBy: 'ben' })), keys)).toBe(
      'notItsSigner',
    )
    expect(await refusalOf(encoded(signed), null)).toBe('unknownSigner')
  })

  it('of a decision counts as much', async () => {
    const encoded = (value: typeof DECISION) =>
      recordOf('abuse.decisions.v1', codec.encode('abuse.decisions.v1', value))
    expect(await refusalOf(encoded(await signing.sign(DECISION)), keys)).toBeNull()
    expect(await refusalOf(encoded(DECISION), keys)).toBe('unsigned')
  })

  it('that cannot be read, and what is none, are left to whoever decodes them', async () => {
    expect(await refusalOf(recordOf('bailiff.control.v1', null), keys)).toBeNull()
    expect(await refusalOf(recordOf('abuse.decisions.v1', Buffer.from('nothing')), keys)).toBeNull()
    expect(await refusalOf(recordOf('abuse.appeals.v1', Buffer.from('nothing')), keys)).toBeNull()
  })
})
